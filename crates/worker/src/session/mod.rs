//! The server's side of one worker's socket.
//!
//! A thread hears what the worker says and buries it; a task ends it when somebody wants that or its time is up. What a
//! worker says is untrusted: questions are answered only about images that this very build resolved, files are looked at
//! before they are passed on, and output is bounded here.

mod answers;
mod hearing;
mod images;
mod layers;
mod output;
mod reach;
mod watching;

use std::fs::File;
use std::os::fd::OwnedFd;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::{mpsc, watch};
use wharf_sandbox::{CellExit, RunningCell};

use self::answers::{Answer, Answerer};
use self::hearing::Hearing;
pub use self::images::{BYTES as IMAGE_BYTES, measure as measure_image};
pub(crate) use self::reach::Reach;
use self::watching::{Reason, Watching};
use crate::event::{FailureKind, Phase, WorkerEvent, WorkerFailure};
use crate::handle::{Canceler, WorkerHandle};
use crate::job::JobLimits;
use crate::link::Link;
use crate::scopes::Entered;
use crate::services::WorkerServices;
use crate::wire::ToWorker;

/// Events that may wait for the caller. Beyond, the worker waits, and in the end its steps.
pub(crate) const EVENTS: usize = 64;

/// What a session is made of.
pub(crate) struct SessionParts {
    pub(crate) cell: RunningCell,
    pub(crate) link: Arc<Link>,
    pub(crate) job: ToWorker,
    pub(crate) job_fds: Vec<OwnedFd>,
    pub(crate) services: Arc<dyn WorkerServices>,
    pub(crate) limits: JobLimits,
    pub(crate) reach: Reach,
    /// The device of the workers' folder: files from elsewhere are no layers.
    pub(crate) device: u64,
    /// Bytes of the README that were asked for.
    pub(crate) readme: Option<usize>,
    pub(crate) events: mpsc::Sender<WorkerEvent>,
    /// Clears away what a worker left that did not end by itself.
    pub(crate) clean: Box<dyn FnOnce() + Send>,
    /// Brings all caches back to their budget, when nothing of the worker is left.
    pub(crate) make_room: Box<dyn FnOnce() + Send>,
    /// The cache that it uses.
    pub(crate) entered: Entered,
}

/// Begins to speak with a worker.
pub(crate) fn open_session(
    parts: SessionParts,
    events: mpsc::Receiver<WorkerEvent>,
) -> std::io::Result<WorkerHandle> {
    let (wish, canceled) = watch::channel(false);
    let (end, gone) = watch::channel(false);
    let ended = Arc::new(Mutex::new(None));
    let outgoing = answers::start_writer(Arc::clone(&parts.link))?;
    // Only a worker that is gone already does not hear it, and that is told by its end.
    let _ = outgoing.try_send(Answer::of(parts.job).with(parts.job_fds));
    let watching = Watching {
        canceled,
        gone: gone.clone(),
        limit: parts.limits.timeout,
        outgoing: outgoing.clone(),
        killer: parts.cell.killer(),
        ended: Arc::clone(&ended),
        last_was_told: watch::Sender::new(false),
    };
    let last_was_told = watching.last_was_told.clone();
    tokio::spawn(watching.run());
    let answerer = Answerer::new(
        parts.services,
        outgoing,
        parts.reach,
        tokio::runtime::Handle::current(),
        gone.clone(),
    );
    let hearing = Hearing::new(
        answerer,
        parts.limits.log_bytes,
        parts.device,
        parts.readme,
        parts.events,
    );
    let burial = Burial {
        cell: parts.cell,
        link: parts.link,
        limits: parts.limits,
        ended,
        clean: parts.clean,
        entered: parts.entered,
    };
    let make_room = parts.make_room;
    std::thread::Builder::new()
        .name("build worker".to_owned())
        .spawn(move || {
            let has_grown = burial.run(hearing, &last_was_told);
            end.send_replace(true);
            if has_grown {
                make_room();
            }
        })?;
    Ok(WorkerHandle {
        events,
        cancel: Canceler { wish },
        gone,
    })
}

/// Everything until nothing of the worker is left.
struct Burial {
    cell: RunningCell,
    link: Arc<Link>,
    limits: JobLimits,
    ended: Arc<Mutex<Option<Reason>>>,
    clean: Box<dyn FnOnce() + Send>,
    entered: Entered,
}

impl Burial {
    /// Answers whether the cache may have grown.
    fn run(self, mut hearing: Hearing, last_was_told: &watch::Sender<bool>) -> bool {
        let heard = hearing.hear(&self.link, &self.ended, &self.limits, last_was_told);
        if heard.is_err() {
            // It speaks nonsense: whatever it is by now, it is not our worker.
            self.cell.killer().kill();
        }
        self.link.finish_sending();
        let exit = self.cell.wait();
        let ended_well = matches!(&exit, Ok(exit) if exit.code == 0 && !exit.was_killed);
        if !ended_well {
            (self.clean)();
        }
        if let Ok(exit) = &exit
            && !ended_well
            && !exit.words.is_empty()
        {
            tracing::warn!(words = %exit.words, "a build worker ended badly");
        }
        if hearing.needs_last_word() {
            let reason = self.ended.lock().take();
            let failure = explain_loss(reason, &exit, heard.err(), &self.limits, hearing.phase());
            hearing.tell(WorkerEvent::Failed(failure));
        }
        drop(self.entered);
        !ended_well || hearing.has_run_steps()
    }
}

fn explain_loss(
    reason: Option<Reason>,
    exit: &wharf_sandbox::Result<CellExit>,
    nonsense: Option<std::io::Error>,
    limits: &JobLimits,
    phase: Phase,
) -> WorkerFailure {
    let (kind, message) = match (reason, nonsense) {
        (Some(Reason::Canceled), _) => (FailureKind::Canceled, "canceled".to_owned()),
        (Some(Reason::TimedOut), _) => (FailureKind::TimedOut, say_timeout(limits)),
        (None, Some(error)) => (
            FailureKind::WorkerLost,
            format!("the build worker does not follow the protocol: {error}"),
        ),
        (None, None) => {
            let end = match exit {
                Ok(exit) => format!("exit code {}", exit.code),
                Err(error) => error.to_string(),
            };
            let message = format!("the build worker ended without a word ({end})");
            (FailureKind::WorkerLost, message)
        }
    };
    WorkerFailure {
        kind,
        phase,
        step: None,
        exit_code: None,
        message,
        hint: None,
        excerpt: None,
    }
}

pub(crate) fn say_timeout(limits: &JobLimits) -> String {
    let seconds = limits.timeout.as_secs();
    format!("the build took longer than {seconds} s (build timeout)")
}

/// A file that a worker may have, with a position of its own and for reading only.
fn open_for_reading(file: &File) -> std::io::Result<OwnedFd> {
    use std::os::fd::AsRawFd;
    Ok(File::open(format!("/proc/self/fd/{}", file.as_raw_fd()))?.into())
}
