//! The reference: a BuildKit daemon of our own, asked through `buildctl`.
//!
//! What `docker buildx` does between its flags and the daemon is done here: which option of the frontend a flag is.

mod options;
mod progress;
mod sources;

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use self::options::Options;
use self::progress::write_plain;
use self::sources::choose_context;
use super::{Answer, Builder, Request};
use crate::run::run_command;
use crate::serve::Server;

/// A running daemon; dropping it ends it. Its state is below the folder it was given.
#[derive(Debug)]
pub struct Buildctl {
    daemon: Child,
    programs: PathBuf,
    address: String,
    server: Server,
}

/// A daemon opens its socket within a second; one that takes a minute has failed.
const PATIENCE: Duration = Duration::from_secs(60);

impl Buildctl {
    /// Starts `programs/buildkitd` as root with its state in `folder`, and waits until it answers.
    ///
    /// # Errors
    /// It does not start, or does not answer in time.
    pub fn start(programs: &Path, folder: &Path, server: &Server) -> Result<Self> {
        std::fs::create_dir_all(folder)?;
        let config = folder.join("buildkitd.toml");
        let mirror = server.address();
        std::fs::write(
            &config,
            format!(
                "insecure-entitlements = [\"network.host\", \"security.insecure\"]\n\
                 [worker.oci]\nsnapshotter = \"overlayfs\"\nnetworkMode = \"host\"\nbinary = \"runc\"\n\
                 [worker.containerd]\nenabled = false\n\
                 [registry.\"docker.io\"]\nmirrors = [\"{mirror}\"]\n\
                 [registry.\"{mirror}\"]\nhttp = true\n"
            ),
        )?;
        let address = format!("unix://{}", folder.join("buildkitd.sock").display());
        let log = std::fs::File::create(folder.join("buildkitd.log"))?;
        let daemon = Command::new(programs.join("buildkitd"))
            .arg("--config")
            .arg(&config)
            .arg("--root")
            .arg(folder.join("state"))
            .args(["--addr", &address])
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .context("start buildkitd")?;
        let this = Self {
            daemon,
            programs: programs.to_owned(),
            address,
            server: server.clone(),
        };
        let started = Instant::now();
        while !this.ask(&["debug", "workers"])?.success {
            if started.elapsed() > PATIENCE {
                bail!(
                    "buildkitd does not answer; see {}",
                    folder.join("buildkitd.log").display()
                );
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(this)
    }

    fn ask(&self, arguments: &[&str]) -> Result<Answer> {
        let mut command = Command::new(self.programs.join("buildctl"));
        run_command(
            command.args(["--addr", &self.address]).args(arguments),
            None,
        )
    }
}

impl Drop for Buildctl {
    fn drop(&mut self) {
        let id = i32::try_from(self.daemon.id()).unwrap_or(0);
        // SAFETY: a plain call; the process is our own child and not yet waited for, so its id is still its own.
        unsafe { libc::kill(id, libc::SIGTERM) };
        let _ = self.daemon.wait();
    }
}

impl Builder for Buildctl {
    fn name_version(&self) -> Result<String> {
        let answer = run_command(
            Command::new(self.programs.join("buildkitd")).arg("--version"),
            None,
        )?;
        let version = answer
            .stdout
            .split_whitespace()
            .nth(2)
            .unwrap_or_default()
            .to_owned();
        if version.contains("unknown") {
            bail!(
                "buildkitd does not know its version: build it with -X …/version.Version (README.md)"
            );
        }
        Ok(format!("buildkitd {version}"))
    }

    // The daemon keeps what it received under a context's name and receives only differences later; a folder whose files
    // changed then keeps the time of that reception. So it forgets everything, and builds one case at a time.
    fn start_case(&self) -> Result<()> {
        let pruned = self.ask(&["prune", "--all"])?;
        if !pruned.success {
            bail!("buildctl prune: {}", pruned.stderr);
        }
        Ok(())
    }

    fn run_build(&self, request: &Request) -> Result<Answer> {
        let options = Options::read(request)?;
        let kept = request.folder.join("metadata.buildctl");
        let mut command = Command::new(self.programs.join("buildctl"));
        command
            .args(["--addr", &self.address, "build", "--progress", "rawjson"])
            .args(["--frontend", "dockerfile.v0"])
            .args(&options.arguments)
            .args(choose_context(
                request,
                options.file.as_deref(),
                &self.server,
            )?)
            .args(options.name_output(&request.output))
            .arg("--metadata-file")
            .arg(&kept)
            .current_dir(&request.folder)
            .envs(&request.env);
        let mut answer = run_command(&mut command, None)?;
        answer.stderr = write_plain(&answer.stderr);
        if let (true, Some((metadata, id))) = (answer.success, &request.metadata) {
            std::fs::copy(&kept, metadata)?;
            write_image_id(&kept, id)?;
        }
        Ok(answer)
    }
}

/// `--iidfile` is buildx's own: the config's digest where the daemon tells it.
fn write_image_id(metadata: &Path, id: &Path) -> Result<()> {
    let document: Value = serde_json::from_slice(&std::fs::read(metadata)?)?;
    let digest = ["containerimage.config.digest", "containerimage.digest"]
        .iter()
        .find_map(|key| document[key].as_str());
    Ok(std::fs::write(id, digest.unwrap_or_default())?)
}
