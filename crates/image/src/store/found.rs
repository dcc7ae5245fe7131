//! Reading manifests and configurations back, verified.

use wharf_oci::{Digest, Platform};

use super::LocalStore;
use crate::document::{has_digest, read_bounded, read_manifest, resolve_image};
use crate::{Content, FoundManifest, ImageError, ImageName, ResolvedImage, SelectPlatform};

impl LocalStore {
    /// The image of a platform, verified down to its configuration. `None` when the name, the platform's manifest or its
    /// configuration is not here; layers may be missing.
    ///
    /// # Errors
    /// The file system's, or bytes that are not what they should be.
    pub fn resolve(
        &self,
        name: &ImageName,
        platform: &Platform,
        select: &SelectPlatform<'_>,
    ) -> Result<Option<ResolvedImage>, ImageError> {
        match self.find(name)? {
            Some(found) => resolve_image(name.to_string(), found, platform, select, &|digest| {
                self.read_document(digest)
            }),
            None => Ok(None),
        }
    }

    /// The manifest or index of a digest.
    ///
    /// # Errors
    /// The file system's, or bytes that are not what they should be.
    pub fn read_manifest(&self, digest: &Digest) -> Result<Option<FoundManifest>, ImageError> {
        read_manifest(digest, &|digest| self.read_document(digest))
    }

    /// The bytes of a document, such as a configuration; they have the digest.
    ///
    /// # Errors
    /// The file system's, more bytes than a document has, or other bytes than the digest's.
    pub fn read_document(&self, digest: &Digest) -> Result<Option<Vec<u8>>, ImageError> {
        let fail = |error| self.fail(&format!("cannot read {digest}"), error);
        let Some(file) = self.open(digest).map_err(fail)? else {
            return Ok(None);
        };
        let bytes = read_bounded(file).map_err(fail)?;
        if !has_digest(&bytes, digest) {
            let folder = self.folder().display();
            let message = format!("{digest} in the image store is damaged ({folder})");
            return Err(ImageError::new(message)
                .with_hint("remove the file of that name and build or pull again"));
        }
        Ok(Some(bytes))
    }
}
