//! `wharf build`, with and without `--push`: no daemon, a state directory of its own.
//! Refuses to turn anything off: the steps run in their user namespace and, usually, in a network of their own.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use super::{Builder, BuilderEntry, Job, Network, Workshop, prepare_command};
use crate::work_dir::Home;

pub(super) struct Wharf {
    entry: BuilderEntry,
    home: Home,
}

impl Wharf {
    pub(super) fn open(entry: &BuilderEntry, home: &Home) -> Wharf {
        Wharf {
            entry: entry.clone(),
            home: home.clone(),
        }
    }

    fn state(&self) -> PathBuf {
        self.home.data().join("state")
    }
}

impl Workshop for Wharf {
    fn plan(&self, job: &Job<'_>) -> Vec<Command> {
        let mut command = prepare_command(&self.entry.client, &self.home);
        command
            .args(["build", "--progress", "plain", "--state-dir"])
            .arg(self.state())
            .args(["--build-arg", &job.base_argument(), "--tag", job.image])
            .arg("--file")
            .arg(&job.workload.dockerfile);
        if job.network == Network::None {
            command.args(["--network", "none"]);
        }
        if self.entry.builder == Builder::WharfPush {
            command.arg("--push");
        }
        command.arg(&job.workload.context);
        vec![command]
    }

    fn close(self: Box<Self>) -> Result<()> {
        Ok(())
    }
}
