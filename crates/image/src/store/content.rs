//! Bytes in and out.
//!
//! A blob gets its name only when it is complete and its bytes are synced, so what a digest names is never half a blob,
//! not even after a power loss. Removal of what nobody refers to spares young blobs; using a blob makes it young again.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::fs::{AtFlags, CWD, FlockOperation, Mode, OFlags, Timespec, Timestamps, UTIME_NOW};
use wharf_oci::Digest;

use super::LocalStore;
use super::layout::{INGEST, blob_path};
use crate::{Content, PendingBlob};

impl LocalStore {
    /// Whether a blob of this size is here; then it counts as used now.
    pub(super) fn contains(&self, digest: &Digest, size: u64) -> io::Result<bool> {
        Ok(match self.open(digest)? {
            Some(file) => file.metadata()?.len() == size,
            None => false,
        })
    }
}

impl Content for LocalStore {
    fn create(&self) -> io::Result<PendingBlob> {
        let folder = self.folder().join(INGEST);
        // A file without a name goes away with its last descriptor, however the process ends.
        match rustix::fs::open(
            &folder,
            OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC,
            Mode::from(0o644),
        ) {
            Ok(file) => Ok(PendingBlob {
                file: file.into(),
                path: None,
            }),
            Err(
                rustix::io::Errno::OPNOTSUPP | rustix::io::Errno::ISDIR | rustix::io::Errno::INVAL,
            ) => create_named(&folder),
            Err(error) => Err(error.into()),
        }
    }

    fn commit(&self, blob: PendingBlob, digest: &Digest, size: u64) -> io::Result<()> {
        let found = blob.file.metadata()?.len();
        if found != size {
            let message = format!("{found} bytes were written for {digest}, which has {size}");
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        }
        let target = blob_path(self.folder(), digest);
        // Before the sync, which would be for nothing.
        if self.contains(digest, size)? {
            return discard(&blob);
        }
        blob.file.sync_data()?;
        touch(&blob.file)?;
        match &blob.path {
            Some(path) => fs::rename(path, &target),
            None => link(&blob.file, &target, || self.contains(digest, size)),
        }
    }

    fn open(&self, digest: &Digest) -> io::Result<Option<File>> {
        let path = blob_path(self.folder(), digest);
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        match touch(&file) {
            // A store that belongs to somebody else: its owner decides what goes.
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem
                ) => {}
            other => other?,
        }
        // Removal takes a blob away and then looks at its age once more. So either it sees the touch above and puts the
        // blob back, or the blob is away by now.
        Ok(is_at(&file, &path)?.then_some(file))
    }
}

/// Gives a nameless file its name. One that is there already is as good, unless it is of another size: whatever made it,
/// it is replaced.
fn link(file: &File, target: &Path, is_there: impl Fn() -> io::Result<bool>) -> io::Result<()> {
    // linkat with AT_EMPTY_PATH would need a capability (open(2), O_TMPFILE).
    let source = format!("/proc/self/fd/{}", file.as_raw_fd());
    loop {
        match rustix::fs::linkat(CWD, &source, CWD, target, AtFlags::SYMLINK_FOLLOW) {
            Ok(()) => return Ok(()),
            Err(rustix::io::Errno::EXIST) if is_there()? => return Ok(()),
            Err(rustix::io::Errno::EXIST) => remove_existing(target)?,
            Err(error) => return Err(error.into()),
        }
    }
}

/// A file with a name, locked for as long as anybody has it open: a lock that can be had tells that its writer is gone.
pub(super) fn create_named(folder: &Path) -> io::Result<PendingBlob> {
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    loop {
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        let path = folder.join(format!("{}-{number}", std::process::id()));
        let created = OpenOptions::new()
            .read(true)
            .write(true)
            .create_new(true)
            .open(&path);
        let file = match created {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
            other => other?,
        };
        rustix::fs::flock(&file, FlockOperation::LockExclusive)?;
        // A sweep may have come between the two.
        if is_at(&file, &path)? {
            return Ok(PendingBlob {
                file,
                path: Some(path),
            });
        }
    }
}

fn discard(blob: &PendingBlob) -> io::Result<()> {
    blob.path.as_deref().map_or(Ok(()), remove_existing)
}

/// Removes unfinished files whose writers are gone.
pub(super) fn sweep_abandoned(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder.join(INGEST))? {
        let path = entry?.path();
        let file = match File::open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            other => other?,
        };
        if rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok() {
            remove_existing(&path)?;
        }
    }
    Ok(())
}

/// Removes a name; one that is gone already is fine.
pub(super) fn remove_existing(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

fn touch(file: &File) -> io::Result<()> {
    let now = Timespec {
        tv_sec: 0,
        tv_nsec: UTIME_NOW,
    };
    let times = Timestamps {
        last_access: now,
        last_modification: now,
    };
    rustix::fs::futimens(file, &times).map_err(io::Error::from)
}

/// Whether a path names this very file.
pub(super) fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    let own = file.metadata()?;
    match fs::metadata(path) {
        Ok(there) => Ok((there.dev(), there.ino()) == (own.dev(), own.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}
