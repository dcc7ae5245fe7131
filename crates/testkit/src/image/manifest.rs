//! Manifests as bytes.

use bytes::Bytes;
use serde_json::{Value, json};

use super::{Blob, compute_digest, media_type};

/// A manifest: its type and its exact bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// What `Content-Type` says.
    pub media_type: String,
    /// What is sent.
    pub bytes: Bytes,
}

impl Manifest {
    /// The JSON of `value` with the type that its own `mediaType` names; panics without one.
    pub fn from_json(value: &Value) -> Self {
        let media_type = value["mediaType"].as_str().expect("a `mediaType`");
        Self {
            media_type: media_type.to_owned(),
            bytes: serde_json::to_vec(value).expect("JSON").into(),
        }
    }

    /// Its sha256 digest.
    pub fn digest(&self) -> String {
        compute_digest(&self.bytes)
    }

    /// Its descriptor.
    pub fn descriptor(&self) -> Value {
        json!({ "mediaType": self.media_type, "digest": self.digest(), "size": self.bytes.len() })
    }

    /// Its descriptor with a platform, as an index lists it.
    pub fn platform_descriptor(&self, os: &str, architecture: &str) -> Value {
        let mut descriptor = self.descriptor();
        descriptor["platform"] = json!({ "os": os, "architecture": architecture });
        descriptor
    }

    /// The bytes as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).expect("a manifest is JSON")
    }

    /// The same manifest with some fields set; a field set to null is taken out.
    pub fn with_fields(&self, fields: Value) -> Self {
        let mut value = self.json();
        let object = value.as_object_mut().expect("a manifest is an object");
        for (name, field) in fields.as_object().expect("fields are an object") {
            if field.is_null() {
                object.remove(name);
            } else {
                object.insert(name.clone(), field.clone());
            }
        }
        Self {
            media_type: self.media_type.clone(),
            bytes: serde_json::to_vec(&value).expect("JSON").into(),
        }
    }
}

/// An OCI index of these descriptors.
pub fn make_index(children: Vec<Value>) -> Manifest {
    Manifest::from_json(&json!({
        "schemaVersion": 2,
        "mediaType": media_type::OCI_INDEX,
        "manifests": children,
    }))
}

/// An OCI image manifest with an `artifactType`, the empty config and these layers, attached to `subject` if there is one.
pub fn make_artifact(artifact_type: &str, layers: &[Blob], subject: Option<&Value>) -> Manifest {
    let mut value = json!({
        "schemaVersion": 2,
        "mediaType": media_type::OCI_MANIFEST,
        "artifactType": artifact_type,
        "config": Blob::empty_config().descriptor(),
        "layers": layers.iter().map(Blob::descriptor).collect::<Vec<_>>(),
    });
    if let Some(subject) = subject {
        value["subject"] = subject.clone();
    }
    Manifest::from_json(&value)
}
