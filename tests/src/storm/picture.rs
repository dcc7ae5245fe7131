//! Images made from two numbers, so that a record of thousands of them needs no bytes.

use bytes::Bytes;
use serde_json::json;
use wharf_testkit::{
    Blob, Image, Manifest,
    image::{make_random_bytes, media_type},
};

use super::{Dice, Mix};

/// Layers that every pusher uses now and then, as base images are.
const SHARED_LAYERS: u64 = 8;

/// Which image: the same recipe makes the same bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Recipe {
    pub(super) mix: Mix,
    pub(super) pusher: usize,
    pub(super) number: u64,
}

impl Recipe {
    pub(super) fn make(&self) -> Image {
        let seed = self.number * 1_000 + self.pusher as u64 + 100;
        let mut dice = Dice::new(seed);
        let layers: Vec<Blob> = (0..=dice.roll(self.mix.layers))
            .map(|place| {
                let bytes = match dice.roll(4) {
                    0 => make_shared_layer(self.mix, dice.roll(SHARED_LAYERS)),
                    _ => make_random_bytes(seed * 10 + place, *dice.pick(self.mix.layer_sizes)),
                };
                Blob::new(media_type::OCI_LAYER, bytes)
            })
            .collect();
        let config = Blob::new(
            media_type::OCI_CONFIG,
            json!({
                "architecture": "amd64",
                "os": "linux",
                "config": { "Labels": { "recipe": format!("{}/{}", self.pusher, self.number) } },
                "rootfs": { "type": "layers", "diff_ids": [] },
            })
            .to_string(),
        );
        let manifest = Manifest::from_json(&json!({
            "schemaVersion": 2,
            "mediaType": media_type::OCI_MANIFEST,
            "config": config.descriptor(),
            "layers": layers.iter().map(Blob::descriptor).collect::<Vec<_>>(),
        }));
        Image {
            config,
            layers,
            manifest,
        }
    }
}

fn make_shared_layer(mix: Mix, number: u64) -> Bytes {
    let size = mix.layer_sizes[number as usize % mix.layer_sizes.len()];
    make_random_bytes(number + 1, size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recipe_makes_the_same_image_again_and_another_one_another() {
        let recipe = |number| Recipe {
            mix: Mix::IMAGES,
            pusher: 1,
            number,
        };
        assert_eq!(recipe(3).make().digest(), recipe(3).make().digest());
        assert_ne!(recipe(3).make().digest(), recipe(4).make().digest());
    }
}
