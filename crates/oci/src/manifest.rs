//! A typed view of a pushed manifest: which format it is and which content it names.
//!
//! The view never replaces the bytes: what is stored and served is exactly what came in. Extra fields and unknown
//! config, layer and artifact types are kept by not being looked at. Whether the named content exists is not asked here.

use crate::{
    Descriptor, ErrorCode, ManifestKind, RegistryError,
    json_limits::check_limits,
    media_type,
    raw_manifest::{FieldError, RawDescriptor, RawManifest, check_type},
};
use std::collections::BTreeMap;

/// The largest manifest accepted: 4 MiB. The specification asks for at least 4 megabytes; everything larger would have to
/// be held in memory for every push.
pub const MAX_MANIFEST_BYTES: usize = 4 * 1024 * 1024;

/// Descriptors of one manifest. A typical one takes 256 bytes, so only artificial manifests have more in 4 MiB, and each
/// costs a look-up and a row.
const MAX_REFERENCES: usize = 16_384;

/// Bytes of a manifest's own annotations, which every referrers list repeats; a list is a manifest and has to stay
/// below 4 MiB itself.
const MAX_ANNOTATION_BYTES: usize = 512 * 1024;

/// A manifest whose form has been checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    pub kind: ManifestKind,
    /// The type a referrers list shows and filters by: `artifactType`, else for images the config's media type; an
    /// index without `artifactType` has none (distribution-spec "Listing Referrers").
    pub artifact_type: Option<String>,
    pub config: Option<Descriptor>,
    pub layers: Vec<Descriptor>,
    /// The entries of an index, in order; they may be manifests or blobs.
    pub children: Vec<Descriptor>,
    /// The blobs of an OCI artifact manifest.
    pub blobs: Vec<Descriptor>,
    pub subject: Option<Descriptor>,
    pub annotations: BTreeMap<String, String>,
}

/// In which role a manifest names a descriptor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReferenceKind {
    Config,
    Layer,
    Child,
    Blob,
    Subject,
}

/// One descriptor of a manifest with its role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ManifestReference<'a> {
    pub descriptor: &'a Descriptor,
    pub kind: ReferenceKind,
    /// Whether the manifest is useless without it. Index entries, subjects and foreign layers with a source of their own
    /// may be missing.
    pub required: bool,
}

impl Manifest {
    /// Reads a manifest. `content_type` is the request header as received; its parameters are ignored. Without one the
    /// document's `mediaType` decides, and without that its shape.
    ///
    /// # Errors
    /// 413 above [`MAX_MANIFEST_BYTES`]; otherwise `MANIFEST_INVALID` with a message that names the place.
    pub fn parse(content_type: Option<&str>, bytes: &[u8]) -> Result<Manifest, RegistryError> {
        if bytes.len() > MAX_MANIFEST_BYTES {
            let message = format!("a manifest has at most {MAX_MANIFEST_BYTES} bytes");
            return Err(refuse(message).with_status(413));
        }
        check_limits(bytes).map_err(|error| refuse(error.to_string()))?;
        let text = std::str::from_utf8(bytes).map_err(|_| refuse("the manifest is not UTF-8"))?;
        let raw: RawManifest = serde_json::from_str(text)
            .map_err(|error| refuse(format!("the manifest is not valid: {error}")))?;
        let kind = decide_kind(content_type, &raw)?;
        check_shape(kind, &raw)?;
        build_view(kind, raw)
    }

    pub fn media_type(&self) -> &'static str {
        self.kind.media_type()
    }

    /// Everything the manifest names, in document order of the roles.
    pub fn references(&self) -> impl Iterator<Item = ManifestReference<'_>> {
        let name = |kind| {
            move |descriptor| ManifestReference {
                descriptor,
                kind,
                required: is_required(kind, descriptor),
            }
        };
        self.config
            .iter()
            .map(name(ReferenceKind::Config))
            .chain(self.layers.iter().map(name(ReferenceKind::Layer)))
            .chain(self.children.iter().map(name(ReferenceKind::Child)))
            .chain(self.blobs.iter().map(name(ReferenceKind::Blob)))
            .chain(self.subject.iter().map(name(ReferenceKind::Subject)))
    }
}

