//! An open upload: bytes go into the page cache on the receiving task and are hashed beside it.
//!
//! Refuses to be opened twice (see [`Error::UploadBusy`]). Called by the registry's upload rules, one at a time.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::task::JoinHandle;
use wharf_oci::Algorithm;

use crate::error::{Error, IoContext, Result};
use crate::faults::failpoint;
use crate::hash_queue::HashQueue;
use crate::hasher::Hasher;
use crate::reservation::Reservation;
use crate::store::Inner;
use crate::{Store, UploadId};

/// Up to here an upload is hashed where it is written: for a config blob a second thread costs more than it saves.
const INLINE_BYTES: u64 = 64 * 1024;

/// A write into the page cache takes microseconds; one that takes this long was held back by a full disk queue, and the
/// next would hold up every other request of this worker thread too.
const SLOW_WRITE: Duration = Duration::from_millis(20);

/// What a session row keeps between requests: everything needed to go on, except the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedUpload {
    /// The algorithm that is being computed.
    pub algorithm: Algorithm,
    /// Bytes received so far.
    pub offset: u64,
    /// The algorithm's state after these bytes; opaque.
    pub hash_state: Vec<u8>,
}

/// An upload that one request holds open. Dropping it keeps the file; only what was [saved](Upload::save) can be resumed.
pub struct Upload {
    pub(crate) claim: Arc<Claim>,
    pub(crate) path: PathBuf,
    pub(crate) file: Arc<File>,
    pub(crate) offset: u64,
    pub(crate) hashing: HashQueue,
    algorithm: Algorithm,
    reservation: Reservation,
    /// The file may be longer than `offset`.
    ragged: bool,
    /// Begun when a write was held back; to be awaited before anything else happens to the file.
    flush: Option<JoinHandle<Result<()>>>,
    /// The disk lost bytes that were accepted.
    damaged: bool,
}

/// Holds the upload against other requests.
pub(crate) struct Claim {
    pub(crate) inner: Arc<Inner>,
    pub(crate) id: UploadId,
}

impl Claim {
    pub(crate) fn take(store: &Store, id: UploadId) -> Result<Self> {
        if !store.inner.uploads.lock().open.insert(id) {
            return Err(Error::UploadBusy { id });
        }
        Ok(Self {
            inner: Arc::clone(&store.inner),
            id,
        })
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.inner.uploads.lock().open.remove(&self.id);
    }
}

impl Upload {
    pub(crate) fn new(
        claim: Claim,
        path: PathBuf,
        file: Arc<File>,
        offset: u64,
        hasher: Hasher,
    ) -> Self {
        Self {
            claim: Arc::new(claim),
            path,
            file,
            offset,
            algorithm: hasher.algorithm(),
            hashing: HashQueue::new(hasher),
            reservation: Reservation::default(),
            ragged: false,
            flush: None,
            damaged: false,
        }
    }

    /// The session this belongs to.
    pub fn id(&self) -> UploadId {
        self.claim.id
    }

    /// Bytes received so far, over all requests.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Announces that this many more bytes will follow (a `Content-Length`), so that disk blocks are set aside in large
    /// pieces as they come in. A hint: fewer or more bytes are fine.
    pub fn expect_size(&mut self, length: u64) {
        self.reservation
            .expect_until(self.offset.saturating_add(length));
    }

