//! Makes the bytes that are pushed: incompressible blobs that differ in their last bytes, and image manifests.
//! Refuses to hold a large blob in memory; it is sent from one shared block.
//! Called by seeding and by the measures.

use std::io::{self, Write};
use std::sync::Arc;

use serde_json::json;
use sha2::{Digest as _, Sha256};

/// The block that large blobs repeat: small enough to stay in the CPU's cache while it is sent.
const BLOCK: usize = 1 << 20;

/// The last bytes of a blob, which make its digest its own.
const TAIL: usize = 16;

pub(crate) const MANIFEST_TYPE: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIG_TYPE: &str = "application/vnd.oci.image.config.v1+json";
const LAYER_TYPE: &str = "application/vnd.oci.image.layer.v1.tar+gzip";

/// A sha256 digest as registries write it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Digest(String);

impl Digest {
    pub(crate) fn of(bytes: &[u8]) -> Digest {
        Digest::from_hash(Sha256::new_with_prefix(bytes))
    }

    fn from_hash(hash: Sha256) -> Digest {
        Digest(format!("sha256:{}", hex::encode(hash.finalize())))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The digits after the algorithm.
    pub(crate) fn hex(&self) -> &str {
        &self.0["sha256:".len()..]
    }
}

/// Casts any number of blobs of one size; what they share is hashed once.
pub(crate) struct Mold {
    block: Arc<Vec<u8>>,
    size: u64,
    shared: Sha256,
}

/// A blob to push.
pub(crate) struct Blob {
    block: Arc<Vec<u8>>,
    size: u64,
    tail: [u8; TAIL],
    digest: Digest,
}

impl Mold {
    /// A mold for blobs of `size` bytes, at least 16.
    pub(crate) fn new(size: u64) -> Mold {
        let block = Arc::new(fill_block());
        let mut shared = Sha256::new();
        let hashed = write_repeated(&block, size - TAIL as u64, &mut HashWriter(&mut shared));
        debug_assert!(hashed.is_ok(), "hashing cannot fail");
        Mold {
            block,
            size,
            shared,
        }
    }

    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// The blob with this number; equal numbers give equal blobs.
    pub(crate) fn cast(&self, number: u64) -> Blob {
        let mut tail = [0; TAIL];
        tail[..8].copy_from_slice(&number.to_le_bytes());
        let mut hash = self.shared.clone();
        hash.update(tail);
        Blob {
            block: Arc::clone(&self.block),
            size: self.size,
            tail,
            digest: Digest::from_hash(hash),
        }
    }
}

impl Blob {
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    pub(crate) fn digest(&self) -> &Digest {
        &self.digest
    }

    pub(crate) fn write_to(&self, out: &mut impl Write) -> io::Result<()> {
        write_repeated(&self.block, self.size - TAIL as u64, out)?;
        out.write_all(&self.tail)
    }

    /// All of it, for blobs that are small.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.size as usize);
        let written = self.write_to(&mut bytes);
        debug_assert!(written.is_ok(), "writing to memory cannot fail");
        bytes
    }
}

/// A manifest that names `config` and `layers`; `note` makes it differ from others.
pub(crate) fn write_manifest(config: &Blob, layers: &[&Blob], note: &str) -> Vec<u8> {
    let describe = |blob: &Blob, media_type: &str| json!({"mediaType": media_type, "digest": blob.digest.as_str(), "size": blob.size});
    let layers: Vec<_> = layers.iter().map(|l| describe(l, LAYER_TYPE)).collect();
    json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST_TYPE,
        "config": describe(config, CONFIG_TYPE),
        "layers": layers,
        "annotations": {"note": note},
    })
    .to_string()
    .into_bytes()
}

/// Fills a block with bytes that no file system can compress (xorshift64*).
fn fill_block() -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut block = Vec::with_capacity(BLOCK);
    while block.len() < BLOCK {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        block.extend_from_slice(&state.wrapping_mul(0x2545_f491_4f6c_dd1d).to_le_bytes());
    }
    block
}

fn write_repeated(block: &[u8], mut size: u64, out: &mut impl Write) -> io::Result<()> {
    while size > 0 {
        let part = usize::try_from(size).unwrap_or(BLOCK).min(block.len());
        out.write_all(&block[..part])?;
        size -= part as u64;
    }
    Ok(())
}

struct HashWriter<'a>(&'a mut Sha256);

impl Write for HashWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blob_has_the_digest_of_its_bytes() {
        for size in [16, 17, 4096, BLOCK as u64 + 15, 2 * BLOCK as u64 + 100] {
            let blob = Mold::new(size).cast(7);
            let bytes = blob.to_bytes();
            assert_eq!(bytes.len() as u64, size);
            assert_eq!(*blob.digest(), Digest::of(&bytes), "{size} bytes");
        }
    }

    #[test]
    fn blobs_of_one_mold_differ_by_number() {
        let mold = Mold::new(100);
        assert_eq!(mold.cast(1).digest(), mold.cast(1).digest());
        assert_ne!(mold.cast(1).digest(), mold.cast(2).digest());
    }

    #[test]
    fn manifest_names_its_blobs() {
        let mold = Mold::new(64);
        let (config, layer) = (mold.cast(1), mold.cast(2));
        let manifest = write_manifest(&config, &[&layer], "x");
        let parsed: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
        assert_eq!(parsed["config"]["digest"], config.digest().as_str());
        assert_eq!(parsed["layers"][0]["size"], 64);
        assert_ne!(manifest, write_manifest(&config, &[&layer], "y"));
    }

    #[test]
    fn digest_of_nothing_is_the_known_one() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(Digest::of(b"").hex(), empty);
    }
}
