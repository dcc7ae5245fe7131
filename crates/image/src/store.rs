//! The local store: an OCI image layout on disk (image-spec `image-layout.md`), which other tools read in place.
//!
//! `blobs/ALGORITHM/HEX` holds bytes that are complete and synced, `index.json` the names. Any number of processes and
//! threads use one store: blobs need no lock, names are changed under one. Whatever crashes, there is never half a blob
//! under a digest and never a name lost that was there before. The command line opens it; its methods block.

mod content;
mod found;
mod index;
mod layout;
mod lock;
mod mark;
mod names;
mod prune;
mod trim;

#[cfg(test)]
mod tests;

pub(crate) use index::{IMAGE_NAME, Index, REF_NAME};
pub(crate) use layout::LAYOUT_TEXT;
pub use names::StoredImage;
pub use prune::Removed;

use std::path::{Path, PathBuf};

use wharf_oci::{Algorithm, Descriptor, Digest};

use crate::{Content, ImageError};

/// A store in a folder.
#[derive(Debug, Clone)]
pub struct LocalStore {
    folder: PathBuf,
}

impl LocalStore {
    /// Opens the store in `folder`, making what is missing; a folder that had to be made is readable by its owner alone.
    ///
    /// # Errors
    /// The folder cannot be made or written, or holds a layout of another version.
    pub fn open(folder: impl Into<PathBuf>) -> Result<Self, ImageError> {
        let store = Self {
            folder: folder.into(),
        };
        layout::prepare_folder(&store.folder)
            .map_err(|error| store.fail("cannot open the image store", error))?;
        Ok(store)
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Keeps bytes such as a configuration or a manifest; there under the digest that comes back, synced.
    ///
    /// # Errors
    /// The file system's.
    pub fn put(&self, media_type: &str, bytes: &[u8]) -> Result<Descriptor, ImageError> {
        let digest = Digest::of(Algorithm::Sha256, bytes);
        let size = bytes.len() as u64;
        self.put_bytes(&digest, bytes).map_err(|error| {
            self.fail(&format!("cannot keep {digest} in the image store"), error)
        })?;
        Ok(Descriptor {
            media_type: media_type.to_owned(),
            digest,
            size,
            urls: Vec::new(),
            annotations: Default::default(),
            data: None,
            artifact_type: None,
            platform: None,
        })
    }

    fn put_bytes(&self, digest: &Digest, bytes: &[u8]) -> std::io::Result<()> {
        use std::io::Write;
        if self.contains(digest, bytes.len() as u64)? {
            return Ok(());
        }
        let mut blob = self.create()?;
        blob.file.write_all(bytes)?;
        self.commit(blob, digest, bytes.len() as u64)
    }

    /// An error on this store; where it is belongs to every message.
    fn fail(&self, action: &str, error: std::io::Error) -> ImageError {
        let hint = match error.kind() {
            std::io::ErrorKind::PermissionDenied => {
                Some("another user owns the store; name another folder")
            }
            std::io::ErrorKind::StorageFull => {
                Some("free some space, or name a folder on another disk")
            }
            _ => None,
        };
        let failure = ImageError::new(format!("{action} ({})", self.folder.display()));
        match hint {
            Some(hint) => failure.with_hint(hint).with_source(error),
            None => failure.with_source(error),
        }
    }
}
