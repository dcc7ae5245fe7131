//! The platforms that a manifest is kept with.

use super::manifest_put::is_image_config;
use crate::{App, Error};
use std::collections::HashMap;
use wharf_db::blobs::LinkedBlob;
use wharf_oci::{Digest, ImageConfig, Manifest};

/// Longest config read for its platform; usual ones have a few KiB.
const MAX_CONFIG_BYTES: u64 = 1 << 20;

/// Most platforms kept of one manifest. The most portable images list about twenty; every page of tags repeats them.
const MAX_PLATFORMS: usize = 64;

/// Longest platform kept, in bytes; `windows/amd64` and `linux/arm/v7` are usual.
const MAX_PLATFORM_BYTES: usize = 64;

impl App {
    /// `os/architecture` of an image by its config, of an index by its entries.
    pub(super) async fn find_platforms(
        &self,
        view: &Manifest,
        linked: &HashMap<Digest, LinkedBlob>,
    ) -> Result<Vec<String>, Error> {
        if view.kind.is_index() {
            let platforms = view.children.iter().filter_map(|child| {
                // Attestations hang on an index as entries of no platform.
                let platform = child.platform.as_ref().filter(|it| it.os != "unknown")?;
                Some(platform.to_string())
            });
            return Ok(keep_platforms(platforms));
        }
        let Some(config) = view.config.as_ref().filter(|config| {
            is_image_config(&config.media_type) && linked.contains_key(&config.digest)
        }) else {
            return Ok(Vec::new());
        };
        let bytes = self
            .read_small_blob(&config.digest, MAX_CONFIG_BYTES)
            .await?;
        let config = bytes.as_deref().and_then(ImageConfig::parse);
        let platform = config.and_then(|config| platform_of(&config));
        Ok(keep_platforms(platform.into_iter()))
    }
}

/// Each platform once and as many as anybody reads; what no tool would write is left out. The manifest keeps its bytes.
fn keep_platforms(named: impl Iterator<Item = String>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for platform in named {
        let plain = platform.len() <= MAX_PLATFORM_BYTES
            && platform.bytes().all(|byte| byte.is_ascii_graphic());
        if plain && !kept.contains(&platform) {
            kept.push(platform);
            if kept.len() == MAX_PLATFORMS {
                break;
            }
        }
    }
    kept
}

fn platform_of(config: &ImageConfig) -> Option<String> {
    let platform = wharf_oci::Platform {
        os: config.os.clone().filter(|os| !os.is_empty())?,
        architecture: config
            .architecture
            .clone()
            .filter(|name| !name.is_empty())?,
        variant: config.variant.clone(),
        ..Default::default()
    };
    Some(platform.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn platforms_are_kept_once_in_order_and_within_bounds() {
        let named = [
            "linux/arm64",
            "linux/amd64",
            "linux/arm64",
            "a b/c",
            "ü/x",
            "a/\n",
        ];
        let long = [
            "a".repeat(MAX_PLATFORM_BYTES),
            "a".repeat(MAX_PLATFORM_BYTES + 1),
        ];
        let named = named.map(str::to_owned).into_iter().chain(long.clone());
        let kept = keep_platforms(named);
        assert_eq!(kept, ["linux/arm64", "linux/amd64", long[0].as_str()]);
        let many = (0..1000).map(|number| format!("linux/{number}"));
        assert_eq!(keep_platforms(many).len(), MAX_PLATFORMS);
    }
}
