//! Documents that are taken, what they name, and documents that are refused.

mod any_document;
mod refused;
mod taken;

use super::*;
use crate::{Algorithm, Digest};
use serde_json::{Value, json};

fn digest_of(text: &str) -> String {
    Digest::of(Algorithm::Sha256, text.as_bytes()).to_string()
}

fn descriptor(media_type: &str, content: &str) -> Value {
    json!({"mediaType": media_type, "digest": digest_of(content), "size": content.len()})
}

fn oci_image() -> Value {
    json!({
        "schemaVersion": 2,
        "mediaType": media_type::OCI_IMAGE,
        "config": descriptor(media_type::OCI_CONFIG, "config"),
        "layers": [
            descriptor("application/vnd.oci.image.layer.v1.tar+gzip", "one"),
            descriptor("application/vnd.example.unknown", "two"),
        ],
        "annotations": {"b": "2", "a": "1"},
    })
}

fn oci_index() -> Value {
    json!({
        "schemaVersion": 2,
        "mediaType": media_type::OCI_INDEX,
        "manifests": [
            {"mediaType": media_type::OCI_IMAGE, "digest": digest_of("m"), "size": 1,
             "platform": {"os": "linux", "architecture": "arm64", "variant": "v8", "os.version": "1"}},
            descriptor("application/octet-stream", "a blob"),
        ],
    })
}

fn with(mut document: Value, pointer: &str, value: Value) -> Value {
    let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
    match document.pointer_mut(parent).expect("a parent") {
        Value::Array(entries) => entries[key.parse::<usize>().expect("an index")] = value,
        parent => parent[key] = value,
    }
    document
}

fn without(mut document: Value, key: &str) -> Value {
    document.as_object_mut().expect("an object").remove(key);
    document
}

fn parse(document: &Value) -> Result<Manifest, RegistryError> {
    Manifest::parse(None, document.to_string().as_bytes())
}

fn parse_ok(document: &Value) -> Manifest {
    parse(document).unwrap_or_else(|error| panic!("{document}: {error}"))
}

#[track_caller]
fn assert_refused(content_type: Option<&str>, document: &str, expected: &str) {
    match Manifest::parse(content_type, document.as_bytes()) {
        Ok(manifest) => panic!("{document} was taken as {manifest:?}"),
        Err(error) => {
            assert_eq!(
                (error.status(), error.code()),
                (400, ErrorCode::ManifestInvalid)
            );
            assert!(error.message().contains(expected), "{document}: {error}");
        }
    }
}