    /// Appends the bytes: when this returns they are in the file and will be hashed. Waits while hashing is too far
    /// behind. Cancel safe: either all of the bytes were taken or none.
    ///
    /// # Errors
    /// [`Error::Io`]; the upload then stands where it stood before the call and may go on later.
    /// [`Error::UploadDamaged`] after the disk lost earlier bytes.
    pub async fn write(&mut self, bytes: Bytes) -> Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        self.wait_for_disk().await?;
        self.hashing.wait_for_room(bytes.len()).await;
        self.write_inline(&bytes)?;
        self.offset += bytes.len() as u64;
        if self.offset <= INLINE_BYTES {
            self.hashing.push_small(bytes);
        } else {
            self.hashing.push(bytes);
        }
        failpoint("after-part-write");
        Ok(())
    }

    fn write_inline(&mut self, bytes: &[u8]) -> Result<()> {
        let started = Instant::now();
        let written = self
            .reservation
            .extend(&self.file, self.offset, bytes.len() as u64)
            .and_then(|()| self.file.write_all_at(bytes, self.offset));
        if started.elapsed() >= SLOW_WRITE {
            self.start_flush();
        }
        if written.is_err() {
            self.ragged = true;
            // A full disk should get back what this upload cannot use; if that fails too, the next write or finish cuts.
            let _ = self.trim();
        }
        written.context("write the upload", &self.path)
    }

    /// Lets the disk catch up with this upload, off the runtime's threads.
    fn start_flush(&mut self) {
        let (file, path) = (Arc::clone(&self.file), self.path.clone());
        // The job may outlive a request that is cut off, and nobody may resume the upload under it.
        let claim = Arc::clone(&self.claim);
        self.flush = Some(tokio::task::spawn_blocking(move || {
            let flushed = claim.inner.faults.before_sync();
            let flushed = flushed.and_then(|()| file.sync_data());
            if flushed.is_err() {
                // The kernel has dropped the pages and will not report this again: none of the bytes can be trusted,
                // and an empty file is how a later resume learns it.
                let _ = file.set_len(0);
            }
            flushed.context("sync the upload", &path)
        }));
    }

    /// Waits for the flush that a slow write began.
    pub(crate) async fn wait_for_disk(&mut self) -> Result<()> {
        if let Some(flush) = &mut self.flush {
            let flushed = flush.await.unwrap_or(Err(Error::Stopping));
            self.flush = None;
            self.damaged = flushed.is_err();
            flushed?;
        }
        if self.damaged {
            return Err(Error::UploadDamaged { id: self.claim.id });
        }
        Ok(())
    }

    /// Describes the upload as it stands, for [`Store::resume_upload`]. Waits until all bytes are hashed.
    ///
    /// # Errors
    /// [`Error::UploadDamaged`], [`Error::Io`].
    pub async fn save(&mut self) -> Result<SavedUpload> {
        self.wait_for_disk().await?;
        self.trim()?;
        let hash_state = self.hashing.settle(|hasher| hasher.save()).await;
        Ok(SavedUpload {
            algorithm: self.algorithm,
            offset: self.offset,
            hash_state,
        })
    }

    /// Cuts what a failed write left and gives back unused reserved blocks.
    pub(crate) fn trim(&mut self) -> Result<()> {
        if self.ragged || self.reservation.reaches_past(self.offset) {
            self.file
                .set_len(self.offset)
                .context("cut the upload", &self.path)?;
            self.ragged = false;
            self.reservation = Reservation::default();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;
    use wharf_oci::Digest;

    use super::*;

    const ID: UploadId = UploadId::new(Uuid::from_u128(1));

    #[tokio::test]
    async fn a_throttled_upload_waits_for_the_disk_once_and_goes_on() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(folder.path()).expect("a store");
        let mut upload = store.create_upload(ID, Algorithm::Sha256).expect("upload");
        upload
            .write(Bytes::from_static(b"one "))
            .await
            .expect("written");
        upload.start_flush();
        upload
            .write(Bytes::from_static(b"two"))
            .await
            .expect("written");
        let digest = Digest::of(Algorithm::Sha256, b"one two");
        upload.finish(&digest).await.expect("finished");
    }

    #[tokio::test]
    async fn an_upload_whose_bytes_the_disk_lost_can_neither_go_on_nor_be_resumed() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(folder.path()).expect("a store");
        let mut upload = store.create_upload(ID, Algorithm::Sha256).expect("upload");
        upload
            .write(Bytes::from_static(b"one"))
            .await
            .expect("written");
        let saved = upload.save().await.expect("saved");
        store.inner.faults.fail_sync(1);
        upload.start_flush();
        let error = upload.write(Bytes::from_static(b"two")).await;
        assert!(error.expect_err("a failed sync").is_device_failure());
        let error = upload.save().await.expect_err("damaged");
        assert!(matches!(error, Error::UploadDamaged { .. }), "{error}");
        drop(upload);
        let Err(error) = store.resume_upload(ID, &saved).await else {
            panic!("resumed");
        };
        assert!(matches!(error, Error::UploadDamaged { .. }), "{error}");
    }
}
