//! `buildctl build` against a buildkitd of its own, which pushes what it built.
//! Refuses other workers than its own: runc and the overlay snapshotter, steps in the machine's network unless they have none.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use super::{BuilderEntry, Job, Network, Workshop, prepare_command};
use crate::server::process::Process;
use crate::work_dir::Home;

pub(super) struct Buildkit {
    entry: BuilderEntry,
    home: Home,
    daemon: Process,
}

impl Buildkit {
    /// # Errors
    /// The daemon does not start.
    pub(super) fn open(
        entry: &BuilderEntry,
        home: &Home,
        registry: SocketAddr,
    ) -> Result<Buildkit> {
        let program = entry
            .daemon
            .as_deref()
            .context("buildctl without buildkitd")?;
        let settings = home.file("buildkitd.toml");
        let text = format!(
            "[worker.oci]\nsnapshotter = \"overlayfs\"\nnetworkMode = \"host\"\nbinary = \"runc\"\n\
             [worker.containerd]\nenabled = false\n\
             [registry.\"{registry}\"]\nhttp = true\n"
        );
        fs::write(&settings, text).context("write buildkitd's settings")?;
        let mut command = prepare_command(program, home);
        command
            .arg("--config")
            .arg(settings)
            .arg("--root")
            .arg(home.data().join("buildkit"))
            .args(["--addr", &name_socket(home)]);
        let mut daemon = Process::spawn(command, home.file("buildkitd.log"))?;
        let is_ready = || {
            let mut probe = prepare_client(&entry.client, home);
            probe.args(["debug", "workers"]);
            let probe = probe.stdout(Stdio::null()).stderr(Stdio::null()).status();
            probe.is_ok_and(|status| status.success())
        };
        daemon.wait_until(is_ready).context("start buildkitd")?;
        Ok(Buildkit {
            entry: entry.clone(),
            home: home.clone(),
            daemon,
        })
    }
}

impl Workshop for Buildkit {
    fn plan(&self, job: &Job<'_>) -> Vec<Command> {
        let dockerfile = &job.workload.dockerfile;
        let folder = dockerfile.parent().unwrap_or(Path::new("/"));
        let mut command = prepare_client(&self.entry.client, &self.home);
        command
            .args(["build", "--progress", "plain"])
            .args(["--frontend", "dockerfile.v0"])
            .args(["--opt", &format!("build-arg:{}", job.base_argument())])
            .args(["--local", &format!("dockerfile={}", folder.display())])
            .args([
                "--local",
                &format!("context={}", job.workload.context.display()),
            ])
            .args([
                "--output",
                &format!("type=image,name={},push=true", job.image),
            ]);
        if job.network == Network::None {
            command.args(["--opt", "force-network-mode=none"]);
        }
        vec![command]
    }

    fn close(self: Box<Self>) -> Result<()> {
        self.daemon.stop().context("stop buildkitd")
    }
}

fn prepare_client(program: &Path, home: &Home) -> Command {
    let mut command = prepare_command(program, home);
    command.args(["--addr", &name_socket(home)]);
    command
}

fn name_socket(home: &Home) -> String {
    format!("unix://{}", home.file("buildkit.sock").display())
}