fn is_required(kind: ReferenceKind, descriptor: &Descriptor) -> bool {
    match kind {
        ReferenceKind::Config | ReferenceKind::Blob => true,
        ReferenceKind::Layer => {
            descriptor.urls.is_empty() || !media_type::is_nondistributable(&descriptor.media_type)
        }
        ReferenceKind::Child | ReferenceKind::Subject => false,
    }
}

fn refuse(message: impl Into<std::borrow::Cow<'static, str>>) -> RegistryError {
    RegistryError::new(ErrorCode::ManifestInvalid, message)
}

/// The format, from the header, the document, or its shape; header and document must agree.
fn decide_kind(
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
    if raw.schema_version == 1
        || raw.fs_layers.is_some()
        || header.is_some_and(is_schema1)
        || field.is_some_and(is_schema1)
    {
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
        Ok(match config.media_type() {
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

/// What a client sent as a type, cut to a length fit for a message.
fn shorten(text: &str) -> String {
    text.chars().take(128).collect()
}

fn check_shape(kind: ManifestKind, raw: &RawManifest) -> Result<(), RegistryError> {
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
    if let Some(artifact_type) = &raw.artifact_type {
        check_type(artifact_type).map_err(|reason| refuse(format!("artifactType {reason}")))?;
    }
    let annotation_bytes: usize = raw
        .annotations
        .iter()
        .flatten()
        .map(|(key, value)| key.len() + value.len())
        .sum();
    if annotation_bytes > MAX_ANNOTATION_BYTES {
        return Err(refuse(format!(
            "annotations hold {annotation_bytes} bytes, at most {MAX_ANNOTATION_BYTES} are allowed"
        )));
    }
    let count_entries = |list: &Option<Option<Vec<RawDescriptor>>>| {
        list.iter().flatten().map(Vec::len).sum::<usize>()
    };
    let references =
        count_entries(&raw.layers) + count_entries(&raw.manifests) + count_entries(&raw.blobs);
    if references > MAX_REFERENCES {
        return Err(refuse(format!(
            "the manifest names {references} descriptors, at most {MAX_REFERENCES} are allowed"
        )));
    }
    Ok(())
}

fn build_view(kind: ManifestKind, raw: RawManifest) -> Result<Manifest, RegistryError> {
    let config = check_one("config", raw.config)?;
    let artifact_type = raw
        .artifact_type
        .or_else(|| {
            let config = config.as_ref().filter(|_| kind.is_image())?;
            Some(config.media_type.clone())
        })
        .filter(|text| !text.is_empty());
    Ok(Manifest {
        kind,
        artifact_type,
        layers: check_list("layers", raw.layers)?,
        children: check_list("manifests", raw.manifests)?,
        blobs: check_list("blobs", raw.blobs)?,
        subject: check_one("subject", raw.subject)?,
        annotations: raw.annotations.unwrap_or_default(),
        config,
    })
}

fn check_one(place: &str, raw: Option<RawDescriptor>) -> Result<Option<Descriptor>, RegistryError> {
    raw.map(RawDescriptor::check)
        .transpose()
        .map_err(|FieldError { field, reason }| refuse(format!("{place}.{field}: {reason}")))
}

fn check_list(
    place: &str,
    raw: Option<Option<Vec<RawDescriptor>>>,
) -> Result<Vec<Descriptor>, RegistryError> {
    raw.flatten()
        .unwrap_or_default()
        .into_iter()
        .enumerate()
        .map(|(index, raw)| {
            raw.check().map_err(|FieldError { field, reason }| {
                refuse(format!("{place}[{index}].{field}: {reason}"))
            })
        })
        .collect()
}
