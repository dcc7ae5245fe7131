//! The builder's folder: snapshots, cache records, cache mounts, notes of failed builds.
//!
//! Several processes may build in one folder at the same time: everything is written under a name of its own and renamed
//! into place. Nothing in here is the only copy of anything: a folder that is deleted costs time, never an image.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rand::distr::{Alphanumeric, SampleString};
use rustix::fs::FlockOperation;

/// Where the builder keeps what it may need again.
#[derive(Debug, Clone)]
pub(crate) struct StateFolder {
    root: PathBuf,
    /// This start of the machine; see [`StateFolder::boot`].
    boot: String,
    /// Who root of steps is, if it is somebody else than whoever makes folders here.
    owner: Option<u32>,
}

impl StateFolder {
    pub(crate) fn open(root: &Path, owner: Option<u32>) -> io::Result<Self> {
        // Helpers open what is in it, and they work elsewhere.
        let root = std::path::absolute(root)?;
        for folder in [
            "snapshots",
            "cache",
            "mounts",
            "sums",
            "stats",
            "downloads",
            "builds",
            "sandbox",
        ] {
            fs::create_dir_all(root.join(folder))?;
        }
        let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
        let state = Self {
            root,
            boot: boot.trim().to_owned(),
            owner,
        };
        // Where jobs delete what steps left.
        state.give_to_steps(&state.part("snapshots"))?;
        Ok(state)
    }

    /// Makes root of steps the owner of a folder that they or jobs write.
    pub(crate) fn give_to_steps(&self, folder: &Path) -> io::Result<()> {
        match self.owner {
            Some(owner) => std::os::unix::fs::chown(folder, Some(owner), Some(owner)),
            None => Ok(()),
        }
    }

    /// Keeps what is in the folder for as long as the value lives: pruning then leaves everything alone, also in other
    /// processes. Waits while somebody prunes.
    pub(crate) fn hold(&self) -> io::Result<Hold> {
        let file = self.open_lock()?;
        rustix::fs::flock(&file, FlockOperation::LockShared)?;
        Ok(Hold(Some(Arc::new(file))))
    }

    /// The folder for oneself, if nobody holds it.
    pub(crate) fn take_alone(&self) -> io::Result<Option<Alone>> {
        let file = self.open_lock()?;
        match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Some(Alone { _file: file })),
            Err(rustix::io::Errno::WOULDBLOCK) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn open_lock(&self) -> io::Result<File> {
        File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(self.root.join("in-use"))
    }

    /// Names this start of the machine. Snapshots are not synced to the disk, for that would cost more than the step: one
    /// that was made before the last start may have lost files and is made anew from its layer, which was synced.
    pub(crate) fn boot(&self) -> &str {
        &self.boot
    }

    pub(crate) fn part(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    pub(crate) fn snapshot(&self, name: &str) -> PathBuf {
        self.root.join("snapshots").join(name)
    }

    /// A new, empty snapshot. It is deleted with the value unless it is kept.
    pub(crate) fn make_snapshot(&self) -> io::Result<PendingSnapshot> {
        let name = make_name();
        let folder = self.snapshot(&name);
        for part in ["upper", "work"] {
            fs::create_dir_all(folder.join(part))?;
        }
        // The root of an image is 0755 whatever the umask.
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(folder.join("upper"), mode)?;
        for part in ["", "upper", "work"] {
            self.give_to_steps(&folder.join(part))?;
        }
        Ok(PendingSnapshot {
            name,
            folder,
            keep: false,
        })
    }

    /// Writes a small file under its final name in one step.
    pub(crate) fn write_file(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let folder = path.parent().unwrap_or(&self.root);
        fs::create_dir_all(folder)?;
        let file = tempfile::NamedTempFile::new_in(folder)?;
        fs::write(file.path(), bytes)?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    }
}

/// Somebody uses what is in the builder's folder: nothing of it is pruned until this and its clones are dropped. The
/// default holds nothing.
#[derive(Debug, Clone, Default)]
pub struct Hold(#[expect(dead_code, reason = "the open file is the lock")] Option<Arc<File>>);

/// Nobody else uses the folder, and nobody begins to until this is dropped.
#[derive(Debug)]
pub(crate) struct Alone {
    _file: File,
}

/// A name that nothing else has.
pub(crate) fn make_name() -> String {
    Alphanumeric
        .sample_string(&mut rand::rng(), 24)
        .to_ascii_lowercase()
}

/// A snapshot that a step is writing.
#[derive(Debug)]
pub(crate) struct PendingSnapshot {
    name: String,
    folder: PathBuf,
    keep: bool,
}

impl PendingSnapshot {
    /// The folder with `upper` and `work`.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) fn upper(&self) -> PathBuf {
        self.folder.join("upper")
    }

    /// Keeps it; answers its name.
    pub(crate) fn keep(mut self) -> String {
        self.keep = true;
        self.name.clone()
    }
}

impl Drop for PendingSnapshot {
    fn drop(&mut self) {
        if !self.keep {
            remove_snapshot(&self.folder);
        }
    }
}

/// Deletes a snapshot. As a plain user its files belong to ids that this process cannot touch; then it is left for
/// [`prune`](crate::prune), which goes through the sandbox.
pub(crate) fn remove_snapshot(folder: &Path) {
    // The overlay's own folder in there has mode 0000.
    let own = folder.join("work/work");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    let _ = fs::set_permissions(&own, mode);
    if let Err(error) = fs::remove_dir_all(folder)
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::debug!(folder = %folder.display(), %error, "a snapshot was left behind");
    }
}
