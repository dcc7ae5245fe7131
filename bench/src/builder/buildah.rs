//! `buildah build --isolation chroot && buildah push`: no daemon, storage of its own with the overlay driver.
//! Refuses to build without layers, which would be faster once but would leave nothing to find again.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result};

use super::{BuilderEntry, Job, Workshop, prepare_command};
use crate::work_dir::Home;

pub(super) struct Buildah {
    entry: BuilderEntry,
    home: Home,
}

impl Buildah {
    /// # Errors
    /// Its settings cannot be written.
    pub(super) fn open(entry: &BuilderEntry, home: &Home) -> Result<Buildah> {
        let accept_all = r#"{"default": [{"type": "insecureAcceptAnything"}]}"#;
        fs::write(home.file("policy.json"), accept_all)
            .and_then(|()| fs::create_dir_all(home.data().join("tmp")))
            .context("write buildah's settings")?;
        Ok(Buildah {
            entry: entry.clone(),
            home: home.clone(),
        })
    }

    fn prepare(&self, subcommand: &str) -> Command {
        let mut command = prepare_command(&self.entry.client, &self.home);
        command
            .env("TMPDIR", self.home.data().join("tmp"))
            .env("XDG_RUNTIME_DIR", self.home.data().join("tmp"))
            .arg("--root")
            .arg(self.home.data().join("storage"))
            .arg("--runroot")
            .arg(self.home.data().join("run"))
            .args(["--storage-driver", "overlay", subcommand])
            .args(["--tls-verify=false", "--signature-policy"])
            .arg(self.home.file("policy.json"));
        command
    }
}

impl Workshop for Buildah {
    fn plan(&self, job: &Job<'_>) -> Vec<Command> {
        let mut build = self.prepare("build");
        build
            .args(["--isolation", "chroot", "--layers"])
            .args(["--build-arg", &job.base_argument(), "--tag", job.image])
            .arg("--file")
            .arg(&job.workload.dockerfile)
            .arg(&job.workload.context);
        let mut push = self.prepare("push");
        push.arg(job.image);
        vec![build, push]
    }

    fn close(self: Box<Self>) -> Result<()> {
        Ok(())
    }
}
