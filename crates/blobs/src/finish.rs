//! The end of an upload: the digest is compared, then the bytes become visible under it.

use std::io;
use std::sync::Arc;

use wharf_oci::Digest;

use crate::disk;
use crate::error::{Error, IoContext, Result};
use crate::faults::failpoint;
use crate::pending::{Found, Staged};
use crate::store::{Inner, run_blocking};
use crate::{Store, Upload};

/// Below this a blob reaches the disk within its barrier anyway.
const EARLY_WRITEBACK_BYTES: u64 = 1024 * 1024;

/// Each blob that is visible but not durable keeps a descriptor. Pushes that never send their manifest must not use
/// them up (1,024 is a common limit for a process), so past this many the store makes them durable unasked.
const MANY_WAITING: usize = 256;

/// Past this many, uploads come faster than the disk takes them, and each waits for its own.
const TOO_MANY_WAITING: usize = 384;

/// A blob that is whole and visible. Not durable yet, see [`Store::make_durable`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StagedBlob {
    /// What the bytes hash to.
    pub digest: Digest,
    /// Their number.
    pub size: u64,
}

/// Why an upload did not become a blob.
#[derive(Debug, Clone, thiserror::Error)]
pub enum FinishError {
    /// The client's digest is not that of the bytes it sent. The upload is gone.
    #[error("the bytes have the digest {actual}, not {expected}")]
    DigestMismatch {
        /// What the client said.
        expected: Digest,
        /// What the bytes hash to under the same algorithm.
        actual: Digest,
    },
    /// The store failed; what was saved of the upload can be resumed.
    #[error(transparent)]
    Store(#[from] Error),
}

impl Upload {
    /// Ends the upload. On success its bytes are whole under `expected` and readable at once, by everybody.
    ///
    /// The bytes are hashed already; only an algorithm that differs from the upload's own reads the file back, once.
    ///
    /// # Errors
    /// [`FinishError`].
    pub async fn finish(mut self, expected: &Digest) -> Result<StagedBlob, FinishError> {
        self.wait_for_disk().await?;
        let hasher = self.hashing.settle(|hasher| hasher.clone()).await;
        failpoint("after-last-byte");
        self.trim()?;
        let actual = if hasher.algorithm() == expected.algorithm() {
            hasher.finish()
        } else {
            self.hash_again(expected).await?
        };
        if actual != *expected {
            disk::unlink(&self.path)?;
            return Err(FinishError::DigestMismatch {
                expected: *expected,
                actual,
            });
        }
        let size = self.offset;
        let inner = Arc::clone(&self.claim.inner);
        let waiting = inner.stage(&self, expected)?;
        if size >= EARLY_WRITEBACK_BYTES {
            let file = Arc::clone(&self.file);
            // Submitting a hundred megabytes takes milliseconds, and longer when the disk's queue is full.
            tokio::task::spawn_blocking(move || disk::start_writeback(&file, 0, size));
        }
        if waiting > MANY_WAITING {
            relieve(Store { inner }, *expected, waiting).await?;
        }
        Ok(StagedBlob {
            digest: *expected,
            size,
        })
    }

    async fn hash_again(&self, expected: &Digest) -> Result<Digest> {
        let (file, path) = (Arc::clone(&self.file), self.path.clone());
        let (algorithm, size) = (expected.algorithm(), self.offset);
        run_blocking(move || {
            disk::hash_prefix(&file, algorithm, size)
                .map(|hasher| hasher.finish())
                .context("read back the upload", &path)
        })
        .await
    }
}

impl Inner {
    /// Gives the verified file its digest as a name, unless the blob is there already. Returns how many blobs wait.
    fn stage(&self, upload: &Upload, digest: &Digest) -> Result<usize> {
        let _names = self.pending.lock_names(digest);
        if matches!(self.pending.find(digest), Some(Found::Staged(_)))
            || self.is_stored_whole(digest, upload.offset)?
        {
            disk::unlink(&upload.path)?;
            return Ok(0);
        }
        // For readers and the barrier. Opened while the writing descriptor still is, so that no write error is missed.
        let file =
            disk::open_existing(&upload.path, "open the upload")?.ok_or(Error::UploadMissing {
                id: upload.claim.id,
            })?;
        // Replaces what an earlier process left: these bytes are known to be good.
        let staged = self.layout.staged_blob(digest);
        std::fs::rename(&upload.path, &staged).context("name the blob", &staged)?;
        Ok(self.pending.insert(
            *digest,
            Staged {
                file: Arc::new(file),
                size: upload.offset,
            },
        ))
    }

    /// Whether a durable file of the right length is there. One of the wrong length is damage, which the new bytes heal.
    fn is_stored_whole(&self, digest: &Digest, size: u64) -> Result<bool> {
        let path = self.layout.blob(digest);
        match std::fs::metadata(&path) {
            Ok(metadata) if metadata.len() == size => Ok(true),
            Ok(metadata) => {
                tracing::warn!(blob.digest = %digest, found = metadata.len(), expected = size, "replacing a damaged blob");
                disk::unlink(&path)?;
                Ok(false)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error).context("look at the blob", &path),
        }
    }
}

/// Makes everything that waits durable, mostly without anybody waiting for it.
async fn relieve(store: Store, digest: Digest, waiting: usize) -> Result<()> {
    let digests = store.inner.pending.list_waiting();
    let others = store.clone();
    tokio::spawn(async move {
        if let Err(error) = others.make_durable(&digests).await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "staged blobs could not be made durable"
            );
        }
    });
    if waiting > TOO_MANY_WAITING {
        let durable = store.make_durable(&[digest]).await;
        return durable.map_err(|error| error.source);
    }
    Ok(())
}
