//! Whether a document has the fields its format asks for, and no more of them than anybody needs.

use super::{
    ManifestKind,
    raw::{RawList, RawManifest, check_annotations, check_type},
    refuse,
};
use crate::RegistryError;

/// Descriptors of one manifest. The largest real ones, indexes that tools append to, stay in the thousands; each costs a
/// look-up and a row in the push's transaction.
const MAX_REFERENCES: usize = 8_192;

/// Passes a document that has what its kind needs and nothing that makes it two kinds at once.
pub(super) fn check_shape(kind: ManifestKind, raw: &RawManifest) -> Result<(), RegistryError> {
    if kind != ManifestKind::OciArtifact && raw.schema_version != 2 {
        return Err(refuse("schemaVersion is required and must be 2"));
    }
    // One document must not be an image to one reader and an index to another.
    let has_image_fields = raw.config.is_some() || raw.layers.is_some();
    if raw.manifests.is_some() && has_image_fields {
        return Err(refuse(
            "a manifest has either manifests or config and layers, not both",
        ));
    }
    if kind.is_index() && raw.manifests.is_none() {
        return Err(refuse("manifests is required in an index"));
    }
    if kind.is_image() && raw.config.is_none() {
        return Err(refuse("config is required in an image manifest"));
    }
    if !kind.is_index() && raw.manifests.is_some() {
        return Err(refuse("manifests is allowed in an index only"));
    }
    if kind == ManifestKind::OciArtifact && has_image_fields {
        return Err(refuse(
            "an artifact manifest has blobs, not config and layers",
        ));
    }
    if let Some(artifact_type) = &raw.artifact_type {
        check_type(artifact_type).map_err(|reason| refuse(format!("artifactType: {reason}")))?;
    }
    if let Some(annotations) = &raw.annotations {
        check_annotations(annotations)
            .map_err(|reason| refuse(format!("annotations: {reason}")))?;
    }
    let count_entries = |list: &RawList| list.iter().flatten().map(Vec::len).sum::<usize>();
    check_count(count_entries(&raw.layers) + count_entries(&raw.manifests))
}

/// Refuses more descriptors than one manifest may name.
pub(crate) fn check_count(references: usize) -> Result<(), RegistryError> {
    if references > MAX_REFERENCES {
        return Err(refuse(format!(
            "the manifest names {references} descriptors, at most {MAX_REFERENCES} are allowed"
        )));
    }
    Ok(())
}
