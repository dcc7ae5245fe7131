//! Who signs for steps with `--ssh`: agents that run already, and one of this build's own for each list of private keys.
//!
//! wharf itself reads no private key. The machine's `ssh-agent` holds it and `ssh-add` asks for its passphrase.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader};
use std::os::unix::fs::FileTypeExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal};
use tempfile::TempDir;

use super::options::SshSource;
use crate::failure::Failure;
use crate::session::Session;

/// An agent listens within milliseconds; one that takes longer will never.
const START: Duration = Duration::from_secs(10);

/// Sockets by id, and the agents behind them that end with this.
#[derive(Default)]
pub(super) struct Agents {
    pub(super) sockets: BTreeMap<String, PathBuf>,
    own: Vec<KeyAgent>,
}

/// Opens all of them: a build that finds out in its last step has wasted the others.
///
/// # Errors
/// What is named is neither a socket nor a key that `ssh-add` takes.
pub(super) fn open_agents(session: &Session, sources: &[SshSource]) -> Result<Agents, Failure> {
    let mut agents = Agents::default();
    for SshSource { id, paths } in sources {
        let is_socket = |path: &Path| {
            let found = path.metadata();
            found.is_ok_and(|found| found.file_type().is_socket())
        };
        let socket = match &paths[..] {
            [path] if is_socket(path) => path.clone(),
            keys => {
                let agent = KeyAgent::start(session, id, keys)?;
                let socket = agent.socket();
                agents.own.push(agent);
                socket
            }
        };
        agents.sockets.insert(id.clone(), socket);
    }
    Ok(agents)
}

/// What an agent lives for: a program that tells who the agent is, and lives until its input ends, hence no longer than
/// this process, however that ends. The agent looks for it every few seconds.
const LIFELINE: &str = "echo $SSH_AGENT_PID; exec cat";

/// An agent with keys of its own.
struct KeyAgent {
    folder: TempDir,
    lifeline: Child,
    process: Option<Pid>,
}

impl KeyAgent {
    fn start(session: &Session, id: &str, keys: &[PathBuf]) -> Result<Self, Failure> {
        for key in keys {
            if !key.is_file() {
                let path = key.display().to_string();
                let parameters = [("id", id), ("path", path.as_str())];
                let message = session.text("cli.build.ssh_no_source", &parameters);
                let hint = session.text("cli.build.ssh_no_source_hint", &[]);
                return Err(Failure::usage(message).with_hint(hint));
            }
        }
        let agent = Self::run().map_err(|error| {
            let message = session.text("cli.build.ssh_agent_failed", &[("id", id)]);
            let hint = session.text("cli.build.ssh_agent_failed_hint", &[]);
            Failure::new(message).caused_by(&error).with_hint(hint)
        })?;
        for key in keys {
            let path = key.display().to_string();
            let refuse = || {
                let parameters = [("id", id), ("path", path.as_str())];
                Failure::new(session.text("cli.build.ssh_key_refused", &parameters))
                    .with_hint(session.text("cli.build.ssh_key_refused_hint", &[]))
            };
            if !agent.add(key).map_err(|error| refuse().caused_by(&error))? {
                return Err(refuse());
            }
        }
        Ok(agent)
    }

    fn run() -> io::Result<Self> {
        // Nobody else can look into it.
        let folder = tempfile::Builder::new().prefix("wharf-ssh-").tempdir()?;
        let lifeline = Command::new("ssh-agent")
            .arg("-a")
            .arg(folder.path().join("agent"))
            .args(["sh", "-c", LIFELINE])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut agent = Self {
            folder,
            lifeline,
            process: None,
        };
        let mut line = String::new();
        if let Some(told) = agent.lifeline.stdout.take() {
            BufReader::new(told).read_line(&mut line)?;
        }
        agent.process = line.trim().parse().ok().and_then(Pid::from_raw);
        let end = Instant::now() + START;
        loop {
            match UnixStream::connect(agent.socket()) {
                Ok(_) => return Ok(agent),
                Err(error) if Instant::now() > end => return Err(error),
                Err(_) => std::thread::sleep(Duration::from_millis(2)),
            }
        }
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("agent")
    }

    /// `ssh-add` asks for the passphrase, and says what it does not like, on the terminal.
    fn add(&self, key: &Path) -> io::Result<bool> {
        let status = Command::new("ssh-add")
            .args(["-q", "--"])
            .arg(key)
            .env("SSH_AUTH_SOCK", self.socket())
            .status()?;
        Ok(status.success())
    }
}

impl Drop for KeyAgent {
    fn drop(&mut self) {
        // It is still who it was: what it lives for has not ended.
        if let Some(process) = self.process {
            let _ = rustix::process::kill_process(process, Signal::TERM);
        }
        drop(self.lifeline.stdin.take());
        let _ = self.lifeline.wait();
    }
}
