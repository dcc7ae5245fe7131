//! One run of the program.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::{Duration, Instant},
};

use reqwest::Method;

use super::{Certificate, StartFailure, binary::find_binary, log::Log};
use crate::{
    exit::launch,
    http::{Outgoing, build_client, try_send},
};

/// A server on a loaded machine, with migrations to run, is up well within this.
const START_TIMEOUT: Duration = Duration::from_secs(60);
/// What the product promises for SIGTERM.
const TERMINATE_TIMEOUT: Duration = Duration::from_secs(30);
/// Between two looks at a condition that has no event: short against a test, long against a context switch.
const POLL: Duration = Duration::from_millis(10);

/// How to start the program, again and again on the same folder.
pub(crate) struct Launch {
    pub(crate) data_dir: PathBuf,
    pub(crate) config_file: PathBuf,
    pub(crate) admin_password: String,
    pub(crate) database: Option<String>,
    pub(crate) certificate: Option<Certificate>,
    pub(crate) environment: BTreeMap<OsString, OsString>,
    pub(crate) arguments: Vec<OsString>,
    /// Port 0 for the first start unless it is told to others, the port it got afterwards.
    pub(crate) port: u16,
    pub(crate) log: Log,
}

impl Launch {
    /// A `wharf` command with this server's environment.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(find_binary());
        // A developer's own settings must not reach a test's server.
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("WHARF_") || text.to_ascii_lowercase().ends_with("_proxy") {
                command.env_remove(name);
            }
        }
        if let Some(url) = &self.database {
            command.env("WHARF_DATABASE_URL", url);
        }
        command
            .envs(&self.environment)
            .args(arguments)
            .stdin(Stdio::null());
        command
    }

    /// Starts `wharf serve` and waits until it is ready; answers the process and its address.
    pub(crate) fn start(&mut self) -> Result<(Process, String), StartFailure> {
        let mut command = self.command(&["serve"]);
        command
            .arg("--config")
            .arg(&self.config_file)
            .arg("--data-dir")
            .arg(&self.data_dir)
            .args(["--listen", &format!("127.0.0.1:{}", self.port)])
            .args(&self.arguments)
            .env("WHARF_ADMIN_PASSWORD", &self.admin_password)
            // The test's own values go last, so that a test may take back any of the above.
            .envs(&self.environment)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = launch(command, libc::SIGKILL)
            .unwrap_or_else(|error| panic!("cannot start {}: {error}", find_binary().display()));

        let (found, address) = mpsc::channel();
        let errors = self.log.follow(child.stderr.take().expect("piped"), |_| ());
        self.log
            .follow(child.stdout.take().expect("piped"), move |line| {
                if let Some((_, url)) = line.split_once("listening on ") {
                    // Only the first address is waited for.
                    let _ = found.send(url.trim().to_owned());
                }
            });

        let deadline = Instant::now() + START_TIMEOUT;
        let url = match address.recv_timeout(START_TIMEOUT) {
            Ok(url) => url,
            Err(RecvTimeoutError::Timeout) => {
                Process { child }.kill();
                return Err(StartFailure::new(None, &self.log));
            }
            Err(RecvTimeoutError::Disconnected) => {
                let status = child.wait().expect("a child can be waited for");
                // What it said last is still on its way through the pipe.
                errors.join().expect("a reader of a pipe");
                return Err(StartFailure::new(Some(status), &self.log));
            }
        };
        self.port = url
            .rsplit_once(':')
            .and_then(|(_, port)| port.parse().ok())
            .unwrap_or_else(|| panic!("`{url}` names no port"));
        self.wait_until_ready(&mut child, &url, deadline)?;
        Ok((Process { child }, url))
    }

    fn wait_until_ready(
        &self,
        child: &mut Child,
        url: &str,
        deadline: Instant,
    ) -> Result<(), StartFailure> {
        let client = build_client(self.certificate.as_ref().map(Certificate::pem));
        let request = Outgoing::new(Method::GET, format!("{url}/readyz"));
        loop {
            let answer = try_send(&client, &request, None);
            if answer.is_ok_and(|answer| answer.status.is_success()) {
                return Ok(());
            }
            if let Some(status) = child.try_wait().expect("a child can be asked") {
                return Err(StartFailure::new(Some(status), &self.log));
            }
            if Instant::now() > deadline {
                return Err(StartFailure::new(None, &self.log));
            }
            thread::sleep(POLL);
        }
    }
}

/// A running `wharf serve`.
pub(crate) struct Process {
    child: Child,
}

impl Process {
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn signal(&self, signal: libc::c_int) {
        let pid = libc::pid_t::try_from(self.child.id()).expect("a process id");
        // SAFETY: kill takes two numbers; the child is not yet waited for, so its id is not anyone else's.
        let sent = unsafe { libc::kill(pid, signal) };
        assert_eq!(sent, 0, "cannot signal process {pid}");
    }

    pub(crate) fn kill(mut self) {
        // It may have ended by itself; what matters is that it is gone afterwards.
        let _ = self.child.kill();
        self.child.wait().expect("a child can be waited for");
    }

    pub(crate) fn terminate(mut self) -> Duration {
        let asked = Instant::now();
        self.signal(libc::SIGTERM);
        loop {
            if let Some(status) = self.child.try_wait().expect("a child can be asked") {
                assert!(status.success(), "SIGTERM ended the server with {status}");
                return asked.elapsed();
            }
            if asked.elapsed() > TERMINATE_TIMEOUT {
                self.kill();
                panic!("the server was still running {TERMINATE_TIMEOUT:?} after SIGTERM");
            }
            thread::sleep(POLL);
        }
    }
}
