//! A look at the folder from outside: for `wharf fsck`, which also runs beside the server that holds the lock.
//!
//! It takes no lock, makes nothing and changes nothing. What it sees may change under it; callers look twice before
//! they believe a loss. All of it blocks.

use std::path::Path;

use wharf_oci::Digest;

use crate::disk;
use crate::error::{IoContext, Result};
use crate::layout::Layout;
use crate::list::BlobList;

/// Looks at the files of a store.
#[derive(Debug, Clone)]
pub struct Inspector {
    layout: Layout,
}

/// A blob's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredBlob {
    /// Length in bytes.
    pub size: u64,
    /// Whether the bytes have the digest they are stored under, if they were read.
    pub intact: Option<bool>,
}

impl Inspector {
    /// Looks at the store in `root`.
    pub fn new(root: impl AsRef<Path>) -> Self {
        Self {
            layout: Layout::at(root.as_ref()),
        }
    }

    /// Every file under `blobs` and `staged`, see [`crate::Store::list_blobs`].
    pub fn list_blobs(&self) -> BlobList {
        BlobList::of(&self.layout)
    }

    /// The blob's file, if there is one; with `read_bytes` all of it is read and hashed.
    ///
    /// # Errors
    /// [`crate::Error::Io`] when it cannot be read.
    pub fn inspect_blob(&self, digest: &Digest, read_bytes: bool) -> Result<Option<StoredBlob>> {
        // Durable, staged, and durable again: it may be renamed between two looks.
        for path in [
            self.layout.blob(digest),
            self.layout.staged_blob(digest),
            self.layout.blob(digest),
        ] {
            let Some(file) = disk::open_existing(&path, "open the blob")? else {
                continue;
            };
            let size = file.metadata().context("look at the blob", &path)?.len();
            let intact = read_bytes
                .then(|| disk::file_matches(&file, digest).context("read the blob", &path))
                .transpose()?;
            return Ok(Some(StoredBlob { size, intact }));
        }
        Ok(None)
    }
}
