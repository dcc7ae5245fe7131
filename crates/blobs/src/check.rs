//! What `wharf fsck`, collection and readiness need: bytes hashed again, removal, room on the disk.
//!
//! All of it blocks; callers run it on the blocking pool.

use wharf_oci::Digest;

use crate::Store;
use crate::disk;
use crate::error::{IoContext, Result};

/// A whole block: fewer bytes may fit into the inode of a file system that has no block left.
const CHECK_BYTES: [u8; 4096] = [b'w'; 4096];

/// Room that is left for an unprivileged process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FreeSpace {
    /// Free bytes.
    pub bytes: u64,
    /// Bytes of the whole file system.
    pub total: u64,
    /// Free inodes; file systems that make them on demand report none as `None`.
    pub inodes: Option<u64>,
}

impl Store {
    /// Deletes the blob's files, if there are any. Readers that have it open read on; a barrier that waits for it reports it lost.
    ///
    /// # Errors
    /// [`crate::Error::Io`].
    pub fn remove_blob(&self, digest: &Digest) -> Result<()> {
        let inner = &self.inner;
        let _names = inner.pending.lock_names(digest);
        disk::unlink(&inner.layout.blob(digest))?;
        disk::unlink(&inner.layout.staged_blob(digest))?;
        inner.pending.remove(digest);
        Ok(())
    }

    /// Reads the whole blob: true if it is there and its bytes are those of its digest.
    ///
    /// # Errors
    /// [`crate::Error::Io`] when it cannot be read.
    pub fn verify_blob(&self, digest: &Digest) -> Result<bool> {
        let layout = &self.inner.layout;
        for path in [
            layout.blob(digest),
            layout.staged_blob(digest),
            layout.blob(digest),
        ] {
            if let Some(file) = disk::open_existing(&path, "open the blob")? {
                return disk::file_matches(&file, digest).context("read the blob", &path);
            }
        }
        Ok(false)
    }

    /// How much room the folder's file system has.
    ///
    /// # Errors
    /// [`crate::Error::Io`].
    pub fn free_space(&self) -> Result<FreeSpace> {
        let root = self.root();
        let found = rustix::fs::statvfs(root).context("look at the file system of", root)?;
        Ok(FreeSpace {
            bytes: found.f_bavail.saturating_mul(found.f_frsize),
            total: found.f_blocks.saturating_mul(found.f_frsize),
            inodes: (found.f_files > 0).then_some(found.f_favail),
        })
    }

    /// Makes, writes and removes a small file: whether uploads can be taken just now.
    ///
    /// # Errors
    /// [`crate::Error::Io`], with the reason that an upload would meet.
    pub fn check_writable(&self) -> Result<()> {
        let path = self.root().join("write-check");
        let written = std::fs::write(&path, CHECK_BYTES).context("write", &path);
        written.and(disk::unlink(&path))
    }
}
