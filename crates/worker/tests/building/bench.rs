//! A place to build in: a server's data folder, a launcher, answers.

use std::fs::{self, File};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempDir;
use wharf_sandbox::Allowed;
use wharf_worker::{JobSource, Launcher, LauncherSettings, WorkerJob};

use crate::harness::skip;
use crate::outside::{ALLOWED, PORT};
use crate::services::{FakeServices, pack};

/// One case's place.
pub(crate) struct Bench {
    // Ends first: its threads may still use the others.
    pub(crate) runtime: tokio::runtime::Runtime,
    pub(crate) launcher: Launcher,
    pub(crate) services: Arc<FakeServices>,
    folder: TempDir,
}

impl Bench {
    pub(crate) fn make(parent: &Path) -> Self {
        let folder = TempDir::with_prefix_in("wharf-worker-", parent).expect("a folder");
        let data = folder.path().join("data");
        // As the server makes it.
        fs::DirBuilder::new()
            .mode(0o700)
            .create(&data)
            .expect("a folder");
        let launcher = Launcher::new(settings(folder.path()))
            .unwrap_or_else(|error| skip(format!("{error}: {error:?}")));
        Self {
            runtime: tokio::runtime::Runtime::new().expect("a runtime"),
            launcher,
            services: Arc::new(FakeServices::make(folder.path())),
            folder,
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The folder of the scope that builds of a bench have. Made where it is not there yet.
    pub(crate) fn state(&self) -> PathBuf {
        let state = self.path("data/builder/tests");
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&state)
            .expect("a folder");
        state
    }

    /// A build of this Dockerfile, with files.
    pub(crate) fn job(&self, dockerfile: &str, files: &[(&str, &str)]) -> WorkerJob {
        WorkerJob::new(
            JobSource::Upload {
                dockerfile: Some(dockerfile.as_bytes().to_vec()),
                context: (!files.is_empty()).then(|| self.pack(files)),
            },
            "tests",
        )
    }

    /// An archive of files.
    pub(crate) fn pack(&self, files: &[(&str, &str)]) -> File {
        let folder = TempDir::new_in(self.folder.path()).expect("a folder");
        for (path, text) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            fs::write(path, text).expect("a file");
        }
        let archive = self.path("context.tar");
        pack(folder.path(), &archive);
        File::open(&archive).expect("the archive opens")
    }
}

pub(crate) fn settings(folder: &Path) -> LauncherSettings {
    LauncherSettings {
        state: folder.join("data/builder"),
        data: folder.join("data"),
        leases: folder.join("leases"),
        allowed_networks: vec![Allowed {
            address: ALLOWED.parse().expect("an address"),
            prefix: 32,
            port: Some(PORT),
        }],
        // What is made room for after a build would still be at it when the folder goes.
        cache_bytes: None,
        authorities: Vec::new(),
        cleaning: wharf_worker::CLEANING,
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        // As a plain user what steps left belongs to ids that only the user's namespaces know.
        if !rustix::process::geteuid().is_root() {
            let _ = std::process::Command::new("unshare")
                .args(["--map-auto", "--map-root-user", "rm", "-rf"])
                .arg(self.folder.path().join("data"))
                .status();
        }
    }
}
