//! What an image's config says about it, for showing to people.
//!
//! Nothing depends on it: a config of another shape, or no JSON at all, is an artifact's business and gives an
//! empty view or none, never an error.

use crate::{json_limits::check_limits, manifest::MAX_MANIFEST_BYTES};
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The parts of an image config (image-spec config.md) that a tag's page shows; parts that are missing or of
/// another type are empty.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct ImageConfig {
    pub os: Option<String>,
    pub architecture: Option<String>,
    pub variant: Option<String>,
    pub created: Option<String>,
    pub user: Option<String>,
    pub working_dir: Option<String>,
    pub env: Vec<String>,
    pub entrypoint: Vec<String>,
    pub cmd: Vec<String>,
    pub exposed_ports: Vec<String>,
    pub labels: BTreeMap<String, String>,
    pub history: Vec<HistoryEntry>,
    /// Digests of the uncompressed layers, as written.
    pub diff_ids: Vec<String>,
}

/// One step of an image's history, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct HistoryEntry {
    pub created: Option<String>,
    pub created_by: Option<String>,
    pub comment: Option<String>,
    /// Whether the step made no layer; the others match the manifest's layers in order.
    pub empty_layer: bool,
}

impl ImageConfig {
    /// The view of a config blob, or `None` when it is larger than 4 MiB, too deeply nested, or no JSON object.
    pub fn parse(bytes: &[u8]) -> Option<ImageConfig> {
        if bytes.len() > MAX_MANIFEST_BYTES {
            return None;
        }
        check_limits(bytes).ok()?;
        let Ok(Value::Object(mut root)) = serde_json::from_slice(bytes) else {
            return None;
        };
        let mut config = take_object(&mut root, "config");
        let history = take_array(&mut root, "history");
        Some(ImageConfig {
            os: take_text(&mut root, "os"),
            architecture: take_text(&mut root, "architecture"),
            variant: take_text(&mut root, "variant"),
            created: take_text(&mut root, "created"),
            user: take_text(&mut config, "User"),
            working_dir: take_text(&mut config, "WorkingDir"),
            env: take_texts(&mut config, "Env"),
            entrypoint: take_texts(&mut config, "Entrypoint"),
            cmd: take_texts(&mut config, "Cmd"),
            exposed_ports: take_object(&mut config, "ExposedPorts")
                .into_iter()
                .map(|(port, _)| port)
                .collect(),
            labels: take_object(&mut config, "Labels")
                .into_iter()
                .filter_map(|(key, value)| Some((key, into_text(value)?)))
                .collect(),
            history: history.into_iter().filter_map(read_history).collect(),
            diff_ids: take_texts(&mut take_object(&mut root, "rootfs"), "diff_ids"),
        })
    }
}

fn read_history(entry: Value) -> Option<HistoryEntry> {
    let Value::Object(mut entry) = entry else {
        return None;
    };
    Some(HistoryEntry {
        created: take_text(&mut entry, "created"),
        created_by: take_text(&mut entry, "created_by"),
        comment: take_text(&mut entry, "comment"),
        empty_layer: entry.get("empty_layer") == Some(&Value::Bool(true)),
    })
}

fn into_text(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        _ => None,
    }
}

fn take_text(object: &mut Map<String, Value>, key: &str) -> Option<String> {
    object
        .remove(key)
        .and_then(into_text)
        .filter(|text| !text.is_empty())
}

fn take_array(object: &mut Map<String, Value>, key: &str) -> Vec<Value> {
    match object.remove(key) {
        Some(Value::Array(values)) => values,
        _ => Vec::new(),
    }
}

fn take_texts(object: &mut Map<String, Value>, key: &str) -> Vec<String> {
    take_array(object, key)
        .into_iter()
        .filter_map(into_text)
        .collect()
}

fn take_object(object: &mut Map<String, Value>, key: &str) -> Map<String, Value> {
    match object.remove(key) {
        Some(Value::Object(inner)) => inner,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn what_docker_writes_is_shown() {
        let bytes = json!({
            "architecture": "arm64", "os": "linux", "variant": "v8", "created": "2026-01-02T03:04:05Z",
            "config": {
                "User": "65532", "WorkingDir": "/app", "Env": ["PATH=/bin"], "Entrypoint": ["/app/run"],
                "Cmd": null, "ExposedPorts": {"80/tcp": {}, "443/tcp": {}}, "Labels": {"a": "b"},
            },
            "history": [
                {"created": "2026-01-01T00:00:00Z", "created_by": "ADD rootfs", "comment": ""},
                {"created_by": "ENV A=B", "empty_layer": true},
            ],
            "rootfs": {"type": "layers", "diff_ids": ["sha256:1", "sha256:2"]},
        })
        .to_string();
        let config = ImageConfig::parse(bytes.as_bytes()).expect("an image config");
        let expected = ImageConfig {
            os: Some("linux".into()),
            architecture: Some("arm64".into()),
            variant: Some("v8".into()),
            created: Some("2026-01-02T03:04:05Z".into()),
            user: Some("65532".into()),
            working_dir: Some("/app".into()),
            env: vec!["PATH=/bin".into()],
            entrypoint: vec!["/app/run".into()],
            cmd: Vec::new(),
            exposed_ports: vec!["443/tcp".into(), "80/tcp".into()],
            labels: BTreeMap::from([("a".into(), "b".into())]),
            history: vec![
                HistoryEntry {
                    created: Some("2026-01-01T00:00:00Z".into()),
                    created_by: Some("ADD rootfs".into()),
                    ..HistoryEntry::default()
                },
                HistoryEntry {
                    created_by: Some("ENV A=B".into()),
                    empty_layer: true,
                    ..HistoryEntry::default()
                },
            ],
            diff_ids: vec!["sha256:1".into(), "sha256:2".into()],
        };
        assert_eq!(config, expected);
    }

    #[test]
    fn fields_of_another_type_are_empty_and_the_others_stay() {
        let bytes = br#"{"os":5,"architecture":"amd64","config":[],"history":[1,{"created_by":2}],"rootfs":null}"#;
        let config = ImageConfig::parse(bytes).expect("an object");
        assert_eq!(config.architecture.as_deref(), Some("amd64"));
        assert_eq!((config.os, config.env.len()), (None, 0));
        assert_eq!(config.history, [HistoryEntry::default()]);
    }

    #[test]
    fn what_is_no_json_object_of_sane_size_has_no_view() {
        let deep = "[".repeat(100_000);
        let large = format!("{{\"os\":\"{}\"}}", "x".repeat(MAX_MANIFEST_BYTES));
        for text in ["", "{", "[]", "null", "\0", &deep, &large] {
            assert_eq!(ImageConfig::parse(text.as_bytes()), None);
        }
        assert_eq!(ImageConfig::parse(b"{}"), Some(ImageConfig::default()));
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let view = ImageConfig::parse(&bytes);
            let has_object = bytes.contains(&b'{');
            prop_assert!(view.is_none() || has_object);
        }
    }
}
