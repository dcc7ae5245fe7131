//! The helper process, from the caller's side.

use std::fs::File;
use std::os::fd::OwnedFd;
use std::process::Child;
use std::sync::Arc;

use crate::channel::{Channel, Message};
use crate::error::{Context, Error, Result};
use crate::memory_file;
use crate::wire::Report;

/// A helper process. Dropping it kills and reaps it.
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
    pub(crate) fn next_report(&mut self) -> Result<(Report, Vec<OwnedFd>)> {
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

    /// The same connection, for somebody who may outlive this.
    pub(crate) fn share_control(&self) -> Arc<Channel> {
        Arc::clone(&self.control)
    }

    /// Waits for the process, which has reported all.
    pub(crate) fn finish(&mut self) -> Result<()> {
        self.process
            .wait()
            .context("wait for the sandbox's helper")?;
        Ok(())
    }

    pub(crate) fn explain_death(mut self) -> Error {
        match self.next_report() {
            Err(error) => error,
            Ok(_) => self.take_death(),
        }
    }

    pub(crate) fn take_death(&mut self) -> Error {
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
