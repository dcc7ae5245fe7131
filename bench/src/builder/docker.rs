//! `docker build && docker push` against a dockerd of its own, with the classic builder or the BuildKit inside it.
//! Refuses to change the machine's network: the daemon has no bridge and sets no firewall rules.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use super::{Builder, BuilderEntry, Job, Network, Workshop, prepare_command};
use crate::server::process::Process;
use crate::work_dir::Home;

pub(super) struct Docker {
    entry: BuilderEntry,
    home: Home,
    daemon: Process,
}

impl Docker {
    /// # Errors
    /// The daemon does not start.
    pub(super) fn open(entry: &BuilderEntry, home: &Home) -> Result<Docker> {
        let program = entry.daemon.as_deref().context("docker without dockerd")?;
        let mut command = prepare_command(program, home);
        let option = |name: &str, path: PathBuf| format!("--{name}={}", path.display());
        command
            .arg(option("data-root", home.data().join("docker")))
            .arg(option("exec-root", home.data().join("exec")))
            .arg(option("pidfile", home.file("docker.pid")))
            .arg(format!("--host={}", name_socket(home)))
            .args(["--bridge=none", "--iptables=false"]);
        let mut daemon = Process::spawn(command, home.file("dockerd.log"))?;
        let is_ready = || {
            let mut probe = prepare_client(&entry.client, home);
            probe.arg("version");
            let probe = probe.stdout(Stdio::null()).stderr(Stdio::null()).status();
            probe.is_ok_and(|status| status.success())
        };
        daemon.wait_until(is_ready).context("start dockerd")?;
        Ok(Docker {
            entry: entry.clone(),
            home: home.clone(),
            daemon,
        })
    }
}

impl Workshop for Docker {
    fn plan(&self, job: &Job<'_>) -> Vec<Command> {
        let buildkit = self.entry.builder == Builder::DockerBuildkit;
        let client = || {
            let mut command = prepare_client(&self.entry.client, &self.home);
            command.env("DOCKER_BUILDKIT", if buildkit { "1" } else { "0" });
            command
        };
        let network = match job.network {
            Network::Usual => "host",
            Network::None => "none",
        };
        let (mut build, mut push) = (client(), client());
        build
            .args(["build", "--network", network])
            .args(["--build-arg", &job.base_argument(), "--tag", job.image])
            .arg("--file")
            .arg(&job.workload.dockerfile);
        if buildkit {
            build.args(["--progress", "plain"]);
        }
        build.arg(&job.workload.context);
        push.args(["push", job.image]);
        vec![build, push]
    }

    fn close(self: Box<Self>) -> Result<()> {
        self.daemon.stop().context("stop dockerd")
    }
}

fn prepare_client(program: &Path, home: &Home) -> Command {
    let mut command = prepare_command(program, home);
    command.env("DOCKER_HOST", name_socket(home));
    command
}

fn name_socket(home: &Home) -> String {
    format!("unix://{}", home.file("docker.sock").display())
}
