//! The JSON of manifests and indexes, with the keys in the specification's order.

use std::collections::BTreeMap;

use serde::Serialize;
use wharf_oci::Descriptor;

use crate::BuiltLayer;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ImageManifest<'a> {
    schema_version: u32,
    media_type: &'a str,
    config: &'a Descriptor,
    /// Also when there are none: a manifest without the list is no image to many readers.
    layers: Vec<&'a Descriptor>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    annotations: &'a BTreeMap<String, String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ImageIndex<'a> {
    schema_version: u32,
    media_type: &'a str,
    manifests: &'a [&'a Descriptor],
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    annotations: &'a BTreeMap<String, String>,
}

/// image-spec `manifest.md`; for Docker's types, image manifest version 2 schema 2.
pub(super) fn render_manifest(
    media_type: &str,
    config: &Descriptor,
    layers: &[BuiltLayer],
    annotations: &BTreeMap<String, String>,
) -> Vec<u8> {
    render(&ImageManifest {
        schema_version: 2,
        media_type,
        config,
        layers: layers.iter().map(|layer| &layer.descriptor).collect(),
        annotations,
    })
}

/// image-spec `image-index.md`; for Docker's types, the manifest list.
pub(super) fn render_index(
    media_type: &str,
    manifests: &[&Descriptor],
    annotations: &BTreeMap<String, String>,
) -> Vec<u8> {
    render(&ImageIndex {
        schema_version: 2,
        media_type,
        manifests,
        annotations,
    })
}

fn render(document: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec_pretty(document).expect("texts and numbers are always JSON")
}
