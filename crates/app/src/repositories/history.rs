//! An image's history as `docker history` shows it: the steps of its config, each with the layer that it made.

use wharf_oci::{Descriptor, Digest, ImageConfig};

/// One step of an image's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryStep {
    /// When, as the builder wrote it.
    pub created: Option<String>,
    /// The instruction, as the builder wrote it; empty when it wrote none.
    pub created_by: String,
    /// What the builder remarked.
    pub comment: Option<String>,
    /// Whether the step made no layer.
    pub empty_layer: bool,
    /// Bytes of its layer as it is stored.
    pub size: u64,
    /// Its layer.
    pub layer: Option<Digest>,
}

/// The steps, oldest first. Steps that are not empty take the layers in order (image-spec config.md, `history`);
/// layers that no step speaks of follow as steps of their own, and steps beyond the last layer have none.
pub(super) fn join_history(config: &ImageConfig, layers: &[Descriptor]) -> Vec<HistoryStep> {
    let mut layers = layers.iter();
    let mut steps: Vec<_> = config
        .history
        .iter()
        .map(|entry| {
            let layer = if entry.empty_layer {
                None
            } else {
                layers.next()
            };
            HistoryStep {
                created: entry.created.clone(),
                created_by: entry.created_by.clone().unwrap_or_default(),
                comment: entry.comment.clone(),
                empty_layer: entry.empty_layer,
                size: layer.map_or(0, |layer| layer.size),
                layer: layer.map(|layer| layer.digest),
            }
        })
        .collect();
    steps.extend(layers.map(HistoryStep::of_layer));
    steps
}

impl HistoryStep {
    /// A layer of which nobody says how it came to be.
    pub(super) fn of_layer(layer: &Descriptor) -> Self {
        Self {
            created: None,
            created_by: String::new(),
            comment: None,
            empty_layer: false,
            size: layer.size,
            layer: Some(layer.digest),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;
    use wharf_oci::{Algorithm, HistoryEntry};

    fn layer(text: &str) -> Descriptor {
        Descriptor {
            media_type: "application/vnd.oci.image.layer.v1.tar+gzip".into(),
            digest: Digest::of(Algorithm::Sha256, text.as_bytes()),
            size: text.len() as u64,
            urls: Vec::new(),
            annotations: BTreeMap::new(),
            data: None,
            artifact_type: None,
            platform: None,
        }
    }

    fn entry(created_by: &str, empty_layer: bool) -> HistoryEntry {
        HistoryEntry {
            created_by: Some(created_by.into()),
            empty_layer,
            ..HistoryEntry::default()
        }
    }

    fn join(history: Vec<HistoryEntry>, layers: &[Descriptor]) -> Vec<(String, u64, bool)> {
        let config = ImageConfig {
            history,
            ..ImageConfig::default()
        };
        let steps = join_history(&config, layers).into_iter();
        steps
            .map(|step| (step.created_by, step.size, step.layer.is_some()))
            .collect()
    }

    #[test]
    fn only_steps_that_made_a_layer_take_one() {
        let history = vec![
            entry("ADD rootfs", false),
            entry("ENV A=B", true),
            entry("RUN make", false),
            entry("CMD run", true),
        ];
        assert_eq!(
            join(history, &[layer("1"), layer("22")]),
            [
                ("ADD rootfs".into(), 1, true),
                ("ENV A=B".into(), 0, false),
                ("RUN make".into(), 2, true),
                ("CMD run".into(), 0, false),
            ]
        );
    }

    #[test]
    fn layers_without_a_step_and_steps_without_a_layer_are_shown() {
        assert_eq!(
            join(vec![entry("FROM", false)], &[layer("1"), layer("22")]),
            [("FROM".into(), 1, true), (String::new(), 2, true)]
        );
        assert_eq!(
            join(vec![entry("a", false), entry("b", false)], &[layer("1")]),
            [("a".into(), 1, true), ("b".into(), 0, false)]
        );
        assert_eq!(join(Vec::new(), &[layer("1")]), [(String::new(), 1, true)]);
    }
}
