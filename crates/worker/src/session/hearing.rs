//! Hearing a worker out.

use std::io;
use std::os::fd::OwnedFd;

use parking_lot::Mutex;
use tokio::sync::{mpsc, watch};

use super::answers::Answerer;
use super::layers::PassedLayers;
use super::output::{Output, cut_commit, cut_failure};
use super::say_timeout;
use super::watching::Reason;
use crate::event::{FailureKind, Phase, WorkerEvent, WorkerFailure};
use crate::job::JobLimits;
use crate::link::Link;
use crate::wire::FromWorker;

/// Passes on what a worker says.
pub(super) struct Hearing {
    answerer: Answerer,
    layers: PassedLayers,
    output: Output,
    /// Bytes of the README that may be told, until it is.
    readme: Option<usize>,
    events: mpsc::Sender<WorkerEvent>,
    phase: Phase,
    is_in_phase: bool,
    has_commit: bool,
    has_bases: bool,
    has_ended: bool,
}

impl Hearing {
    pub(super) fn new(
        answerer: Answerer,
        log_bytes: u64,
        device: u64,
        readme: Option<usize>,
        events: mpsc::Sender<WorkerEvent>,
    ) -> Self {
        Self {
            answerer,
            layers: PassedLayers::new(device),
            output: Output::new(log_bytes),
            readme,
            events,
            phase: Phase::Starting,
            is_in_phase: false,
            has_commit: false,
            has_bases: false,
            has_ended: false,
        }
    }

    /// Hears until the worker has nothing more to say.
    ///
    /// # Errors
    /// What no worker of ours says.
    pub(super) fn hear(
        &mut self,
        link: &Link,
        ended: &Mutex<Option<Reason>>,
        limits: &JobLimits,
        last_was_told: &watch::Sender<bool>,
    ) -> io::Result<()> {
        while let Some((message, fds)) = link.receive::<FromWorker>()? {
            // What comes after the last word is of no use to anybody.
            if self.has_ended {
                continue;
            }
            let Some(event) = self.take(message, fds)? else {
                continue;
            };
            let event = match (event, *ended.lock()) {
                (WorkerEvent::Failed(failure), Some(Reason::TimedOut)) => {
                    WorkerEvent::Failed(WorkerFailure {
                        kind: FailureKind::TimedOut,
                        message: say_timeout(limits),
                        ..failure
                    })
                }
                (event, _) => event,
            };
            if matches!(event, WorkerEvent::Finished(_) | WorkerEvent::Failed(_)) {
                self.has_ended = true;
                last_was_told.send_replace(true);
            }
            self.tell(event);
        }
        Ok(())
    }

    fn take(&mut self, message: FromWorker, fds: Vec<OwnedFd>) -> io::Result<Option<WorkerEvent>> {
        Ok(Some(match message {
            // Each once and one after the other: whoever keeps them has as many rows as there are phases.
            FromWorker::PhaseBegan { phase, at } => {
                if self.is_in_phase || phase <= self.phase {
                    return Err(refuse("a phase out of order"));
                }
                (self.phase, self.is_in_phase) = (phase, true);
                WorkerEvent::PhaseBegan { phase, at }
            }
            FromWorker::PhaseEnded { phase, at } => {
                if phase != self.phase || !std::mem::take(&mut self.is_in_phase) {
                    return Err(refuse("a phase out of order"));
                }
                WorkerEvent::PhaseEnded { phase, at }
            }
            FromWorker::Commit(facts) => {
                if std::mem::replace(&mut self.has_commit, true) {
                    return Err(refuse("a second commit"));
                }
                WorkerEvent::Commit(cut_commit(facts))
            }
            FromWorker::Readme(text) => {
                let limit = self.readme.take();
                let length = text.as_ref().map_or(0, String::len);
                if limit.is_none_or(|limit| length > limit) {
                    return Err(refuse("a README that nobody asked for, or a longer one"));
                }
                WorkerEvent::Readme(text)
            }
            FromWorker::Bases(mut names) => {
                if std::mem::replace(&mut self.has_bases, true) {
                    return Err(refuse("images twice"));
                }
                let known = self.answerer.images();
                names.retain(|name| known.iter().any(|image| image.name == *name));
                names.sort_unstable();
                names.dedup();
                WorkerEvent::Bases(names)
            }
            FromWorker::Progress(event) => {
                return Ok(self.output.pass(event).map(WorkerEvent::Progress));
            }
            FromWorker::Measured { .. } => return Err(refuse("a measure of a build")),
            FromWorker::Layer { digest } => {
                self.layers.take(digest, fds)?;
                return Ok(None);
            }
            FromWorker::Finished { images } => {
                let bases = self.answerer.images();
                let finished = self.layers.finish(images, &bases, &self.output);
                let finished = finished.map_err(|reason| refuse(&reason))?;
                WorkerEvent::Finished(Box::new(finished))
            }
            FromWorker::Failed(failure) => {
                let failure = cut_failure(failure);
                WorkerEvent::Failed(WorkerFailure {
                    step: failure.step.or_else(|| self.output.failed_step()),
                    ..failure
                })
            }
            question @ (FromWorker::Resolve { .. }
            | FromWorker::OpenLayer { .. }
            | FromWorker::Dial { .. }) => {
                self.answerer.answer(question, self.phase)?;
                return Ok(None);
            }
        }))
    }

    /// Passes an event on, waiting for the caller. One that has left hears nothing more.
    pub(super) fn tell(&self, event: WorkerEvent) {
        let _ = self.events.blocking_send(event);
    }

    /// Whether nobody has said how the build ended.
    pub(super) fn needs_last_word(&self) -> bool {
        !self.has_ended
    }

    /// Whether the worker ran a step, or says nothing about it.
    pub(super) fn has_run_steps(&self) -> bool {
        self.output.steps != self.output.cached_steps
    }

    /// The phase that was begun last.
    pub(super) fn phase(&self) -> Phase {
        self.phase
    }
}

/// What no worker of ours says.
fn refuse(reason: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason.to_owned())
}
