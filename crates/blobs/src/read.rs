//! Finding blobs. Whether the caller may see them was decided above.

use std::fs::File;
use std::io;
use std::sync::Arc;

use wharf_oci::Digest;

use crate::Store;
use crate::disk;
use crate::error::{IoContext, Result};
use crate::pending::Found;

/// An open blob: immutable, whole, and readable to its end even if the blob is removed meanwhile.
#[derive(Debug, Clone)]
pub struct BlobFile {
    /// Shared with other readers, so read by position only (`read_at`, `sendfile` with an offset), never by cursor.
    pub file: Arc<File>,
    /// Length in bytes.
    pub size: u64,
}

/// What is known about a blob without opening it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlobStat {
    /// Length in bytes.
    pub size: u64,
    /// Whether it is known to survive power loss; [`Store::make_durable`] is the only promise of it.
    pub durable: bool,
}

impl Store {
    /// Opens the blob; `None` if it is not there. What an earlier process left unfinished is checked first, once.
    ///
    /// # Errors
    /// [`crate::Error::Io`].
    pub async fn open_blob(&self, digest: &Digest) -> Result<Option<BlobFile>> {
        loop {
            if let Some(blob) = self.open_stored(digest)? {
                return Ok(Some(blob));
            }
            match self.inner.pending.find(digest) {
                Some(Found::Staged(staged)) => {
                    return Ok(Some(BlobFile {
                        file: Arc::clone(&staged.file),
                        size: staged.size,
                    }));
                }
                Some(Found::Inherited(inherited)) => {
                    self.inner.check_inherited(digest, inherited).await?;
                }
                // It may have become durable between the two looks.
                None => return self.open_stored(digest),
            }
        }
    }

    /// Looks at the blob; `None` if it is not there. Same checks as [`Store::open_blob`].
    ///
    /// # Errors
    /// [`crate::Error::Io`].
    pub async fn stat_blob(&self, digest: &Digest) -> Result<Option<BlobStat>> {
        loop {
            let stored = self.stat_stored(digest)?;
            // In this order: a stored file without a pending entry has its directory synced.
            match (stored, self.inner.pending.find(digest)) {
                (Some(size), found) => {
                    let durable = found.is_none() && self.inner.are_directories_synced();
                    return Ok(Some(BlobStat { size, durable }));
                }
                (None, Some(Found::Staged(staged))) => {
                    return Ok(Some(BlobStat {
                        size: staged.size,
                        durable: false,
                    }));
                }
                (None, Some(Found::Inherited(inherited))) => {
                    self.inner.check_inherited(digest, inherited).await?;
                }
                (None, None) => {
                    let size = self.stat_stored(digest)?;
                    return Ok(size.map(|size| BlobStat {
                        size,
                        durable: false,
                    }));
                }
            }
        }
    }

    fn open_stored(&self, digest: &Digest) -> Result<Option<BlobFile>> {
        let path = self.inner.layout.blob(digest);
        let Some(file) = disk::open_existing(&path, "open the blob")? else {
            return Ok(None);
        };
        let size = file.metadata().context("look at the blob", &path)?.len();
        Ok(Some(BlobFile {
            file: Arc::new(file),
            size,
        }))
    }

    fn stat_stored(&self, digest: &Digest) -> Result<Option<u64>> {
        let path = self.inner.layout.blob(digest);
        match std::fs::metadata(&path) {
            Ok(metadata) => Ok(Some(metadata.len())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).context("look at the blob", &path),
        }
    }
}
