//! A bare repository on this machine, served over http by the program of the how-to, and a clone in which somebody works.

use std::fs;
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::server::find_free_address;
use crate::server::process::Process;
use crate::work_dir::Home;

/// What the how-to for plain git ships.
const PROGRAM: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../docs/how-to/git-http-server.py"
);

pub(super) struct Code {
    pub(super) address: SocketAddr,
    bare: PathBuf,
    tree: PathBuf,
    _server: Process,
}

impl Code {
    /// # Errors
    /// Git refuses, or the server does not come up.
    pub(super) fn serve(home: &Home) -> Result<Code> {
        let folder = home.file("git");
        let (bare, tree) = (folder.join("hello.git"), home.file("tree"));
        for path in [&bare, &tree] {
            fs::create_dir_all(path).context("a folder for git")?;
        }
        git(
            &bare,
            &["init", "--quiet", "--bare", "--initial-branch=main", "."],
        )?;
        git(&tree, &["init", "--quiet", "--initial-branch=main", "."])?;
        let address = find_free_address()?;
        let mut command = Command::new("python3");
        command.arg(PROGRAM).arg(&folder);
        command.args(["--listen", &address.to_string()]);
        let mut server = Process::spawn(command, home.file("git.log"))?;
        server
            .wait_until(|| TcpStream::connect(address).is_ok())
            .context("start the git server")?;
        let code = Code {
            address,
            bare,
            tree,
            _server: server,
        };
        fs::write(
            code.tree.join("Dockerfile"),
            "FROM scratch\nCOPY hello /hello\n",
        )?;
        code.commit("begin")?;
        code.push("main")?;
        Ok(code)
    }

    /// Commits another content and tags it.
    pub(super) fn commit(&self, tag: &str) -> Result<()> {
        fs::write(self.tree.join("hello"), format!("hello from {tag}\n"))?;
        git(&self.tree, &["add", "--all"])?;
        git(&self.tree, &["commit", "--quiet", "--message", tag])?;
        git(&self.tree, &["tag", tag])
    }

    /// Pushes a ref to the folder itself, as the how-to does.
    pub(super) fn push(&self, reference: &str) -> Result<()> {
        let bare = self.bare.to_string_lossy();
        git(&self.tree, &["push", "--quiet", &bare, reference])
    }

    /// The line that tells wharf of each push.
    pub(super) fn write_hook(&self, line: &str) -> Result<()> {
        let hook = self.bare.join("hooks/post-receive");
        fs::write(&hook, format!("#!/bin/sh\n{line}\n")).context("write the hook")?;
        fs::set_permissions(&hook, fs::Permissions::from_mode(0o755))?;
        Ok(())
    }
}

/// Git without the settings of whoever runs the benchmark.
fn git(folder: &Path, arguments: &[&str]) -> Result<()> {
    let mut command = Command::new("git");
    command
        .current_dir(folder)
        .args(["-c", "user.name=bench", "-c", "user.email=bench@localhost"])
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .stdin(Stdio::null());
    let output = command.output().context("start git")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "git {arguments:?}: {said}");
    Ok(())
}
