//! A cell that runs: how to end it, and its end.

use std::fs::File;
use std::io::Read;
use std::net::IpAddr;
use std::os::fd::OwnedFd;

use rustix::fs::OFlags;

use crate::cgroup::CellGroup;
use crate::error::{Context, Error, Result};
use crate::helper_process::Helper;
use crate::ids::Lease;
use crate::running::Killer;
use crate::services::{Services, Sockets};
use crate::wire::{Report, Stopped};

/// Of what a cell's program wrote to standard error before it ended. It may be long; the end of it says why.
const LAST_WORDS: u64 = 64 << 10;

/// A cell whose program runs. Dropping it ends the cell.
#[derive(Debug)]
pub struct RunningCell {
    // In this order: processes, then what they used.
    helper: Helper,
    services: Services,
    errors: Option<File>,
    note: Option<String>,
    group: CellGroup,
    _lease: Option<Lease>,
}

/// How a cell ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellExit {
    /// The program's exit code, or 128 and the number of the signal.
    pub code: i32,
    /// Somebody ended it from here.
    pub was_killed: bool,
    /// What its program wrote to standard error, as far as it was kept.
    pub words: String,
}

impl RunningCell {
    pub(crate) fn await_start(
        mut helper: Helper,
        group: CellGroup,
        lease: Option<Lease>,
        note: Option<String>,
        servers: &[IpAddr],
    ) -> Result<Self> {
        let (report, fds) = helper.next_report()?;
        let Report::Ready { has_dns, .. } = report else {
            return Err(Error::refused("the cell's helper reports out of order"));
        };
        let mut fds = fds.into_iter();
        let errors = fds.next().map(open_errors).transpose()?;
        let resolver = if has_dns {
            fds.next().zip(fds.next())
        } else {
            None
        };
        let Report::Started = helper.next_report()?.0 else {
            return Err(Error::refused("the cell's helper reports out of order"));
        };
        let sockets = Sockets {
            resolver,
            agents: Vec::new(),
        };
        let services = match sockets.resolver {
            Some(_) => Services::start(sockets, servers, Vec::new())
                .context("start a thread that serves the cell")?,
            None => Services::default(),
        };
        Ok(Self {
            helper,
            services,
            errors,
            note,
            group,
            _lease: lease,
        })
    }

    /// Why steps in it have less network than they were to have, in words for a log.
    pub fn network_note(&self) -> Option<&str> {
        self.note.as_deref()
    }

    /// Something that ends it.
    pub fn killer(&self) -> Killer {
        Killer {
            control: self.helper.share_control(),
        }
    }

    /// Waits for the end of the program. Afterwards no process, mount, namespace, interface or control group of the cell
    /// is left.
    ///
    /// # Errors
    /// [`Error::HelperDied`], when somebody killed the supervisor; nothing is left then either.
    pub fn wait(mut self) -> Result<CellExit> {
        let report = self.helper.next_report();
        drop(std::mem::take(&mut self.services));
        let Report::Ended(ended) = report?.0 else {
            return Err(Error::refused("the cell's helper reports out of order"));
        };
        self.helper.finish()?;
        let mut words = Vec::new();
        if let Some(errors) = self.errors.take() {
            // Nothing can be learned from words that cannot be read.
            let _ = errors.take(LAST_WORDS).read_to_end(&mut words);
        }
        drop(self.group);
        Ok(CellExit {
            code: ended
                .code
                .unwrap_or_else(|| 128 + ended.signal.unwrap_or(libc::SIGKILL)),
            was_killed: ended.stopped == Some(Stopped::Asked),
            words: String::from_utf8_lossy(&words).trim().to_owned(),
        })
    }
}

/// Read when the cell is gone; whoever still had the other end would be waited for otherwise.
fn open_errors(fd: OwnedFd) -> Result<File> {
    rustix::fs::fcntl_setfl(&fd, OFlags::NONBLOCK).context("prepare a pipe")?;
    Ok(File::from(fd))
}
