//! `kubectl`, for what needs YAML or somebody's own configuration.

use std::{
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use crate::{exit::launch, tools::find_tool};

/// The program with the configuration that it uses.
#[derive(Debug)]
pub(crate) struct Kubectl {
    program: PathBuf,
    config: PathBuf,
    /// What it learned about the server; otherwise it writes below the home of whoever runs the tests.
    cache: tempfile::TempDir,
}

impl Kubectl {
    /// For `config`; a reason where it is missing.
    pub(crate) fn find(config: &Path) -> Result<Self, String> {
        let program = find_tool("kubectl").ok_or("kubectl is not installed (make test-deps)")?;
        Ok(Self {
            program,
            config: config.to_owned(),
            cache: tempfile::tempdir().map_err(|error| error.to_string())?,
        })
    }

    /// Runs it to its end with `input`.
    pub(crate) fn run(&self, arguments: &[&str], input: &str) -> Output {
        let mut child = self
            .describe(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("kubectl starts");
        let mut stdin = child.stdin.take().expect("piped");
        stdin
            .write_all(input.as_bytes())
            .expect("kubectl reads its input");
        drop(stdin);
        child.wait_with_output().expect("kubectl ends")
    }

    /// Starts a proxy that adds whatever credentials the configuration names; answers its address. It ends with this
    /// process.
    pub(crate) fn start_proxy(&self) -> Result<String, String> {
        let mut command = self.describe(&["proxy", "--port=0"]);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut child = launch(command, libc::SIGKILL).map_err(|error| error.to_string())?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("piped"))
            .read_line(&mut line)
            .map_err(|error| error.to_string())?;
        let address = line.trim().strip_prefix("Starting to serve on ");
        match address {
            Some(address) => Ok(format!("http://{address}")),
            None => Err(format!("kubectl proxy says: {line}")),
        }
    }

    fn describe(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(arguments)
            .arg("--cache-dir")
            .arg(self.cache.path())
            .env("KUBECONFIG", &self.config);
        command
    }
}
