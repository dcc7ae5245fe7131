//! What is known of a result.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use wharf_image::BuiltLayer;
use wharf_oci::Descriptor;

/// A step's result.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Record {
    /// Names this very result; steps that stand on it have it in their keys.
    pub(crate) result: String,
    /// The result that it stands on; nothing for a base image's layer, and for a step on a base image that one's name.
    #[serde(default)]
    pub(crate) parent: Option<String>,
    /// The snapshot's name.
    pub(crate) snapshot: String,
    /// When the machine had been started; see [`StateFolder::boot`](crate::state::StateFolder::boot).
    pub(crate) boot: String,
    /// The same as a layer.
    pub(crate) layer: LayerRecord,
    /// How that is compressed.
    pub(crate) form: String,
    /// The same layer in other compressions that were asked for since.
    #[serde(default)]
    pub(crate) others: BTreeMap<String, LayerRecord>,
    /// Bytes on the disk, roughly: for the budget.
    pub(crate) bytes: u64,
    pub(crate) created: Timestamp,
    /// For people.
    pub(crate) description: String,
}

impl Record {
    /// Its layer in all compressions that there are.
    pub(crate) fn layers(&self) -> impl Iterator<Item = (&str, &LayerRecord)> {
        let others = self
            .others
            .iter()
            .map(|(form, layer)| (form.as_str(), layer));
        std::iter::once((self.form.as_str(), &self.layer)).chain(others)
    }
}

/// A layer's descriptor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LayerRecord {
    pub(crate) media_type: String,
    pub(crate) digest: String,
    pub(crate) size: u64,
    pub(crate) diff_id: String,
}

impl LayerRecord {
    pub(crate) fn new(layer: &BuiltLayer) -> Self {
        Self {
            media_type: layer.descriptor.media_type.clone(),
            digest: layer.descriptor.digest.to_string(),
            size: layer.descriptor.size,
            diff_id: layer.diff_id.to_string(),
        }
    }

    /// `None` when somebody wrote nonsense into the record.
    pub(crate) fn to_layer(&self) -> Option<BuiltLayer> {
        Some(BuiltLayer {
            descriptor: Descriptor {
                media_type: self.media_type.clone(),
                digest: self.digest.parse().ok()?,
                size: self.size,
                urls: Vec::new(),
                annotations: Default::default(),
                data: None,
                artifact_type: None,
                platform: None,
            },
            diff_id: self.diff_id.parse().ok()?,
        })
    }
}
