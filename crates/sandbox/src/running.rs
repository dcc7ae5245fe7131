//! What was started: its output, its end, and how to stop it.

use std::fs::File;
use std::net::{IpAddr, TcpListener};
use std::os::fd::AsFd;
use std::path::PathBuf;
use std::sync::Arc;

use crate::cgroup::Group;
use crate::channel::Channel;
use crate::error::{Context, Error, Result};
use crate::exit::{Exit, judge};
use crate::helper_process::Helper;
use crate::memory_file;
use crate::services::{Services, Sockets};
use crate::wire::Report;

/// The longest reply of a job. Longer results belong into a descriptor that the caller passes.
const MAX_REPLY: u64 = 256 << 20;

/// Stops a step or a job from another thread.
#[derive(Debug, Clone)]
pub struct Killer {
    pub(crate) control: Arc<Channel>,
}

impl Killer {
    /// Kills all of its processes. Returns at once; `wait` tells the end. Does nothing after the end.
    pub fn kill(&self) {
        // Failing means that there is nothing left to kill.
        let _ = self.control.finish_sending();
    }
}

/// A step whose command runs. Dropping it kills the step.
#[derive(Debug)]
pub struct Running {
    helper: Helper,
    stdout: Option<File>,
    stderr: Option<File>,
    stubs: Vec<String>,
    /// Sockets inside that this process answers, until it serves them.
    sockets: Sockets,
    listeners: Vec<TcpListener>,
    services: Services,
    note: Option<String>,
    /// A program connects the step, and takes its time to end.
    lingers: bool,
    group: Group,
}

impl Running {
    /// On failure the helper ends first, so that the group is empty when it is removed.
    pub(crate) fn await_start(group: Group, mut helper: Helper) -> Result<Self> {
        let (report, fds) = helper.next_report()?;
        let Report::Ready { stubs, has_dns } = report else {
            return Err(Error::refused("the sandbox's helper reports out of order"));
        };
        let mut fds = fds.into_iter();
        let (stdout, stderr) = (fds.next().map(File::from), fds.next().map(File::from));
        // The view of the step's processes is the helper's.
        drop(fds.next());
        let resolver = if has_dns {
            fds.next().zip(fds.next())
        } else {
            None
        };
        let sockets = Sockets {
            resolver,
            agents: fds.collect(),
        };
        match helper.next_report()?.0 {
            Report::Started => Ok(Self {
                helper,
                stdout,
                stderr,
                stubs,
                sockets,
                listeners: Vec::new(),
                services: Services::default(),
                note: None,
                lingers: false,
                group,
            }),
            _ => Err(Error::refused("the sandbox's helper reports out of order")),
        }
    }

    /// The last of the sockets are not for services.
    pub(crate) fn split_off_listeners(&mut self, count: usize) {
        let first = self.sockets.agents.len().saturating_sub(count);
        let listeners = self.sockets.agents.split_off(first);
        self.listeners = listeners.into_iter().map(TcpListener::from).collect();
    }

    /// The sockets that listen in the step on [`Step::listeners`](crate::Step::listeners), in that order. Whatever connects
    /// to them is the step's. Empty when they were taken.
    pub fn take_listeners(&mut self) -> Vec<TcpListener> {
        std::mem::take(&mut self.listeners)
    }

    /// Answers the step's sockets: name queries with these servers, each agent's socket with that agent.
    pub(crate) fn serve(&mut self, servers: &[IpAddr], agents: Vec<PathBuf>) -> Result<()> {
        let sockets = std::mem::take(&mut self.sockets);
        if sockets.resolver.is_none() && sockets.agents.is_empty() {
            return Ok(());
        }
        self.services = Services::start(sockets, servers, agents)
            .context("start a thread that serves the step")?;
        Ok(())
    }

    pub(crate) fn set_network(&mut self, note: Option<String>, lingers: bool) {
        self.note = note;
        self.lingers = lingers;
    }

    /// Why the step has less network than it was to have, in words for its log.
    pub fn network_note(&self) -> Option<&str> {
        self.note.as_deref()
    }

    /// The reading end of the command's standard output. It ends when the step does. `None` when it was taken.
    pub fn take_stdout(&mut self) -> Option<File> {
        self.stdout.take()
    }

    /// The reading end of the command's standard error.
    pub fn take_stderr(&mut self) -> Option<File> {
        self.stderr.take()
    }

    /// Paths that were made in the root so that something could be mounted there; a layer leaves them out.
    ///
    /// Those that are still empty after the end are removed then, except `/proc`, `/sys` and `/dev`.
    pub fn stubs(&self) -> &[String] {
        &self.stubs
    }

    /// Something that stops the step.
    pub fn killer(&self) -> Killer {
        Killer {
            control: self.helper.share_control(),
        }
    }

    /// Waits for the end of the command. Afterwards no process, mount, namespace or control group of it is left.
    ///
    /// Only the program that connected an isolated step without root is gone a moment later: the kernel takes tens of
    /// milliseconds to remove its interface.
    ///
    /// # Errors
    /// [`Error::HelperDied`].
    pub fn wait(mut self) -> Result<Exit> {
        let (report, _) = self.helper.next_report()?;
        let Report::Ended(ended) = report else {
            return Err(Error::refused("the sandbox's helper reports out of order"));
        };
        drop(std::mem::take(&mut self.services));
        let exit = judge(&ended, &self.group.count());
        if self.lingers {
            let helper = self.helper;
            std::thread::spawn(move || drop(helper));
        } else {
            self.helper.finish()?;
        }
        Ok(exit)
    }
}

/// A file job that runs. Dropping it kills the job.
#[derive(Debug)]
pub struct RunningJob {
    helper: Helper,
    reply: File,
    channel: Option<Channel>,
}

impl RunningJob {
    pub(crate) fn new(helper: Helper, reply: File, channel: Option<Channel>) -> Self {
        Self {
            helper,
            reply,
            channel,
        }
    }

    /// The connection to the job, if it was asked for. Its end is the job's end.
    pub fn take_channel(&mut self) -> Option<Channel> {
        self.channel.take()
    }

    /// Something that stops the job.
    pub fn killer(&self) -> Killer {
        Killer {
            control: self.helper.share_control(),
        }
    }

    /// Waits for the job's result.
    ///
    /// # Errors
    /// [`Error::Job`] with what its function returned; [`Error::Setup`]; [`Error::HelperDied`], also after a kill.
    pub fn wait(mut self) -> Result<Vec<u8>> {
        drop(self.channel.take());
        match self.helper.next_report()?.0 {
            Report::JobDone => {}
            _ => return Err(self.helper.take_death()),
        }
        self.helper.finish()?;
        memory_file::read_all(&mut self.reply, MAX_REPLY).context("read the job's result")
    }
}

impl AsFd for Running {
    /// Readable when the step has ended.
    fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        self.helper.control().as_fd()
    }
}
