//! The worker's own life: one job from its socket, then nothing more.
//!
//! Runs in a cell of the sandbox, as root of it. Everything that it wants from outside it asks for over the socket, whose
//! end is its own: a server that dies leaves no worker.

mod build;
mod clone;
mod desk;
mod dialer;
mod failure;
mod images;
mod outbox;
mod readme;
mod room;
mod source;

pub(crate) use self::room::WORK;

use std::fs::File;
use std::sync::Arc;

use wharf_sandbox::Channel;

use self::build::BuildLife;
use self::desk::Desk;
use crate::link::Link;
use crate::wire::{FromWorker, SourceWire, ToWorker};

/// The argument that makes the program a worker.
pub(crate) const WORD: &str = "__worker";

/// The variable with the path of the worker's own folder for what goes away with it.
pub(crate) const FOLDER_VARIABLE: &str = "TMPDIR";

/// Becomes a worker, and never returns, if this process was started as one. In `main` after the process is prepared (TLS
/// provider, allocator) and before arguments are read.
pub fn become_worker_if_asked() {
    if std::env::args_os().nth(1).is_none_or(|word| word != WORD) {
        return;
    }
    std::process::exit(match run() {
        Ok(()) => 0,
        Err(problem) => {
            // The server reads this when the worker is gone.
            eprintln!("{problem}");
            1
        }
    })
}

fn run() -> Result<(), String> {
    let link = take_socket().map_err(|error| format!("the worker has no socket: {error}"))?;
    let link = Arc::new(Link::new(link));
    let first = link.receive::<ToWorker>();
    let first = first.map_err(|error| format!("cannot read the job: {error}"))?;
    let (job, fds) = match first {
        Some((ToWorker::Job(job), fds)) => (job, fds),
        Some(_) => return Err("the first message is no job".to_owned()),
        None => return Ok(()),
    };
    let runtime = tokio::runtime::Runtime::new().map_err(|error| error.to_string())?;
    let folder = std::env::var_os(FOLDER_VARIABLE).ok_or("the worker has no folder")?;
    room::open_state().map_err(|error| format!("prepare the folder: {error}"))?;
    let desk = Desk::open(link).map_err(|error| error.to_string())?;
    let result = match job.source {
        SourceWire::Remove => room::remove_all(),
        SourceWire::Clean => room::clean(job.cache_bytes).map(|bytes| {
            desk.outbox.tell(FromWorker::Measured { bytes }, Vec::new());
            desk.outbox.close();
        }),
        _ => runtime.block_on(BuildLife::new(desk, *job, folder.into()).run(fds)),
    };
    // What nobody waits for any more must not hold the end back.
    runtime.shutdown_background();
    result
}

/// The socket came as standard input.
fn take_socket() -> std::io::Result<Channel> {
    let socket = rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdin(), 3)?;
    rustix::stdio::dup2_stdin(File::open("/dev/null")?)?;
    Ok(Channel::from(socket))
}
