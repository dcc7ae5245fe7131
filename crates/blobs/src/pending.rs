//! Which blobs are visible but not yet durable, and the rules by which they change.
//!
//! An entry lives from staging until the directory sync that ends its barrier, so "has a file in `blobs/` and, looked up
//! after that, no entry here" means durable. Nothing here touches the disk.

use std::collections::HashMap;
use std::fs::File;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use parking_lot::{Mutex, MutexGuard};
use tokio::sync::{OnceCell, oneshot};
use wharf_oci::Digest;

use crate::error::Error;

/// Digests that share a lock wait for each other's rename; 64 make that rare among a hundred uploads.
const STRIPES: usize = 64;

/// How a barrier ended for one blob.
#[derive(Debug, Clone)]
pub(crate) enum Outcome {
    Durable,
    /// The bytes are gone; the client has to upload them again.
    Lost(Error),
    /// The bytes are still staged; the same call may be tried again.
    Failed(Error),
}

pub(crate) type Waiter = oneshot::Sender<Outcome>;

/// A verified blob of this process. A descriptor stays open until the blob is durable: a write error that the kernel
/// meets meanwhile would be forgotten if the inode could leave its cache.
#[derive(Debug)]
pub(crate) struct Staged {
    pub(crate) file: Arc<File>,
    pub(crate) size: u64,
}

/// A blob that an earlier process staged; `checked` is set once its bytes have been hashed, by one flight for all callers.
#[derive(Debug, Default)]
pub(crate) struct Inherited {
    pub(crate) checked: OnceCell<()>,
}

struct StagedEntry {
    blob: Arc<Staged>,
    /// `Some` while a barrier works on it.
    waiters: Option<Vec<Waiter>>,
}

/// A digest is in one of the two at most.
#[derive(Default)]
struct Entries {
    staged: HashMap<Digest, StagedEntry>,
    inherited: HashMap<Digest, Arc<Inherited>>,
}

/// What a reader finds.
pub(crate) enum Found {
    Staged(Arc<Staged>),
    Inherited(Arc<Inherited>),
}

/// What a barrier finds.
pub(crate) enum Joined {
    /// The caller has to start the work on this blob.
    Start(Arc<Staged>, oneshot::Receiver<Outcome>),
    /// Somebody else is at it.
    Wait(oneshot::Receiver<Outcome>),
    Inherited(Arc<Inherited>),
    Absent,
}

pub(crate) struct Pending {
    entries: Mutex<Entries>,
    stripes: Box<[Mutex<()>]>,
    hash: RandomState,
}

impl Default for Pending {
    fn default() -> Self {
        Self {
            entries: Mutex::default(),
            stripes: (0..STRIPES).map(|_| Mutex::default()).collect(),
            hash: RandomState::new(),
        }
    }
}

impl Pending {
    /// Held while the names of this digest change on disk, so that the entry and the names change together.
    pub(crate) fn lock_names(&self, digest: &Digest) -> MutexGuard<'_, ()> {
        let stripe = self.hash.hash_one(digest) as usize % STRIPES;
        self.stripes[stripe].lock()
    }

    pub(crate) fn adopt(&self, digest: Digest) {
        let mut entries = self.entries.lock();
        entries.inherited.insert(digest, Arc::default());
    }

    pub(crate) fn find(&self, digest: &Digest) -> Option<Found> {
        let entries = self.entries.lock();
        if let Some(entry) = entries.staged.get(digest) {
            return Some(Found::Staged(Arc::clone(&entry.blob)));
        }
        let inherited = entries.inherited.get(digest)?;
        Some(Found::Inherited(Arc::clone(inherited)))
    }

    /// Names a verified blob; returns how many blobs of this process now wait to become durable.
    pub(crate) fn insert(&self, digest: Digest, blob: Staged) -> usize {
        let entry = StagedEntry {
            blob: Arc::new(blob),
            waiters: None,
        };
        let mut entries = self.entries.lock();
        entries.inherited.remove(&digest);
        entries.staged.insert(digest, entry);
        entries.staged.len()
    }

    /// Every blob of this process that no barrier works on.
    pub(crate) fn list_waiting(&self) -> Vec<Digest> {
        let entries = self.entries.lock();
        let waiting = entries
            .staged
            .iter()
            .filter(|(_, entry)| entry.waiters.is_none());
        waiting.map(|(digest, _)| *digest).collect()
    }

    pub(crate) fn join_barrier(&self, digest: &Digest) -> Joined {
        let mut entries = self.entries.lock();
        if let Some(inherited) = entries.inherited.get(digest) {
            return Joined::Inherited(Arc::clone(inherited));
        }
        let Some(entry) = entries.staged.get_mut(digest) else {
            return Joined::Absent;
        };
        let (sender, receiver) = oneshot::channel();
        match &mut entry.waiters {
            Some(waiters) => {
                waiters.push(sender);
                Joined::Wait(receiver)
            }
            None => {
                entry.waiters = Some(vec![sender]);
                Joined::Start(Arc::clone(&entry.blob), receiver)
            }
        }
    }

    /// Whether the entry still stands for exactly these bytes; ask while holding the names.
    pub(crate) fn is_current(&self, digest: &Digest, blob: &Arc<Staged>) -> bool {
        let entries = self.entries.lock();
        let current = entries.staged.get(digest);
        current.is_some_and(|current| Arc::ptr_eq(&current.blob, blob))
    }

    /// The same question for an inherited blob.
    pub(crate) fn is_unchecked(&self, digest: &Digest, inherited: &Arc<Inherited>) -> bool {
        let entries = self.entries.lock();
        let current = entries.inherited.get(digest);
        current.is_some_and(|current| Arc::ptr_eq(current, inherited))
    }

    /// Ends the barrier for these bytes and tells the waiters. Anything but [`Outcome::Failed`] also ends the entry.
    pub(crate) fn finish_barrier(&self, digest: &Digest, blob: &Arc<Staged>, outcome: &Outcome) {
        let waiters = {
            let mut entries = self.entries.lock();
            let Some(entry) = entries.staged.get_mut(digest) else {
                return;
            };
            if !Arc::ptr_eq(&entry.blob, blob) {
                return;
            }
            let waiters = entry.waiters.take();
            if !matches!(outcome, Outcome::Failed(_)) {
                entries.staged.remove(digest);
            }
            waiters
        };
        for waiter in waiters.into_iter().flatten() {
            // A caller that went away needs no answer.
            let _ = waiter.send(outcome.clone());
        }
    }

    /// Forgets the blob; waiters of a running barrier learn that it is gone.
    pub(crate) fn remove(&self, digest: &Digest) {
        let removed = {
            let mut entries = self.entries.lock();
            entries.inherited.remove(digest);
            entries.staged.remove(digest)
        };
        for waiter in removed
            .and_then(|entry| entry.waiters)
            .into_iter()
            .flatten()
        {
            let _ = waiter.send(Outcome::Lost(Error::BlobMissing { digest: *digest }));
        }
    }
}
