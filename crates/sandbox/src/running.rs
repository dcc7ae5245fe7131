//! What was started: its output, its end, and how to stop it.

use std::fs::File;
use std::net::{IpAddr, TcpStream};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::Child;
use std::sync::Arc;
use std::time::Duration;

use crate::cgroup::{Counted, Group};
use crate::channel::{Channel, Message};
use crate::error::{Context, Error, Result};
use crate::memory_file;
use crate::network::{self, Relay, Stop, relay_datagrams};
use crate::wire::{Ended, Report, Stopped};

/// The longest reply of a job. Longer results belong into a descriptor that the caller passes.
const MAX_REPLY: u64 = 256 << 20;

/// The helper process, from the caller's side. Dropping it kills and reaps.
#[derive(Debug)]
pub(crate) struct Helper {
    process: Child,
    control: Arc<Channel>,
    complaints: File,
}

impl Helper {
    pub(crate) fn new(process: Child, control: Channel, complaints: File) -> Self {
        Self {
            process,
            control: Arc::new(control),
            complaints,
        }
    }

    pub(crate) fn control(&self) -> &Channel {
        &self.control
    }

    /// The next report; `Err` when the helper is gone or the failure it reports.
    fn next_report(&mut self) -> Result<(Report, Vec<OwnedFd>)> {
        let message = self
            .control
            .receive()
            .context("hear from the sandbox's helper")?;
        let Some(Message { bytes, fds }) = message else {
            return Err(self.take_death());
        };
        match serde_json::from_slice(&bytes)
            .map_err(std::io::Error::from)
            .context("understand the sandbox's helper")?
        {
            Report::Failed(failure) => Err(failure.into()),
            report => Ok((report, fds)),
        }
    }

    pub(crate) fn explain_death(mut self) -> Error {
        match self.next_report() {
            Err(error) => error,
            Ok(_) => self.take_death(),
        }
    }

    fn take_death(&mut self) -> Error {
        let status = match self.process.wait() {
            Ok(status) => status.to_string(),
            Err(error) => error.to_string(),
        };
        let words = memory_file::read_all(&mut self.complaints, 64 << 10).unwrap_or_default();
        let words = String::from_utf8_lossy(&words);
        let words = words.trim();
        Error::HelperDied {
            status: if words.is_empty() {
                status
            } else {
                format!("{status}: {words}")
            },
        }
    }
}

impl Drop for Helper {
    fn drop(&mut self) {
        // The helper kills everything and ends when it sees this.
        let _ = self.control.finish_sending();
        // Failing means that it was waited for already.
        let _ = self.process.wait();
    }
}

/// Stops a step or a job from another thread.
#[derive(Debug, Clone)]
pub struct Killer {
    control: Arc<Channel>,
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
    services: Services,
    note: Option<String>,
    group: Group,
}

/// Listening sockets of a step.
#[derive(Debug, Default)]
struct Sockets {
    resolver: Option<(OwnedFd, OwnedFd)>,
    agents: Vec<OwnedFd>,
}

/// Threads that answer a step's sockets. The stop comes first, then the threads end.
#[derive(Debug, Default)]
struct Services {
    keep: Option<OwnedFd>,
    relays: Vec<Relay>,
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
                services: Services::default(),
                note: None,
                group,
            }),
            _ => Err(Error::refused("the sandbox's helper reports out of order")),
        }
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

    pub(crate) fn set_network_note(&mut self, note: Option<String>) {
        self.note = note;
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
            control: Arc::clone(&self.helper.control),
        }
    }

    /// Waits for the end of the command. Afterwards no process, mount, namespace or control group of it is left.
    ///
    /// # Errors
    /// [`Error::HelperDied`].
    pub fn wait(mut self) -> Result<Exit> {
        let (report, _) = self.helper.next_report()?;
        let Report::Ended(ended) = report else {
            return Err(Error::refused("the sandbox's helper reports out of order"));
        };
        self.helper
            .process
            .wait()
            .context("wait for the sandbox's helper")?;
        drop(std::mem::take(&mut self.services));
        Ok(judge(&ended, &self.group.count()))
    }
}

