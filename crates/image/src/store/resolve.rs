//! The image of one platform behind a name.

use wharf_oci::{Descriptor, Digest, ImageConfig, Manifest, Platform};

use super::{FoundManifest, LocalStore};
use crate::{BuiltLayer, ImageError, ImageName, ResolvedImage};

/// Chooses the entry of an index for a platform; the caller's, because the rules are shared with those who ask registries.
pub type SelectPlatform<'a> = dyn Fn(&[Descriptor], &Platform) -> Option<Digest> + 'a;

impl LocalStore {
    /// The image of a platform, verified down to its configuration. `None` when the name, the platform's manifest or its
    /// configuration is not here; layers may be missing.
    ///
    /// # Errors
    /// The file system's, or bytes that are not what they should be.
    pub fn resolve(
        &self,
        name: &ImageName,
        platform: &Platform,
        select: &SelectPlatform<'_>,
    ) -> Result<Option<ResolvedImage>, ImageError> {
        match self.find(name)? {
            Some(found) => self.resolve_found(name.to_string(), found, platform, select),
            None => Ok(None),
        }
    }

    pub(crate) fn resolve_found(
        &self,
        name: String,
        mut found: FoundManifest,
        platform: &Platform,
        select: &SelectPlatform<'_>,
    ) -> Result<Option<ResolvedImage>, ImageError> {
        // An index of indexes is allowed; a bound, because nothing else ends a chain of them.
        for _ in 0..MAX_INDEX_DEPTH {
            if !found.manifest.kind.is_index() {
                return self.read_image(name, &found);
            }
            let entry = select(&found.manifest.children, platform);
            found = match entry
                .map(|digest| self.read_manifest(&digest))
                .transpose()?
                .flatten()
            {
                Some(found) => found,
                None => return Ok(None),
            };
        }
        Err(ImageError::new(format!(
            "{name} is an index of indexes, nested too deeply"
        )))
    }

    fn read_image(
        &self,
        name: String,
        found: &FoundManifest,
    ) -> Result<Option<ResolvedImage>, ImageError> {
        let described = found.manifest.config.as_ref();
        let Some(config) = described
            .map(|config| self.read_document(&config.digest))
            .transpose()?
            .flatten()
        else {
            return Ok(None);
        };
        let layers = pair_layers(&name, &found.manifest, &config)?;
        Ok(Some(ResolvedImage {
            name,
            digest: found.digest,
            config,
            layers,
        }))
    }
}

/// One level is what builders write; two are seen; more are a mistake or an attack.
const MAX_INDEX_DEPTH: usize = 3;

/// A manifest's layers with the digests of their tars from the configuration.
///
/// # Errors
/// The two do not have the same number, which every runtime refuses too.
pub fn pair_layers(
    name: &str,
    manifest: &Manifest,
    config: &[u8],
) -> Result<Vec<BuiltLayer>, ImageError> {
    let refuse = |reason: String| {
        ImageError::new(format!(
            "{name} is no image that a build can start from: {reason}"
        ))
    };
    let diff_ids = ImageConfig::parse(config)
        .ok_or_else(|| refuse("its configuration is not JSON of an image".to_owned()))?
        .diff_ids;
    if diff_ids.len() != manifest.layers.len() {
        let (layers, ids) = (manifest.layers.len(), diff_ids.len());
        return Err(refuse(format!(
            "{layers} layers, but its configuration lists {ids}"
        )));
    }
    let pairs = manifest.layers.iter().zip(&diff_ids);
    pairs
        .map(|(descriptor, diff_id)| {
            let diff_id = diff_id
                .parse()
                .map_err(|_| refuse(format!("{diff_id:?} is no digest")))?;
            Ok(BuiltLayer {
                descriptor: descriptor.clone(),
                diff_id,
            })
        })
        .collect()
}
