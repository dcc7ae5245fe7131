//! A program that speaks for a step with the user's own sockets, and ends with the helper whatever ends that.
//!
//! Such a program enters the step's user namespace, and with the new credentials the kernel forgets that it was to die
//! with its parent. So a process stands between: it starts the program, ties it to its own life, and is told by the
//! kernel when the helper is gone. It does nothing else and has no descriptor but for complaints.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use rustix::process::{Pid, Signal};

use crate::failure::{Attempt, AttemptTo, Setup};
use crate::kernel::{self, Child, Signals};
use crate::memory_file;

/// The program, by way of its keeper. Dropping it ends both.
pub(super) struct Speaker {
    name: String,
    keeper: Child,
    complaints: File,
}

impl Speaker {
    /// Starts it. That it could not be started is told by its end.
    pub(super) fn start(program: &Path, command: Command) -> Setup<Self> {
        let name = program
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let complaints = memory_file::create().attempt_to("make a file in memory")?;
        let helper = rustix::process::getpid();
        // SAFETY: the helper has one thread.
        let forked = unsafe { kernel::fork_into(0) };
        let forked = forked.attempt(|| format!("start a keeper of `{name}`"))?;
        let Some(keeper) = forked else {
            let code = match keep(command, &complaints, helper) {
                Ok(()) => 0,
                Err(error) => {
                    eprintln!("it cannot be started: {error}");
                    1
                }
            };
            std::process::exit(code)
        };
        Ok(Self {
            name,
            keeper,
            complaints,
        })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Readable when the program has ended.
    pub(super) fn end(&self) -> BorrowedFd<'_> {
        self.keeper.pidfd.as_fd()
    }

    /// What it said.
    pub(super) fn read_complaints(&mut self) -> String {
        let words = memory_file::read_all(&mut self.complaints, 64 << 10).unwrap_or_default();
        String::from_utf8_lossy(&words).trim().to_owned()
    }
}

impl Drop for Speaker {
    fn drop(&mut self) {
        // Both fail only when it has ended by itself. One that somebody stopped hears it too.
        for signal in [Signal::TERM, Signal::CONT] {
            let _ = rustix::process::pidfd_send_signal(&self.keeper.pidfd, signal);
        }
        let _ = kernel::reap(self.keeper.pid);
    }
}

/// The keeper's whole life.
fn keep(mut command: Command, complaints: &File, helper: Pid) -> io::Result<()> {
    let signals = Signals::of(&[libc::SIGTERM, libc::SIGCHLD]);
    signals.block()?;
    rustix::process::set_parent_process_death_signal(Some(Signal::TERM))?;
    if rustix::process::getppid() != Some(helper) {
        return Ok(());
    }
    let nothing = File::options().read(true).write(true).open("/dev/null")?;
    rustix::stdio::dup2_stdin(&nothing)?;
    rustix::stdio::dup2_stdout(&nothing)?;
    rustix::stdio::dup2_stderr(complaints)?;
    drop(nothing);
    // Whoever waits for the helper's end by one of its sockets must not wait for this process. Nothing that owns one is
    // used or dropped from here on.
    kernel::close_from(3, false)?;
    // SAFETY: one system call, which may be made between fork and exec.
    unsafe { command.pre_exec(|| Signals::of(&[]).block()) };
    let process = command.spawn()?;
    let pid = Pid::from_raw(process.id() as i32).ok_or(rustix::io::Errno::SRCH)?;
    // Where that is forbidden the program still ends with the helper, only not with a keeper that is killed as well.
    let _ = kernel::tie_child(pid);
    while !kernel::wait_for_end(pid, false)? {
        if signals.wait()? == libc::SIGTERM {
            rustix::process::kill_process(pid, Signal::KILL)?;
            kernel::wait_for_end(pid, true)?;
            break;
        }
    }
    Ok(())
}