impl Services {
    fn start(sockets: Sockets, servers: &[IpAddr], agents: Vec<PathBuf>) -> std::io::Result<Self> {
        let (stop, keep) = Stop::pair()?;
        let mut relays = Vec::new();
        if let Some((datagrams, connections)) = sockets.resolver {
            let (all, first) = (servers.to_vec(), servers.first().copied());
            let datagram_stop = stop.clone();
            relays.push(Relay::run("step resolver", move || {
                relay_datagrams(datagrams, &all, &datagram_stop);
            })?);
            let connect = move || {
                let server = first.ok_or(std::io::ErrorKind::NotFound)?;
                Ok(TcpStream::connect((server, network::PORT))?.into())
            };
            relays.push(Relay::accept(
                "step resolver",
                connections,
                stop.clone(),
                connect,
            )?);
        }
        for (listener, agent) in sockets.agents.into_iter().zip(agents) {
            let connect = move || Ok(UnixStream::connect(&agent)?.into());
            relays.push(Relay::accept(
                "step agent",
                listener,
                stop.clone(),
                connect,
            )?);
        }
        Ok(Self {
            keep: Some(keep),
            relays,
        })
    }
}

impl Drop for Services {
    fn drop(&mut self) {
        drop(self.keep.take());
        self.relays.clear();
    }
}

/// How a step ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exit {
    /// As a shell tells it: the exit code, or 128 and the number of the signal.
    pub code: i32,
    /// Why.
    pub reason: Reason,
    /// What it used.
    pub usage: Usage,
}

/// Why a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// By itself.
    Exited,
    /// By this signal, sent from inside.
    Signaled(i32),
    /// Through [`Killer::kill`] or because the caller went away.
    Killed,
    /// It took longer than [`Limits::timeout`](crate::Limits::timeout).
    TimedOut,
    /// It needed more than [`Limits::memory`](crate::Limits::memory).
    OutOfMemory,
    /// It failed, and starting a process beyond [`Limits::pids`](crate::Limits::pids) had failed.
    PidsExhausted,
    /// It wrote more than [`Limits::disk`](crate::Limits::disk), or more than the file system can spare.
    DiskFull,
}

/// What a step used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Processor time.
    pub cpu: Duration,
    /// Bytes of memory at its highest.
    pub peak_memory: u64,
}

/// The end as the helper saw it, with what the control group knows about it.
fn judge(ended: &Ended, counted: &Counted) -> Exit {
    let failed = ended.code != Some(0);
    let reason = match (ended.stopped, ended.signal) {
        (Some(Stopped::Asked), _) => Reason::Killed,
        (Some(Stopped::TimedOut), _) => Reason::TimedOut,
        (Some(Stopped::Memory), _) => Reason::OutOfMemory,
        (Some(Stopped::Pids), _) => Reason::PidsExhausted,
        (Some(Stopped::Disk), _) | (None, Some(libc::SIGXFSZ)) => Reason::DiskFull,
        // A shell tells so that its command died of it.
        (None, None) if ended.code == Some(128 + libc::SIGXFSZ) => Reason::DiskFull,
        (None, _) if failed && counted.out_of_memory => Reason::OutOfMemory,
        (None, _) if failed && counted.forks_refused => Reason::PidsExhausted,
        (None, Some(signal)) => Reason::Signaled(signal),
        (None, None) => Reason::Exited,
    };
    Exit {
        code: ended
            .code
            .unwrap_or_else(|| 128 + ended.signal.unwrap_or(libc::SIGKILL)),
        reason,
        usage: Usage {
            cpu: counted.cpu.unwrap_or(ended.cpu),
            peak_memory: counted.peak_memory.unwrap_or(ended.peak_memory),
        },
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
            control: Arc::clone(&self.helper.control),
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
        self.helper
            .process
            .wait()
            .context("wait for the sandbox's helper")?;
        memory_file::read_all(&mut self.reply, MAX_REPLY).context("read the job's result")
    }
}

impl AsFd for Running {
    /// Readable when the step has ended.
    fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        self.helper.control.as_fd()
    }
}
