//! Which format a manifest has: told by the request, by the document, or by its shape.

use super::{ManifestKind, raw::RawManifest, refuse, shorten};
use crate::{RegistryError, media_type};

/// The format, from the header, the document, or its shape; header and document must agree.
pub(super) fn decide_kind(
    content_type: Option<&str>,
    raw: &RawManifest,
) -> Result<ManifestKind, RegistryError> {
    let header = content_type
        .map(media_type::strip_parameters)
        .filter(|text| !text.is_empty());
    let field = raw.media_type.as_deref().filter(|text| !text.is_empty());
    let is_schema1 = |text: &str| {
        text.eq_ignore_ascii_case(media_type::DOCKER_SCHEMA1)
            || text.eq_ignore_ascii_case(media_type::DOCKER_SCHEMA1_SIGNED)
    };
    if raw.schema_version == 1 || header.is_some_and(is_schema1) || field.is_some_and(is_schema1) {
        return Err(refuse(
            "Docker image manifest schema 1 is not supported: push the image again with Docker 1.10 or newer, or rebuild it",
        ));
    }
    if let (Some(header), Some(field)) = (header, field)
        && !header.eq_ignore_ascii_case(field)
    {
        return Err(refuse(format!(
            "the Content-Type {} differs from the manifest's mediaType {}",
            shorten(header),
            shorten(field)
        )));
    }
    match header.or(field) {
        Some(text) => ManifestKind::from_media_type(text).ok_or_else(|| {
            let accepted = ManifestKind::ALL.map(ManifestKind::media_type).join(", ");
            refuse(format!(
                "manifests of type {} are not accepted, only {accepted}",
                shorten(text)
            ))
        }),
        None => infer_kind(raw),
    }
}

/// The format of a document that does not name it.
fn infer_kind(raw: &RawManifest) -> Result<ManifestKind, RegistryError> {
    if raw.manifests.is_some() {
        Ok(ManifestKind::OciIndex)
    } else if let Some(config) = &raw.config {
        // Docker's own images always name their type, but copies made by others sometimes lost it.
        Ok(match config.0.media_type() {
            media_type::DOCKER_CONFIG => ManifestKind::DockerImage,
            _ => ManifestKind::OciImage,
        })
    } else if raw.blobs.is_some() {
        Ok(ManifestKind::OciArtifact)
    } else {
        Err(refuse(
            "the manifest names no media type and has neither config, manifests nor blobs",
        ))
    }
}
