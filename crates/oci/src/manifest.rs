//! A typed view of a pushed manifest: which format it is and which content it names.
//!
//! The view never replaces the bytes: what is stored and served is exactly what came in. Extra fields and unknown
//! config, layer and artifact types are kept by not being looked at. Whether the named content exists is not asked here.

mod decide;
mod kind;
mod raw;
mod shape;

#[cfg(test)]
mod tests;

pub use kind::ManifestKind;

use crate::{
    Descriptor, ErrorCode, RegistryError, json_limits::check_limits, media_type,
    object_only::ObjectOnly,
};
use decide::decide_kind;
use raw::{FieldError, RawDescriptor, RawList, RawManifest};
use serde_json::value::RawValue;
use shape::{check_count, check_shape};
use std::{borrow::Cow, collections::BTreeMap};

/// The largest manifest accepted: 4 MiB. The specification asks for at least 4 megabytes; everything larger would have to
/// be held in memory for every push.
pub const MAX_MANIFEST_BYTES: usize = 4 * 1024 * 1024;

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
        let ObjectOnly(raw): ObjectOnly<RawManifest> = serde_json::from_str(text)
            .map_err(|error| refuse(shorten(&format!("the manifest is not valid: {error}"))))?;
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

fn refuse(message: impl Into<Cow<'static, str>>) -> RegistryError {
    RegistryError::new(ErrorCode::ManifestInvalid, message)
}

/// Text that may hold anything a client sent, cut to a length fit for a message.
fn shorten(text: &str) -> String {
    const MAX_CHARACTERS: usize = 256;
    text.chars().take(MAX_CHARACTERS).collect()
}

fn build_view(kind: ManifestKind, raw: RawManifest) -> Result<Manifest, RegistryError> {
    let config = check_one("config", raw.config)?;
    let is_given = |text: &String| !text.is_empty();
    let config_type = config
        .as_ref()
        .filter(|_| kind.is_image())
        .map(|config| config.media_type.clone());
    let artifact_type = raw
        .artifact_type
        .filter(is_given)
        .or(config_type)
        .filter(is_given);
    Ok(Manifest {
        kind,
        artifact_type,
        layers: check_list("layers", raw.layers)?,
        children: check_list("manifests", raw.manifests)?,
        // In other formats it is one of the fields nobody knows.
        blobs: match kind {
            ManifestKind::OciArtifact => check_list("blobs", read_blobs(raw.blobs)?)?,
            _ => Vec::new(),
        },
        subject: check_one("subject", raw.subject)?,
        annotations: raw.annotations.unwrap_or_default(),
        config,
    })
}

fn check_one(
    place: &str,
    raw: Option<ObjectOnly<RawDescriptor>>,
) -> Result<Option<Descriptor>, RegistryError> {
    raw.map(|ObjectOnly(raw)| raw.check())
        .transpose()
        .map_err(|FieldError { field, reason }| refuse(format!("{place}.{field}: {reason}")))
}

fn read_blobs(raw: Option<Box<RawValue>>) -> Result<RawList, RegistryError> {
    let Some(raw) = raw else { return Ok(None) };
    let list: Option<Vec<ObjectOnly<RawDescriptor>>> = serde_json::from_str(raw.get())
        .map_err(|error| refuse(format!("blobs: the manifest is not valid: {error}")))?;
    check_count(list.as_ref().map_or(0, Vec::len))?;
    Ok(Some(list))
}

fn check_list(place: &str, raw: RawList) -> Result<Vec<Descriptor>, RegistryError> {
    raw.flatten()
        .unwrap_or_default()
        .into_iter()
        .enumerate()
        .map(|(index, ObjectOnly(raw))| {
            raw.check().map_err(|FieldError { field, reason }| {
                refuse(format!("{place}[{index}].{field}: {reason}"))
            })
        })
        .collect()
}
