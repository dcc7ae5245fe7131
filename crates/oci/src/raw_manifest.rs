//! The JSON of a manifest as it arrives: typed only as far as needed to name the place of a mistake afterwards.
//!
//! Fields nobody knows are skipped, a field given twice is refused (readers would disagree about which one counts),
//! and `null` is taken as absent because Go programs write it for empty lists.

use crate::{Descriptor, Digest, Platform};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde::{Deserialize, Deserializer, de::IgnoredAny};
use serde_json::Value;
use std::collections::BTreeMap;

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
    pub(crate) config: Option<RawDescriptor>,
    #[serde(default, deserialize_with = "mark_present")]
    pub(crate) layers: Option<Option<Vec<RawDescriptor>>>,
    #[serde(default, deserialize_with = "mark_present")]
    pub(crate) manifests: Option<Option<Vec<RawDescriptor>>>,
    #[serde(default, deserialize_with = "mark_present")]
    pub(crate) blobs: Option<Option<Vec<RawDescriptor>>>,
    #[serde(default)]
    pub(crate) subject: Option<RawDescriptor>,
    #[serde(default)]
    pub(crate) annotations: Option<BTreeMap<String, String>>,
    /// Only schema 1 has it.
    #[serde(default)]
    pub(crate) fs_layers: Option<IgnoredAny>,
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
    platform: Option<Platform>,
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
            .map_err(|error: crate::DigestError| refuse("digest", error.to_string()))?;
        let size = self
            .size
            .as_u64()
            .filter(|size| *size <= i64::MAX as u64)
            .ok_or_else(|| refuse("size", "is a whole number of bytes, 0 or greater"))?;
        if let Some(artifact_type) = &self.artifact_type {
            check_type(artifact_type).map_err(|reason| refuse("artifactType", reason))?;
        }
        if let Some(data) = &self.data {
            check_data(data, digest, size)?;
        }
        Ok(Descriptor {
            media_type,
            digest,
            size,
            urls: self.urls.unwrap_or_default(),
            annotations: self.annotations.unwrap_or_default(),
            data: self.data,
            artifact_type: self.artifact_type.filter(|text| !text.is_empty()),
            platform: self.platform,
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
