//! Annotations around manifests, and where they may be.

use std::collections::BTreeMap;

use crate::ImageError;

/// Annotations by the place where they go; those of a manifest itself come with its image.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImageAnnotations {
    /// In the index.
    pub index: BTreeMap<String, String>,
    /// Beside the index, where a layout names it.
    pub index_descriptor: BTreeMap<String, String>,
    /// Beside each manifest, where the index or a layout names it.
    pub manifest_descriptor: BTreeMap<String, String>,
}

impl ImageAnnotations {
    /// Refuses what would be lost without a word. The rules are BuildKit's.
    pub(super) fn check(
        &self,
        docker_media_types: bool,
        has_index: bool,
    ) -> Result<(), ImageError> {
        let has_own = !self.index.is_empty() || !self.index_descriptor.is_empty();
        if docker_media_types && (has_own || !self.manifest_descriptor.is_empty()) {
            return Err(ImageError::new(
                "annotations of an index or a descriptor have no place with Docker's media types",
            )
            .with_hint("leave out oci-mediatypes=false"));
        }
        if has_own && !has_index {
            return Err(ImageError::new(
                "annotations of an index have no place in an image of a single platform",
            )
            .with_hint("annotate the manifest instead, or build for several platforms"));
        }
        Ok(())
    }
}
