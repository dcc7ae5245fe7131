//! The real server as a child process: start, stop, kill, restart on the same folder, read its log.
//!
//! Knows nothing of protocols; `registry`, `api` and `people` build on the addresses it gives.

mod binary;
mod builder;
mod certificate;
mod log;
mod process;
mod shared;

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

pub use builder::{ServerBuilder, StartFailure};
pub use certificate::Certificate;
pub use shared::SharedServer;

use crate::{ApiClient, Login, RegistryClient};
use process::{Launch, Process};

/// A running server. Dropping it kills the process and removes its folder; a failing test gets the end of its log.
pub struct Server {
    launch: Launch,
    process: Option<Process>,
    url: String,
    /// Held for its removal: configuration, certificate, and the data unless the caller named a folder for it.
    _folder: tempfile::TempDir,
}

impl Server {
    /// Starts a server on an empty folder, on the engine that the environment names.
    pub fn start() -> Self {
        Self::builder().start()
    }

    /// Describes a server before it starts.
    pub fn builder() -> ServerBuilder {
        ServerBuilder::default()
    }

    /// `http://127.0.0.1:PORT`; the port stays the same over restarts.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Host and port, as an image's name starts with them.
    pub fn authority(&self) -> &str {
        self.url.split_once("://").map_or("", |(_, rest)| rest)
    }

    /// The folder with everything the server keeps.
    pub fn data_dir(&self) -> &Path {
        &self.launch.data_dir
    }

    /// The database that the server was told to use; none for the embedded default.
    pub fn database_url(&self) -> Option<&str> {
        self.launch.database.as_deref()
    }

    /// The certificate that clients trust; none without TLS.
    pub fn certificate(&self) -> Option<&Certificate> {
        self.launch.certificate.as_ref()
    }

    /// The process id; panics when the server is down.
    pub fn pid(&self) -> u32 {
        self.running().pid()
    }

    /// All output so far, of every run on this folder.
    pub fn log(&self) -> String {
        self.launch.log.text()
    }

    /// Waits until the output holds `text`; panics after ten seconds.
    pub fn wait_for_log(&self, text: &str) {
        self.launch.log.wait_for(text);
    }

    /// The first admin's credentials.
    pub fn admin(&self) -> Login {
        Login::basic("admin", &self.launch.admin_password)
    }

    /// The first admin's password.
    pub fn admin_password(&self) -> &str {
        &self.launch.admin_password
    }

    /// A registry client that sends these credentials with every request (Basic, or a bearer token as it stands).
    pub fn registry(&self, login: &Login) -> RegistryClient {
        RegistryClient::new(self, login.clone())
    }

    /// A management client; every answer is checked against the server's own OpenAPI document.
    pub fn api(&self, login: &Login) -> ApiClient {
        ApiClient::new(self, login.clone())
    }

    /// Kills the process as a crash would (SIGKILL) and waits until it is gone.
    pub fn kill(&mut self) {
        self.take_running().kill();
    }

    /// Asks the process to stop (SIGTERM); panics unless it exits with 0 within 30 seconds. Answers its exit time.
    pub fn terminate(&mut self) -> std::time::Duration {
        self.take_running().terminate()
    }

    /// Sends a signal and leaves the process running (SIGHUP, SIGSTOP, …).
    pub fn signal(&self, signal: libc::c_int) {
        self.running().signal(signal);
    }

    /// Starts again on the same folder, database and port; ends the old process first (SIGTERM) if it still runs.
    pub fn restart(&mut self) {
        if self.process.is_some() {
            self.terminate();
        }
        let (process, url) = self
            .launch
            .start()
            .unwrap_or_else(|failure| panic!("no restart: {failure}"));
        self.process = Some(process);
        assert_eq!(self.url, url, "a restart keeps its address");
    }

    /// Runs another `wharf` command on the host of this server: same folder, same database, not yet started.
    pub fn command(&self, arguments: &[&str]) -> Command {
        self.launch.command(arguments)
    }

    /// Runs another `wharf` command on the host of this server to its end.
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments)
            .output()
            .unwrap_or_else(|error| panic!("cannot run wharf {arguments:?}: {error}"))
    }

    fn running(&self) -> &Process {
        self.process.as_ref().expect("the server runs")
    }

    fn take_running(&mut self) -> Process {
        self.process.take().expect("the server runs")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}", self.launch.log.tail());
        }
        if let Some(process) = self.process.take() {
            process.kill();
        }
    }
}

/// The `wharf` program under test, for commands that need no server.
pub fn find_binary() -> PathBuf {
    binary::find_binary()
}
