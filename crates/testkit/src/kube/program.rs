//! One program of a control plane as a child process, with its output in a file.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
};

use crate::{exit::launch, tools::find_tool};

/// Enough of a log to see why a program ended: klog writes a line for each flag first.
const TAIL_LINES: usize = 20;

/// Where the programs are, or which of them are missing and how to get them.
pub(crate) fn find_programs() -> Result<Programs, String> {
    let mut missing = Vec::new();
    let mut find = |name: &'static str| {
        find_tool(name).unwrap_or_else(|| {
            missing.push(name);
            PathBuf::new()
        })
    };
    let programs = Programs {
        etcd: find("etcd"),
        api_server: find("kube-apiserver"),
        controllers: find("kube-controller-manager"),
        scheduler: find("kube-scheduler"),
    };
    // What applies manifests; better missed now than in the middle.
    find("kubectl");
    match missing.as_slice() {
        [] => Ok(programs),
        missing => Err(format!(
            "no Kubernetes control plane here: {} missing (make test-deps, which needs Go)",
            missing.join(", ")
        )),
    }
}

/// The programs of a control plane.
#[derive(Debug)]
pub(crate) struct Programs {
    pub(crate) etcd: PathBuf,
    pub(crate) api_server: PathBuf,
    pub(crate) controllers: PathBuf,
    pub(crate) scheduler: PathBuf,
}

/// A running one. It ends with the test process, or with [`Program::end`].
#[derive(Debug)]
pub(crate) struct Program {
    child: Child,
    log: PathBuf,
}

impl Program {
    /// Starts `program` with `arguments`; its output is added to `FOLDER/NAME.log`.
    pub(crate) fn start(program: &Path, arguments: &[String], folder: &Path) -> Self {
        let name = program.file_name().expect("a program has a name");
        let log = folder.join(name).with_extension("log");
        let output = File::options()
            .create(true)
            .append(true)
            .open(&log)
            .expect("a log file");
        let errors = output.try_clone().expect("a second handle of a log file");
        let mut command = Command::new(program);
        command
            .args(arguments)
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(errors);
        let child = launch(command, libc::SIGKILL)
            .unwrap_or_else(|error| panic!("cannot start {}: {error}", program.display()));
        Self { child, log }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// How it ended; none while it runs.
    pub(crate) fn find_end(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("a child can be asked")
    }

    /// The last lines of what it wrote.
    pub(crate) fn read_tail(&self) -> String {
        let text = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<_> = text.lines().collect();
        let tail = lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n");
        format!("--- end of {} ---\n{tail}", self.log.display())
    }

    /// Kills it as a crash would, and waits until it is gone.
    pub(crate) fn end(&mut self) {
        // It may have ended by itself; what matters is that it is gone afterwards.
        let _ = self.child.kill();
        self.child.wait().expect("a child can be waited for");
    }
}
