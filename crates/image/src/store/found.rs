//! Reading manifests and configurations back, verified.

use std::io::{self, Read};

use wharf_oci::{Digest, MAX_MANIFEST_BYTES, Manifest};

use super::LocalStore;
use crate::{Content, ImageError};

/// A manifest or index whose bytes have its digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundManifest {
    /// Of the bytes.
    pub digest: Digest,
    /// As they were stored.
    pub bytes: Vec<u8>,
    /// What they say.
    pub manifest: Manifest,
}

impl LocalStore {
    /// The manifest or index of a digest.
    ///
    /// # Errors
    /// The file system's, or bytes that are not what they should be.
    pub fn read_manifest(&self, digest: &Digest) -> Result<Option<FoundManifest>, ImageError> {
        let Some(bytes) = self.read_document(digest)? else {
            return Ok(None);
        };
        let manifest = Manifest::parse(None, &bytes).map_err(|error| {
            ImageError::new(format!(
                "{digest} in the image store is no manifest: {}",
                error.message()
            ))
        })?;
        Ok(Some(FoundManifest {
            digest: *digest,
            bytes,
            manifest,
        }))
    }

    /// The bytes of a document, such as a configuration; they have the digest.
    ///
    /// # Errors
    /// The file system's, more bytes than a document has, or other bytes than the digest's.
    pub fn read_document(&self, digest: &Digest) -> Result<Option<Vec<u8>>, ImageError> {
        let bytes = match self.open(digest) {
            Ok(Some(file)) => read_bounded(file),
            Ok(None) => return Ok(None),
            Err(error) => Err(error),
        };
        let bytes = bytes.map_err(|error| self.fail(&format!("cannot read {digest}"), error))?;
        if Digest::of(digest.algorithm(), &bytes) != *digest {
            let message = format!(
                "{digest} in the image store is damaged ({})",
                self.folder().display()
            );
            return Err(ImageError::new(message)
                .with_hint("remove the file of that name and build or pull again"));
        }
        Ok(Some(bytes))
    }
}

/// Documents are held in memory, so a file that pretends to be one must not be larger than they may be.
fn read_bounded(file: std::fs::File) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(MAX_MANIFEST_BYTES as u64 + 1)
        .read_to_end(&mut bytes)?;
    match bytes.len() > MAX_MANIFEST_BYTES {
        true => Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "it is larger than a document may be",
        )),
        false => Ok(bytes),
    }
}
