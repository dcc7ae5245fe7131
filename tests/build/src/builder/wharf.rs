//! The program under test: `wharf build`.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use super::{Answer, Builder, Output, Request};
use crate::run::run_command;
use crate::serve::Server;

/// `wharf build`, each case with a state directory of its own: keys know no times, so one that met another one's results
/// would find other times in them. (`--no-cache` would do that as well, but it also empties cache mounts.)
#[derive(Debug)]
pub struct Wharf {
    program: PathBuf,
    config: PathBuf,
}

impl Wharf {
    /// Writes a configuration to `folder`: Docker Hub's images come from the run's own registry.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn prepare(program: &Path, folder: &Path, server: &Server) -> Result<Self> {
        let config = folder.join("wharf.toml");
        std::fs::write(
            &config,
            format!(
                "[registries.\"docker.io\"]\nmirrors = [\"http://{}\"]\n",
                server.address()
            ),
        )?;
        Ok(Self {
            program: program.to_owned(),
            config,
        })
    }
}

impl Builder for Wharf {
    fn name_version(&self) -> Result<String> {
        Ok(
            run_command(Command::new(&self.program).arg("--version"), None)?
                .stdout
                .trim()
                .to_owned(),
        )
    }

    fn run_build(&self, request: &Request) -> Result<Answer> {
        let mut command = Command::new(&self.program);
        command
            .arg("build")
            .arg("--config")
            .arg(&self.config)
            .arg("--state-dir")
            .arg(request.folder.join("state"));
        command
            .args(["--progress", "plain"])
            .current_dir(&request.folder)
            .envs(&request.env);
        command.args(&request.flags);
        match &request.output {
            Output::Local { attributes, dest } => {
                command
                    .arg("--output")
                    .arg(format!("{attributes},dest={}", dest.display()));
            }
            Output::Cache => drop(command.args(["--output", "type=cacheonly"])),
            Output::Push | Output::Printed => {}
        }
        if let Some((metadata, id)) = &request.metadata {
            command
                .arg("--metadata-file")
                .arg(metadata)
                .arg("--iidfile")
                .arg(id);
        }
        run_command(
            command.arg(&request.source),
            request.stdin.as_ref().map(|(_, bytes)| bytes.as_slice()),
        )
    }
}
