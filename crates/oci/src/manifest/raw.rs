//! The JSON of a manifest as it arrives: typed only as far as needed to name the place of a mistake afterwards.
//!
//! Fields nobody knows are skipped, a field given twice is refused (readers would disagree about which one counts),
//! and `null` is taken as absent because Go programs write it for empty lists.

use crate::{Descriptor, Digest, DigestError, Platform, object_only::ObjectOnly};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde::{Deserialize, Deserializer};
use serde_json::{Value, value::RawValue};
use std::collections::BTreeMap;

/// A list that may be absent, or `null`, which counts as empty.
pub(crate) type RawList = Option<Option<Vec<ObjectOnly<RawDescriptor>>>>;

/// All fields that any kind of manifest may have.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RawManifest {
    #[serde(default)]
    pub(crate) schema_version: Value,
    #[serde(default)]
    pub(crate) media_type: Option<String>,
    #[serde(default)]
    pub(crate) artifact_type: Option<String>,
    #[serde(default)]
    pub(crate) config: Option<ObjectOnly<RawDescriptor>>,
    #[serde(default, deserialize_with = "mark_present")]
    pub(crate) layers: RawList,
    #[serde(default, deserialize_with = "mark_present")]
    pub(crate) manifests: RawList,
    /// Read only in the format that knows it: elsewhere it may be anything.
    #[serde(default)]
    pub(crate) blobs: Option<Box<RawValue>>,
    #[serde(default)]
    pub(crate) subject: Option<ObjectOnly<RawDescriptor>>,
    #[serde(default)]
    pub(crate) annotations: Option<BTreeMap<String, String>>,
}

/// Tells a field that is `null` from one that is not there.
fn mark_present<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::<T>::deserialize(deserializer).map(Some)
}

/// A descriptor whose required fields are still unchecked.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RawDescriptor {
    #[serde(default)]
    media_type: Value,
    #[serde(default)]
    digest: Value,
    #[serde(default)]
    size: Value,
    #[serde(default)]
    urls: Option<Vec<String>>,
    #[serde(default)]
    annotations: Option<BTreeMap<String, String>>,
    #[serde(default)]
    data: Option<String>,
    #[serde(default)]
    artifact_type: Option<String>,
    #[serde(default)]
    platform: Option<ObjectOnly<Platform>>,
}

/// A mistake inside a descriptor: which field, and what is wrong with it.
pub(crate) struct FieldError {
    pub(crate) field: &'static str,
    pub(crate) reason: String,
}

fn refuse(field: &'static str, reason: impl Into<String>) -> FieldError {
    FieldError {
        field,
        reason: reason.into(),
    }
}

impl RawDescriptor {
    /// The media type as given, for telling formats apart before anything is checked.
    pub(crate) fn media_type(&self) -> &str {
        self.media_type.as_str().unwrap_or_default()
    }

    /// The checked descriptor.
    pub(crate) fn check(self) -> Result<Descriptor, FieldError> {
        let Value::String(media_type) = self.media_type else {
            return Err(refuse("mediaType", "is a text and required"));
        };
        check_type(&media_type).map_err(|reason| refuse("mediaType", reason))?;
        let Value::String(digest) = self.digest else {
            return Err(refuse("digest", "is a text and required"));
        };
        let digest: Digest = digest
            .parse()
            .map_err(|error: DigestError| refuse("digest", error.to_string()))?;
        let size = self
            .size
            .as_u64()
            .filter(|size| *size <= i64::MAX as u64)
            .ok_or_else(|| refuse("size", "is a whole number of bytes, 0 or greater"))?;
        if let Some(artifact_type) = &self.artifact_type {
            check_type(artifact_type).map_err(|reason| refuse("artifactType", reason))?;
        }
        let annotations = self.annotations.unwrap_or_default();
        check_annotations(&annotations).map_err(|reason| refuse("annotations", reason))?;
        if let Some(data) = &self.data {
            check_data(data, digest, size)?;
        }
        Ok(Descriptor {
            media_type,
            digest,
            size,
            urls: self.urls.unwrap_or_default(),
            annotations,
            data: self.data,
            artifact_type: self.artifact_type.filter(|text| !text.is_empty()),
            platform: self.platform.map(|ObjectOnly(platform)| platform),
        })
    }
}

/// Any type is welcome as long as it can stand in a header and a database column.
pub(crate) fn check_type(text: &str) -> Result<(), &'static str> {
    // RFC 6838 §4.2 allows 127 characters on each side of the slash.
    const MAX_LEN: usize = 255;
    if text.len() > MAX_LEN {
        return Err("is longer than a media type can be");
    }
    if text.chars().any(char::is_control) {
        return Err("holds a control character");
    }
    Ok(())
}

/// One annotation, key and value. Signatures and certificates take some ten thousand bytes; what is larger is content and
/// belongs in a blob, because every referrers list repeats it.
const MAX_ANNOTATION_BYTES: usize = 512 * 1024;

/// Refuses annotations of absurd size; how many there are is bounded by the manifest's own size.
pub(crate) fn check_annotations(
    annotations: &BTreeMap<String, String>,
) -> Result<(), &'static str> {
    let is_oversized =
        |(key, value): (&String, &String)| key.len() + value.len() > MAX_ANNOTATION_BYTES;
    if annotations.iter().any(is_oversized) {
        return Err("holds an annotation of more than 524288 bytes");
    }
    Ok(())
}

fn check_data(data: &str, digest: Digest, size: u64) -> Result<(), FieldError> {
    let bytes = BASE64_STANDARD
        .decode(data)
        .map_err(|_| refuse("data", "is not base64"))?;
    if bytes.len() as u64 != size {
        return Err(refuse("data", "does not have the descriptor's size"));
    }
    if Digest::of(digest.algorithm(), &bytes) != digest {
        return Err(refuse("data", "does not have the descriptor's digest"));
    }
    Ok(())
}
