//! Starting the program of a cell, and waiting for everything that ends in there.

use std::convert::Infallible;
use std::ffi::CString;
use std::io;
use std::os::fd::OwnedFd;

use rustix::fs::{Mode, OFlags};
use rustix::process::{Pid, WaitOptions};

use crate::channel::Channel;
use crate::failure::{AttemptTo, Failure, Setup};
use crate::inner::execute::{DEFAULT_PATH, forget_signals};
use crate::kernel;
use crate::wire::{CellPlan, Report};

/// Our own program's path in a cell.
pub(super) const PROGRAM: &str = "/wharf";

/// Starts the program as a child, waits for its end, and ends with its code. With this process everything goes that is
/// left in its pid namespace.
pub(super) fn start(
    channel: &Channel,
    plan: &CellPlan,
    socket: &OwnedFd,
    errors: &OwnedFd,
) -> Setup<Infallible> {
    let command = Command::prepare(plan)?;
    // SAFETY: this process has one thread.
    let forked = unsafe { kernel::fork_into(0) };
    let child = forked.attempt_to("start the cell's program")?;
    let Some(child) = child else {
        let failure = match become_program(&command, socket, errors) {
            Ok(never) => match never {},
            Err(failure) => failure,
        };
        let text = serde_json::to_vec(&Report::Failed(failure)).unwrap_or_default();
        // Nobody is left to be told when this fails too.
        let _ = channel.send(&text, &[]);
        std::process::exit(1)
    };
    // Its end of every connection must be the only one, so that its end is seen.
    kernel::close_from(0, false).attempt_to("close descriptors")?;
    std::process::exit(wait_for(child.pid))
}

/// Buries children and orphans until the program itself is gone.
fn wait_for(program: Pid) -> i32 {
    loop {
        match rustix::process::wait(WaitOptions::empty()) {
            Ok(Some((pid, status))) if pid == program => {
                let signal = status.terminating_signal().map(|signal| 128 + signal);
                return status.exit_status().or(signal).unwrap_or(1);
            }
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(_) => return 1,
        }
    }
}

fn become_program(command: &Command, socket: &OwnedFd, errors: &OwnedFd) -> Setup<Infallible> {
    let null = rustix::fs::open(
        c"/dev/null",
        OFlags::WRONLY | OFlags::CLOEXEC,
        Mode::empty(),
    )
    .attempt_to("open /dev/null")?;
    rustix::stdio::dup2_stdin(socket).attempt_to("pass the cell's socket")?;
    rustix::stdio::dup2_stdout(&null).attempt_to("set the program's output")?;
    rustix::stdio::dup2_stderr(errors).attempt_to("set the program's errors")?;
    kernel::close_from(3, true).attempt_to("close descriptors on exec")?;
    forget_signals();
    Err(command.execute())
}

/// All strings of execve(2).
struct Command {
    path: CString,
    argv: Vec<CString>,
    env: Vec<CString>,
}

impl Command {
    fn prepare(plan: &CellPlan) -> Setup<Self> {
        let mut env = vec![text(&format!("PATH={DEFAULT_PATH}"))?, text("HOME=/tmp")?];
        for (name, value) in &plan.env {
            env.push(text(&format!("{name}={value}"))?);
        }
        let mut argv = vec![text("wharf")?];
        for word in &plan.words {
            argv.push(text(word)?);
        }
        Ok(Self {
            path: text(PROGRAM)?,
            argv,
            env,
        })
    }

    fn execute(&self) -> Failure {
        let pointers = |strings: &[CString]| -> Vec<_> {
            let strings = strings.iter().map(|string| string.as_ptr());
            strings.chain([std::ptr::null()]).collect()
        };
        let (argv, env) = (pointers(&self.argv), pointers(&self.env));
        // SAFETY: both arrays end with a null pointer, and all strings outlive the call.
        unsafe { libc::execve(self.path.as_ptr(), argv.as_ptr(), env.as_ptr()) };
        Failure::ProgramUnusable {
            program: PROGRAM.to_owned(),
            errno: io::Error::last_os_error()
                .raw_os_error()
                .unwrap_or(libc::EIO),
        }
    }
}

fn text(word: &str) -> Setup<CString> {
    CString::new(word).map_err(|_| Failure::refused("a word of the cell's program has a zero byte"))
}
