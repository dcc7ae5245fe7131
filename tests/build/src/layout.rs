//! Reads an image out of an OCI layout tar, a docker archive or a registry: its manifests, config and layers.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::Value;
use tar::Archive;

/// Bytes by name: the files of a layout tar, or blobs of a registry under `blobs/sha256/…`.
#[derive(Debug, Clone, Default)]
pub struct Blobs(pub BTreeMap<String, Vec<u8>>);

impl Blobs {
    /// Reads every file of a tar.
    ///
    /// # Errors
    /// The file is missing or no tar.
    pub fn read_tar(path: &Path) -> Result<Self> {
        let bytes = std::fs::read(path).with_context(|| format!("read {}", path.display()))?;
        let mut files = BTreeMap::new();
        for entry in Archive::new(bytes.as_slice()).entries()? {
            let mut entry = entry?;
            let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            let mut content = Vec::new();
            entry.read_to_end(&mut content)?;
            files.insert(name.trim_start_matches("./").to_owned(), content);
        }
        Ok(Self(files))
    }

    /// A file of the layout as JSON.
    ///
    /// # Errors
    /// It is not there, or no JSON.
    pub fn read_json(&self, name: &str) -> Result<Value> {
        let bytes = self
            .0
            .get(name)
            .with_context(|| format!("{name} is not in the layout"))?;
        serde_json::from_slice(bytes).with_context(|| format!("parse {name}"))
    }

    /// The blob that a descriptor names.
    ///
    /// # Errors
    /// It is not there, has another size than the descriptor says, or another digest.
    pub fn find_blob(&self, descriptor: &Value) -> Result<&[u8]> {
        let digest = descriptor["digest"]
            .as_str()
            .context("a descriptor without a digest")?;
        let bytes = self
            .0
            .get(&format!("blobs/{}", digest.replace(':', "/")))
            .with_context(|| format!("blob {digest} is not there"))?;
        if descriptor["size"].as_u64() != Some(bytes.len() as u64) {
            bail!(
                "{digest} has {} bytes, its descriptor says {}",
                bytes.len(),
                descriptor["size"]
            );
        }
        if digest != digest_of(bytes) {
            bail!("the blob of {digest} has digest {}", digest_of(bytes));
        }
        Ok(bytes)
    }
}

/// `sha256:…` of some bytes.
#[must_use]
pub fn digest_of(bytes: &[u8]) -> String {
    use sha2::Digest;
    format!("sha256:{}", hex::encode(sha2::Sha256::digest(bytes)))
}

/// A layer without its compression, recognized by content as clients do.
///
/// # Errors
/// The stream is broken.
pub fn decompress(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut plain = Vec::new();
    match bytes {
        [0x1f, 0x8b, ..] => {
            flate2::read::MultiGzDecoder::new(bytes).read_to_end(&mut plain)?;
        }
        [0x28, 0xb5, 0x2f, 0xfd, ..] => {
            zstd::stream::read::Decoder::new(bytes)?.read_to_end(&mut plain)?;
        }
        _ => plain.extend_from_slice(bytes),
    }
    Ok(plain)
}
