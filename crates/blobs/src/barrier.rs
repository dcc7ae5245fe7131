//! The promise of durability, and how callers share the work for it.
//!
//! Called with the blobs of a manifest before its rows are committed. `sync_jobs` does the work.

use std::sync::Arc;

use tokio::sync::oneshot;
use wharf_oci::Digest;

use crate::Store;
use crate::error::{Error, Result};
use crate::pending::{Joined, Outcome};
use crate::store::run_blocking;

/// Not all blobs are durable; nothing may be acknowledged that needs them.
#[derive(Debug, Clone, thiserror::Error)]
#[error("cannot make the blobs durable ({} lost)", lost.len())]
pub struct BarrierError {
    /// These are gone and have to be uploaded again. Empty when trying again may help.
    pub lost: Vec<Digest>,
    /// The first failure.
    pub source: Error,
}

impl Store {
    /// Returns when every one of these blobs survives power loss. Those that do already cost a file lookup each.
    ///
    /// Callers share the work: a blob is synced once however many wait for it. Cancel safe; what was begun is completed.
    ///
    /// # Errors
    /// [`BarrierError`]. Blobs of other callers are not affected by the failure of one.
    pub async fn make_durable(&self, digests: &[Digest]) -> Result<(), BarrierError> {
        let mut failures = Failures::default();
        if let Err(error) = self.sync_inherited_directories().await {
            failures.add(error);
            return failures.into_result();
        }
        let mut waits = Vec::new();
        for digest in digests {
            match self.join_barrier(digest).await {
                Ok(None) => {}
                Ok(Some(outcome)) => waits.push((*digest, outcome)),
                Err(error @ Error::BlobMissing { .. }) => failures.add_lost(*digest, error),
                Err(error) => failures.add(error),
            }
        }
        for (digest, outcome) in waits {
            match outcome.await {
                Ok(Outcome::Durable) => {}
                Ok(Outcome::Lost(error)) => failures.add_lost(digest, error),
                Ok(Outcome::Failed(error)) => failures.add(error),
                Err(_) => failures.add(Error::Stopping),
            }
        }
        failures.into_result()
    }

    /// `None` when the blob is durable, else where its outcome will be told.
    async fn join_barrier(&self, digest: &Digest) -> Result<Option<oneshot::Receiver<Outcome>>> {
        loop {
            // In this order: a stored file without a pending entry has its directory synced.
            let stored = self.inner.is_stored(digest)?;
            match self.inner.pending.join_barrier(digest) {
                Joined::Start(blob, outcome) => {
                    self.inner.start_sync(*digest, blob);
                    return Ok(Some(outcome));
                }
                Joined::Wait(outcome) => return Ok(Some(outcome)),
                Joined::Inherited(inherited) => {
                    self.inner.check_inherited(digest, inherited).await?;
                }
                Joined::Absent if stored => return Ok(None),
                // It may have become durable between the two looks; look again.
                Joined::Absent if self.inner.is_stored(digest)? => {}
                Joined::Absent => return Err(Error::BlobMissing { digest: *digest }),
            }
        }
    }

    async fn sync_inherited_directories(&self) -> Result<()> {
        if let Some(result) = self.inner.directories_synced.get() {
            return result.clone();
        }
        let inner = Arc::clone(&self.inner);
        run_blocking(move || {
            inner
                .directories_synced
                .get_or_init(|| inner.sync_all_directories())
                .clone()
        })
        .await
    }
}

#[derive(Default)]
struct Failures {
    lost: Vec<Digest>,
    first: Option<Error>,
}

impl Failures {
    fn add(&mut self, error: Error) {
        self.first.get_or_insert(error);
    }

    fn add_lost(&mut self, digest: Digest, error: Error) {
        self.lost.push(digest);
        self.add(error);
    }

    fn into_result(self) -> Result<(), BarrierError> {
        match self.first {
            None => Ok(()),
            Some(source) => Err(BarrierError {
                lost: self.lost,
                source,
            }),
        }
    }
}
