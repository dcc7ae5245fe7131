//! A short errand inside a step's user namespace, where its files belong to somebody.
//!
//! The step does not see it: it is not in the step's pid namespace.

use std::fs::File;
use std::io::Read;
use std::os::fd::{AsFd, OwnedFd};

use rustix::io::Errno;
use rustix::process::{Pid, Signal};
use rustix::thread::{LinkNameSpaceType, Uid};

use crate::kernel;

/// A process on its errand. Dropping it kills the process.
pub(super) struct Errand {
    pid: Pid,
    pidfd: OwnedFd,
    answer: File,
}

/// Where an errand is run: the step's user namespace, or here if it has none.
pub(super) struct Place {
    pub(super) user_namespace: Option<OwnedFd>,
}

impl Place {
    pub(super) fn try_clone(&self) -> std::io::Result<Self> {
        let user_namespace = self.user_namespace.as_ref().map(OwnedFd::try_clone);
        Ok(Self {
            user_namespace: user_namespace.transpose()?,
        })
    }

    /// Starts a process that runs `task` as root inside and answers with some bytes, no more than a pipe holds.
    pub(super) fn send(&self, task: impl FnOnce() -> Vec<u8>) -> std::io::Result<Errand> {
        let (read, write) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC)?;
        // SAFETY: the supervisor has one thread.
        let child = unsafe { kernel::fork_into(0) }?;
        let Some(child) = child else {
            let done = self.enter().and_then(|()| {
                let answer = task();
                Ok(rustix::io::write(&write, &answer)?)
            });
            std::process::exit(i32::from(done.is_err()));
        };
        rustix::fs::fcntl_setfl(&read, rustix::fs::OFlags::NONBLOCK)?;
        Ok(Errand {
            pid: child.pid,
            pidfd: child.pidfd,
            answer: File::from(read),
        })
    }

    fn enter(&self) -> std::io::Result<()> {
        rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
        if let Some(namespace) = &self.user_namespace {
            rustix::thread::move_into_link_name_space(
                namespace.as_fd(),
                Some(LinkNameSpaceType::User),
            )?;
            let root = Some(Uid::ROOT);
            let group = Some(rustix::thread::Gid::ROOT);
            rustix::thread::set_thread_res_gid(group, group, group)?;
            rustix::thread::set_thread_res_uid(root, root, root)?;
        }
        Ok(())
    }
}

impl Errand {
    /// The answer, if it is there. An errand that failed answers with nothing.
    pub(super) fn poll(&mut self) -> Option<Vec<u8>> {
        let mut bytes = vec![0; 4096];
        match self.answer.read(&mut bytes) {
            Ok(length) => {
                bytes.truncate(length);
                Some(bytes)
            }
            Err(error) if error.raw_os_error() == Some(Errno::AGAIN.raw_os_error()) => None,
            Err(_) => Some(Vec::new()),
        }
    }

    /// Waits for the end.
    pub(super) fn finish(self) {
        let mut fds = [rustix::event::PollFd::new(
            &self.pidfd,
            rustix::event::PollFlags::IN,
        )];
        while rustix::event::poll(&mut fds, None) == Err(Errno::INTR) {}
    }
}

impl Drop for Errand {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = rustix::process::pidfd_send_signal(&self.pidfd, Signal::KILL);
        let _ = kernel::reap(self.pid);
    }
}
