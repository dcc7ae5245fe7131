//! What every test needs: bytes that differ, ids that do not repeat, a push in one call.

use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use uuid::Uuid;
use wharf_blobs::{Error, Store, UploadId};
use wharf_oci::{Algorithm, Digest};

pub(crate) fn new_id() -> UploadId {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    UploadId::new(Uuid::from_u64_pair(7, NEXT.fetch_add(1, Ordering::Relaxed)))
}

/// `length` bytes that look random and depend on the seed.
pub(crate) fn make_bytes(seed: u64, length: usize) -> Bytes {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(length);
    Bytes::from(bytes)
}

pub(crate) fn sha256(bytes: &[u8]) -> Digest {
    Digest::of(Algorithm::Sha256, bytes)
}

/// Opens a store that this test has just dropped: its last job may hold the folder a moment longer.
pub(crate) async fn reopen(root: &Path) -> Store {
    loop {
        match Store::open(root) {
            Err(Error::Locked { .. }) => tokio::task::yield_now().await,
            result => return result.expect("a store"),
        }
    }
}

/// Uploads the bytes in one request.
pub(crate) async fn push(store: &Store, bytes: &Bytes) -> Digest {
    let digest = sha256(bytes);
    let mut upload = store
        .create_upload(new_id(), Algorithm::Sha256)
        .expect("an upload");
    upload.write(bytes.clone()).await.expect("written");
    let blob = upload.finish(&digest).await.expect("finished");
    assert_eq!((blob.digest, blob.size), (digest, bytes.len() as u64));
    digest
}

/// The blob's bytes as a reader sees them.
pub(crate) async fn read(store: &Store, digest: &Digest) -> Option<Vec<u8>> {
    let blob = store.open_blob(digest).await.expect("a look")?;
    let mut bytes = vec![0; usize::try_from(blob.size).expect("small")];
    blob.file.read_exact_at(&mut bytes, 0).expect("readable");
    Some(bytes)
}

pub(crate) fn staged_path(root: &Path, digest: &Digest) -> PathBuf {
    root.join(format!("staged/{}-{}", digest.algorithm(), digest.hex()))
}

pub(crate) fn stored_path(root: &Path, digest: &Digest) -> PathBuf {
    let hex = digest.hex();
    root.join(format!("blobs/{}/{}/{hex}", digest.algorithm(), &hex[..2]))
}

pub(crate) fn count_files(directory: &Path) -> usize {
    std::fs::read_dir(directory).expect("a directory").count()
}
