//! The read model: hot rows in memory, never the only copy of anything acknowledged.

mod remembered;

pub(crate) use remembered::Remembered;

use crate::access::{Account, AccountKey, Recognized};
use bytes::Bytes;
use std::sync::Arc;
use wharf_model::{Facts, RepositoryId};
use wharf_oci::{Digest, RepositoryName, Tag};

/// A manifest ready to be served.
#[derive(Debug, Clone)]
pub struct ServedManifest {
    /// Its digest.
    pub digest: Digest,
    /// The digest as text, as headers have it.
    pub digest_text: Arc<str>,
    /// The type it was pushed with.
    pub media_type: Arc<str>,
    /// Exactly what was pushed.
    pub bytes: Bytes,
}

/// Everything that is remembered.
pub(crate) struct Memory {
    /// What decisions need of a repository, by name.
    pub(crate) repositories: Remembered<RepositoryName, Facts>,
    /// Accounts with their roles.
    pub(crate) accounts: Remembered<AccountKey, Arc<Account>>,
    /// Verified credentials by their keyed hash.
    pub(crate) credentials: Remembered<[u8; 32], Recognized>,
    /// What tags name.
    pub(crate) tags: Remembered<(RepositoryId, Tag), Digest>,
    /// Manifests of repositories.
    pub(crate) manifests: Remembered<(RepositoryId, Digest), Arc<ServedManifest>>,
    /// Sizes of blobs that are linked to a repository and were seen in the store.
    pub(crate) links: Remembered<(RepositoryId, Digest), u64>,
}

/// Entries of the small caches: a busy installation's working set. 16,384 take about 4 MB each when full.
const ENTRIES: u64 = 16_384;

/// Bytes of remembered manifests: some ten thousand usual ones, or four of the largest.
const MANIFEST_BYTES: u64 = 16 << 20;

impl Memory {
    pub(crate) fn new() -> Self {
        let weigh = |_: &(RepositoryId, Digest), manifest: &Arc<ServedManifest>| {
            u32::try_from(manifest.bytes.len() + 512).unwrap_or(u32::MAX)
        };
        Self {
            repositories: Remembered::with_entries(ENTRIES),
            accounts: Remembered::with_entries(ENTRIES),
            credentials: Remembered::with_entries(ENTRIES),
            tags: Remembered::with_entries(ENTRIES),
            manifests: Remembered::with_bytes(MANIFEST_BYTES, weigh),
            links: Remembered::with_entries(4 * ENTRIES),
        }
    }

    /// Forgets everything, after a change beside the server.
    pub(crate) fn forget_all(&self) {
        self.repositories.forget_all();
        self.accounts.forget_all();
        self.credentials.forget_all();
        self.tags.forget_all();
        self.manifests.forget_all();
        self.links.forget_all();
    }
}
