//! A server's or a daemon's process.
//! Refuses to leave it behind: it is killed when dropped, and by the kernel when the benchmark dies.
//! Called by `server` and by the builders that have a daemon.

use std::fs::{self, File};
use std::net::SocketAddr;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Signal, kill_process};

use crate::proc_stat::Pid;
use crate::wire::{Connection, Headers, Payload};

/// A server that needs longer to start is broken.
const START: Duration = Duration::from_secs(60);

/// Registries get 30 s to drain; what takes longer is an error.
const STOP: Duration = Duration::from_secs(40);

/// How often a condition is asked again while a server starts: the resolution of the start-up measure.
const PAUSE: Duration = Duration::from_micros(500);

pub(crate) struct Process {
    child: Child,
    log: PathBuf,
}

impl Process {
    /// # Errors
    /// The program cannot be run or its log cannot be written.
    pub(crate) fn spawn(mut command: Command, log: PathBuf) -> Result<Process> {
        let output = File::create(&log).with_context(|| log.display().to_string())?;
        command
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output);
        // SAFETY: the closure only makes one system call, which is allowed between fork and exec, and allocates nothing.
        unsafe {
            command.pre_exec(|| {
                rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
                Ok(())
            });
        }
        let child = command
            .spawn()
            .with_context(|| format!("run {:?}", command.get_program()))?;
        Ok(Process { child, log })
    }

    pub(crate) fn pid(&self) -> Pid {
        Pid(self.child.id())
    }

    /// Returns as soon as `path` is answered with 200.
    ///
    /// # Errors
    /// The process ended or was not ready within a minute; the error holds the end of its log.
    pub(crate) fn wait_until_ready(
        &mut self,
        address: SocketAddr,
        path: &str,
        headers: &Headers,
    ) -> Result<()> {
        self.wait_until(|| {
            let answer = Connection::open(address)
                .and_then(|mut c| c.exchange("GET", path, headers, &Payload::None));
            answer.is_ok_and(|answer| answer.status == 200)
        })
    }

    /// Returns as soon as `is_ready`.
    ///
    /// # Errors
    /// As [`Process::wait_until_ready`].
    pub(crate) fn wait_until(&mut self, is_ready: impl Fn() -> bool) -> Result<()> {
        let started = Instant::now();
        loop {
            if is_ready() {
                return Ok(());
            }
            if let Some(status) = self.child.try_wait()? {
                bail!("it ended with {status}: {}", self.read_log_end());
            }
            if started.elapsed() > START {
                bail!("not ready within {START:?}: {}", self.read_log_end());
            }
            thread::sleep(PAUSE);
        }
    }

    /// # Errors
    /// It had to be killed.
    pub(crate) fn stop(mut self) -> Result<()> {
        kill_process(rustix::process::Pid::from_child(&self.child), Signal::TERM)
            .context("signal the server")?;
        let started = Instant::now();
        while self.child.try_wait()?.is_none() {
            if started.elapsed() > STOP {
                bail!("still running {STOP:?} after SIGTERM");
            }
            thread::sleep(PAUSE);
        }
        Ok(())
    }

    fn read_log_end(&self) -> String {
        let log = fs::read(&self.log).unwrap_or_default();
        let start = log.len().saturating_sub(2000);
        String::from_utf8_lossy(&log[start..]).into_owned()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail only if it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str, log: PathBuf) -> Process {
        let mut command = Command::new("sh");
        command.arg("-c").arg(script);
        Process::spawn(command, log).unwrap()
    }

    #[test]
    fn early_end_is_reported_with_the_log() {
        let folder = tempfile::tempdir().unwrap();
        let mut process = shell("echo no disk >&2; exit 3", folder.path().join("log"));
        let address = "127.0.0.1:1".parse().unwrap();
        let error = process
            .wait_until_ready(address, "/", &Headers::none())
            .unwrap_err()
            .to_string();
        assert!(error.contains("no disk") && error.contains('3'), "{error}");
    }

    #[test]
    fn stop_ends_the_process() {
        let folder = tempfile::tempdir().unwrap();
        let process = shell("exec sleep 60", folder.path().join("log"));
        let stat = format!("/proc/{}/stat", process.pid().0);
        process.stop().unwrap();
        assert!(!std::path::Path::new(&stat).exists());
    }
}
