//! A running registry: started in its home, asked until it is ready, stopped or killed at the end.
//! Refuses to outlive the benchmark, and to be reached from other machines.
//! Called by seeding and by every measure.

pub(crate) mod distribution;
pub(crate) mod layout;
pub(crate) mod process;
pub(crate) mod wharf;

use std::net::{SocketAddr, TcpListener};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::contestant::{Contestant, Entry};
use crate::proc_stat::Pid;
use crate::wire::Headers;
use crate::work_dir::Home;
use process::Process;

/// The user who pushes and pulls. The password protects nothing: the servers listen on loopback and their data is thrown away.
pub(crate) const USERNAME: &str = "bench";
pub(crate) const PASSWORD: &str = "harbor-wall-benchmark-4711";

/// How a peer checks its callers; wharf always checks them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Door {
    Open,
    /// An htpasswd file with [`USERNAME`] and [`PASSWORD`].
    Password,
}

pub(crate) struct Server {
    pub(crate) contestant: Contestant,
    pub(crate) address: SocketAddr,
    /// From before the program was started to the first 200.
    pub(crate) ready_after: Duration,
    process: Process,
}

impl Server {
    /// Starts the program in an empty `home`; wharf then also has the user.
    ///
    /// # Errors
    /// As [`Server::start`], or the user cannot be made.
    pub(crate) fn start_fresh(entry: &Entry, home: &Home, door: Door) -> Result<Server> {
        let server = Server::start(entry, home, door)?;
        if entry.contestant == Contestant::Wharf {
            wharf::create_user(server.address)?;
        }
        Ok(server)
    }

    /// Starts the program in `home` and returns once it answers 200.
    ///
    /// # Errors
    /// The program cannot be started or does not become ready; the error ends with its log.
    pub(crate) fn start(entry: &Entry, home: &Home, door: Door) -> Result<Server> {
        Server::start_with(entry, home, door, &[])
    }

    /// The same with variables in its environment.
    ///
    /// # Errors
    /// As [`Server::start`].
    pub(crate) fn start_with(
        entry: &Entry,
        home: &Home,
        door: Door,
        environment: &[(&str, &str)],
    ) -> Result<Server> {
        let address = find_free_address()?;
        let (mut command, ready_path) = match entry.contestant {
            Contestant::Wharf => (wharf::command(entry, home, address), wharf::READY_PATH),
            Contestant::Debian | Contestant::Cncf => (
                distribution::command(entry, home, address, door)?,
                distribution::READY_PATH,
            ),
        };
        // A peer with a closed door never answers 200 to a stranger.
        let headers = match (entry.contestant, door) {
            (Contestant::Debian | Contestant::Cncf, Door::Password) => password_headers(),
            _ => Headers::none(),
        };
        command.envs(environment.iter().copied());
        let started = Instant::now();
        let mut process = Process::spawn(command, home.file("server.log"))?;
        process
            .wait_until_ready(address, ready_path, &headers)
            .with_context(|| format!("start {}", entry.contestant.name()))?;
        Ok(Server {
            contestant: entry.contestant,
            address,
            ready_after: started.elapsed(),
            process,
        })
    }

    pub(crate) fn pid(&self) -> Pid {
        self.process.pid()
    }

    /// Headers that let the user into `scopes` (`repository:NAME:ACTIONS`): a fresh token for wharf, nothing for peers.
    ///
    /// # Errors
    /// The token is refused.
    pub(crate) fn log_in(&self, scopes: &[&str]) -> Result<Headers> {
        match self.contestant {
            Contestant::Wharf => wharf::fetch_token(self.address, scopes),
            Contestant::Debian | Contestant::Cncf => Ok(Headers::none()),
        }
    }

    /// Asks the server to end and waits for it.
    ///
    /// # Errors
    /// It has not ended after its time for draining.
    pub(crate) fn stop(self) -> Result<()> {
        self.process
            .stop()
            .with_context(|| format!("stop {}", self.contestant.name()))
    }
}

/// The user's name and password as a Basic header.
pub(crate) fn password_headers() -> Headers {
    basic_headers(USERNAME, PASSWORD)
}

pub(crate) fn basic_headers(username: &str, password: &str) -> Headers {
    let encoded = BASE64.encode(format!("{username}:{password}"));
    Headers::none().with("Authorization", &format!("Basic {encoded}"))
}

/// A loopback address that was free a moment ago; chosen here so that readiness can be asked for from the first moment.
pub(crate) fn find_free_address() -> Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").context("find a free port")?;
    Ok(listener.local_addr()?)
}
