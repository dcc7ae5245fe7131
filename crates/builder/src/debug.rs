//! Notes of failed steps, and a shell where they failed.

use std::fs;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use wharf_sandbox::{BuildIds, Exit, Limits, Network, Running, Security, Step, Tree};

use crate::error::{Attempt, BuildError, Result};
use crate::folder::BuilderFolder;
use crate::plan::Node;
use crate::state::{Hold, PendingSnapshot, StateFolder};

/// Where a build failed: the state before the step, and how the step was started.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct FailedStep {
    /// What the step was called.
    pub(crate) name: String,
    /// Folders of the state after the last good step, top first.
    pub(crate) below: Vec<PathBuf>,
    pub(crate) argv: Vec<String>,
    pub(crate) env: Vec<(String, String)>,
    pub(crate) cwd: String,
    pub(crate) user: Option<String>,
    pub(crate) hostname: String,
    pub(crate) hosts: Vec<(String, std::net::IpAddr)>,
    pub(crate) network: Network,
    pub(crate) security: Security,
    pub(crate) limits: Limits,
}

impl FailedStep {
    /// Variables from secrets are left out: nothing of them may lie on a disk.
    pub(crate) fn new(step: &Step, below: &[PathBuf], node: &Node) -> Self {
        let env = match &node.op {
            crate::plan::Op::Run(op) => op.env.clone(),
            _ => Vec::new(),
        };
        // A person thinks longer than a step may run.
        let limits = Limits {
            timeout: None,
            ..step.limits.clone()
        };
        Self {
            name: node.name.clone(),
            below: below.to_vec(),
            argv: step.argv.clone(),
            env,
            cwd: step.cwd.clone(),
            user: step.user.clone(),
            hostname: step.hostname.clone(),
            hosts: step.hosts_entries.clone(),
            network: step.network.clone(),
            security: step.security,
            limits,
        }
    }

    pub(crate) fn save(&self, state: &StateFolder, build: &str) -> io::Result<()> {
        let bytes = serde_json::to_vec(self).map_err(io::Error::from)?;
        state.write_file(&note_path(&state.part("builds"), build), &bytes)
    }

    fn load(path: &Path) -> Option<Self> {
        serde_json::from_slice(&fs::read(path).ok()?).ok()
    }

    fn is_there(&self) -> bool {
        self.below.iter().all(|folder| folder.is_dir())
    }

    /// Removes notes of states that are gone.
    pub(crate) fn remove_dead(state: &StateFolder) -> io::Result<()> {
        for entry in fs::read_dir(state.part("builds"))? {
            let path = entry?.path();
            if !Self::load(&path).is_some_and(|note| note.is_there()) {
                fs::remove_file(path)?;
            }
        }
        Ok(())
    }

    fn to_step(&self, root: Tree, command: &[String], terminal: Option<OwnedFd>) -> Step {
        let shell = ["/bin/sh".to_owned()];
        let argv = if command.is_empty() { &shell } else { command };
        let mut step = Step::new(root, argv.iter().cloned());
        step.env.clone_from(&self.env);
        step.cwd.clone_from(&self.cwd);
        step.user.clone_from(&self.user);
        step.hostname.clone_from(&self.hostname);
        step.hosts_entries.clone_from(&self.hosts);
        step.network.clone_from(&self.network);
        step.security = self.security;
        step.limits.clone_from(&self.limits);
        step.terminal = terminal.map(Arc::new);
        step
    }
}

fn note_path(folder: &Path, build: &str) -> PathBuf {
    folder.join(format!("{build}.json"))
}

/// A shell, or another command, that runs in the state before a step that failed.
#[derive(Debug)]
pub struct Shell {
    /// The step that failed, as its build named it.
    pub step: String,
    /// What runs.
    pub running: Running,
    rest: Rest,
}

/// What has to outlive the command.
#[derive(Debug)]
struct Rest {
    _changes: PendingSnapshot,
    _ids: BuildIds,
    _hold: Hold,
}

impl Shell {
    /// Waits for the end of the command and throws away what it changed.
    ///
    /// # Errors
    /// When the sandbox broke.
    pub fn wait(self) -> Result<Exit> {
        let exit = self.running.wait();
        drop(self.rest);
        exit.map_err(|error| BuildError::sandbox("wait for the command", error))
    }
}

impl BuilderFolder {
    /// Starts `command`, or `/bin/sh` without one, where the build failed, with the step's environment, folder, user,
    /// network and limits, but without its mounts. Without a terminal its input is empty and its output goes to pipes.
    /// Nothing is pruned while it runs.
    ///
    /// `build` becomes part of a path: the caller checks that it is a plain name.
    ///
    /// # Errors
    /// A build that is not known, whose state is gone, or a command that cannot be started.
    pub fn start_shell(
        &self,
        build: &str,
        command: &[String],
        terminal: Option<OwnedFd>,
    ) -> Result<Shell> {
        let hold = self
            .state
            .hold()
            .attempt(|| "lock the builder's folder".to_owned())?;
        let note = FailedStep::load(&note_path(&self.state.part("builds"), build));
        let unknown = || BuildError::Request {
            message: format!("there is no failed build {build} to look into"),
            hint: Some(
                "Builds are forgotten with the cache they stand on; build again.".to_owned(),
            ),
        };
        let note = note.filter(FailedStep::is_there).ok_or_else(unknown)?;
        let changes = self
            .state
            .make_snapshot()
            .attempt(|| "make a snapshot".to_owned())?;
        let ids = self
            .sandbox
            .lease_ids()
            .map_err(|error| BuildError::sandbox("give the shell its ids", error))?;
        let root = Tree::writable(note.below.clone(), changes.folder());
        let step = note.to_step(root, command, terminal);
        let started = self.sandbox.start_step(&ids, &step);
        let running = started.map_err(|error| {
            BuildError::sandbox(format!("start \"{}\"", step.argv.join(" ")), error)
        })?;
        Ok(Shell {
            step: note.name,
            running,
            rest: Rest {
                _changes: changes,
                _ids: ids,
                _hold: hold,
            },
        })
    }
}
