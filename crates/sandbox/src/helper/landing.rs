//! Where the re-executed program lands before anything else of it runs.

use std::fs::File;

use crate::channel::Channel;
use crate::job::FileJobs;
use crate::{inner, kernel};

/// The argument that makes the program a helper.
pub(crate) const WORD: &str = "__sandbox";

/// The second argument of a helper that is inside of its namespaces already.
pub(crate) const INNER_STAGE: &str = "inner";

/// Becomes the helper, and never returns, if this process was started as one. The first thing in `main`: no thread may
/// exist, and no file may be open.
///
/// `jobs` runs file jobs (see [`FileJobs`]); it is called inside the sandbox.
pub fn become_helper_if_asked(jobs: FileJobs) {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().is_none_or(|word| word != WORD) {
        return;
    }
    let is_inner = arguments.next().is_some_and(|stage| stage == INNER_STAGE);
    match take_socket() {
        Ok(channel) if is_inner => inner::resume(channel, jobs),
        Ok(channel) => super::supervisor::run(channel, jobs),
        Err(error) => {
            eprintln!("the sandbox's helper was started without its socket: {error}");
            std::process::exit(1);
        }
    }
}

/// The socket came as standard input, because that needs no code between fork and exec.
fn take_socket() -> std::io::Result<Channel> {
    kernel::close_from(3, false)?;
    let socket = rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdin(), 3)?;
    rustix::stdio::dup2_stdin(File::open("/dev/null")?)?;
    Ok(Channel::from(socket))
}
