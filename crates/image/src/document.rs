//! Documents of an image (manifests and configurations), read from wherever they are and verified.

use std::io::{self, Read};

use wharf_oci::{Descriptor, Digest, ImageConfig, MAX_MANIFEST_BYTES, Manifest, Platform};

use crate::{BuiltLayer, ImageError, ResolvedImage};

/// Chooses the entry of an index for a platform; the caller's, because the rules are shared with those who ask registries.
pub type SelectPlatform<'a> = dyn Fn(&[Descriptor], &Platform) -> Option<Digest> + Send + Sync + 'a;

/// Gives the bytes of a document, with the digest verified; `None` when it is not there.
pub(crate) type ReadDocument<'a> = dyn Fn(&Digest) -> Result<Option<Vec<u8>>, ImageError> + 'a;

/// A manifest or index whose bytes have its digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundManifest {
    /// Of the bytes.
    pub digest: Digest,
    /// As they were stored.
    pub bytes: Vec<u8>,
    /// What they say.
    pub manifest: Manifest,
}

/// One level of indexes is what builders write; two are seen; more are a mistake or an attack.
const MAX_INDEX_DEPTH: usize = 3;

/// The manifest or index of a digest.
pub(crate) fn read_manifest(
    digest: &Digest,
    read: &ReadDocument<'_>,
) -> Result<Option<FoundManifest>, ImageError> {
    let Some(bytes) = read(digest)? else {
        return Ok(None);
    };
    let manifest = Manifest::parse(None, &bytes).map_err(|error| {
        ImageError::new(format!("{digest} is no manifest: {}", error.message()))
    })?;
    Ok(Some(FoundManifest {
        digest: *digest,
        bytes,
        manifest,
    }))
}

/// The image of a platform behind a manifest or index; `None` when a document of it is not there.
pub(crate) fn resolve_image(
    name: String,
    mut found: FoundManifest,
    platform: &Platform,
    select: &SelectPlatform<'_>,
    read: &ReadDocument<'_>,
) -> Result<Option<ResolvedImage>, ImageError> {
    for _ in 0..MAX_INDEX_DEPTH {
        if !found.manifest.kind.is_index() {
            return read_image(name, &found, read);
        }
        let Some(entry) = select(&found.manifest.children, platform) else {
            return Ok(None);
        };
        found = match read_manifest(&entry, read)? {
            Some(found) => found,
            None => return Ok(None),
        };
    }
    let message = format!("{name} is an index of indexes, nested too deeply");
    Err(ImageError::new(message))
}

fn read_image(
    name: String,
    found: &FoundManifest,
    read: &ReadDocument<'_>,
) -> Result<Option<ResolvedImage>, ImageError> {
    let Some(described) = &found.manifest.config else {
        return Err(ImageError::new(format!(
            "{name} is an artifact, not an image"
        )));
    };
    let Some(config) = read(&described.digest)? else {
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
    let config = ImageConfig::parse(config);
    let diff_ids = config
        .ok_or_else(|| refuse("its configuration is not that of an image".to_owned()))?
        .diff_ids;
    if diff_ids.len() != manifest.layers.len() {
        let (layers, ids) = (manifest.layers.len(), diff_ids.len());
        return Err(refuse(format!(
            "it has {layers} layers, but its configuration lists {ids}"
        )));
    }
    let pair = |(descriptor, diff_id): (&Descriptor, &String)| {
        let diff_id = diff_id
            .parse()
            .map_err(|_| refuse(format!("{diff_id:?} is no digest")))?;
        Ok(BuiltLayer {
            descriptor: descriptor.clone(),
            diff_id,
        })
    };
    manifest.layers.iter().zip(&diff_ids).map(pair).collect()
}

/// Reads a document whole. Documents are held in memory, so what pretends to be one must not be larger than they may be.
pub(crate) fn read_bounded(from: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(MAX_MANIFEST_BYTES as u64 + 1)
        .read_to_end(&mut bytes)?;
    match bytes.len() > MAX_MANIFEST_BYTES {
        true => Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "it is larger than a document may be",
        )),
        false => Ok(bytes),
    }
}

/// Whether bytes are what their digest says.
pub(crate) fn has_digest(bytes: &[u8], digest: &Digest) -> bool {
    Digest::of(digest.algorithm(), bytes) == *digest
}

#[cfg(test)]
mod tests {
    use wharf_oci::media_type;

    use super::*;

    #[test]
    fn layers_and_their_tars_must_be_as_many() {
        let one = Digest::of(wharf_oci::Algorithm::Sha256, b"1");
        let manifest = serde_json::json!({"schemaVersion": 2, "mediaType": media_type::OCI_IMAGE,
            "config": {"mediaType": media_type::OCI_CONFIG, "digest": one, "size": 1},
            "layers": [{"mediaType": "a/b", "digest": one, "size": 1}]});
        let manifest = Manifest::parse(None, manifest.to_string().as_bytes()).expect("a manifest");
        let pair = |config: &str| pair_layers("a", &manifest, config.as_bytes());
        let good = format!(r#"{{"rootfs":{{"diff_ids":["{one}"]}}}}"#);
        assert_eq!(pair(&good).expect("a pair")[0].diff_id, one);
        for config in ["{}", "[]", r#"{"rootfs":{"diff_ids":["x"]}}"#, ""] {
            assert!(pair(config).is_err(), "{config}");
        }
    }

    #[test]
    fn a_chain_of_indexes_ends() {
        let text = |entry: Digest| {
            serde_json::json!({"schemaVersion": 2, "mediaType": media_type::OCI_INDEX,
                "manifests": [{"mediaType": media_type::OCI_INDEX, "digest": entry, "size": 1}]})
            .to_string()
        };
        let any = Digest::of(wharf_oci::Algorithm::Sha256, b"1");
        let read = |_: &Digest| Ok(Some(text(any).into_bytes()));
        let found = read_manifest(&any, &read)
            .expect("readable")
            .expect("there");
        let select = |entries: &[Descriptor], _: &Platform| Some(entries[0].digest);
        resolve_image("a".into(), found, &Platform::default(), &select, &read)
            .expect_err("endless");
    }
}
