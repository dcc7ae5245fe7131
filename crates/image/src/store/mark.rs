//! What the names of a store lead to.

use std::collections::HashSet;

use wharf_oci::{Digest, Manifest, ManifestKind};

use super::LocalStore;
use crate::{Content, ImageError};

impl LocalStore {
    /// Every digest that a name, or an image without one, leads to; whether its bytes are here or not.
    pub(super) fn mark_referenced(&self) -> Result<HashSet<Digest>, ImageError> {
        let index = self
            .read_index()
            .map_err(|error| self.fail("cannot read the names", error))?;
        let mut marked = HashSet::new();
        let mut open = Vec::new();
        for entry in &index.manifests {
            // An entry that is not understood may refer to anything.
            let descriptor = entry.descriptor().map_err(|error| {
                self.fail("cannot tell what an entry of index.json refers to", error)
            })?;
            open.push(descriptor);
        }
        while let Some(descriptor) = open.pop() {
            let is_manifest = ManifestKind::from_media_type(&descriptor.media_type).is_some();
            if !marked.insert(descriptor.digest) || !is_manifest {
                continue;
            }
            if let Some(bytes) = self.read_document(&descriptor.digest)? {
                let manifest =
                    Manifest::parse(Some(&descriptor.media_type), &bytes).map_err(|error| {
                        ImageError::new(format!(
                            "{} in the image store is no manifest: {}",
                            descriptor.digest,
                            error.message()
                        ))
                    })?;
                open.extend(
                    manifest
                        .references()
                        .map(|reference| reference.descriptor.clone()),
                );
            }
        }
        Ok(marked)
    }

    /// What of an image is not here: the digests of manifests, configurations and layers, each once.
    ///
    /// # Errors
    /// The file system's, or bytes that are not what they should be.
    pub fn list_missing(&self, digest: &Digest) -> Result<Vec<Digest>, ImageError> {
        let mut missing = Vec::new();
        let mut seen = HashSet::new();
        let mut open = vec![(*digest, true)];
        while let Some((digest, is_manifest)) = open.pop() {
            if !seen.insert(digest) {
                continue;
            }
            if !is_manifest {
                let blob = Content::open(self, &digest)
                    .map_err(|error| self.fail(&format!("cannot look for {digest}"), error))?;
                missing.extend(blob.is_none().then_some(digest));
                continue;
            }
            match self.read_manifest(&digest)? {
                Some(found) => open.extend(found.manifest.references().map(|reference| {
                    let kind = ManifestKind::from_media_type(&reference.descriptor.media_type);
                    (reference.descriptor.digest, kind.is_some())
                })),
                None => missing.push(digest),
            }
        }
        Ok(missing)
    }
}
