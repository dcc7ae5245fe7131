//! The blocking half of the barrier: data syncs, renames, directory syncs.
//!
//! Up to [`MAX_SYNCERS`] jobs sync data and move files into place; one of them at a time syncs the directories, for all
//! moves so far. None holds a thread when there is nothing to do. A failed sync is final: the kernel forgets which pages
//! it lost, so a second sync would succeed without having written anything.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;
use wharf_oci::{Algorithm, Digest};

use crate::disk;
use crate::error::{Error, IoContext, Result};
use crate::faults::failpoint;
use crate::layout::make_directory;
use crate::pending::{Outcome, Staged};
use crate::store::Inner;

/// Syncs in flight. One leaves the disk's queue empty between blobs; many more only split its bandwidth.
const MAX_SYNCERS: usize = 8;

#[derive(Default)]
pub(crate) struct SyncQueue {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Task>,
    syncers: usize,
    /// In place, but the directory is not synced.
    moved: Vec<Task>,
    committing: bool,
    /// Shards made by this process whose own name is not synced yet.
    new_shards: HashSet<PathBuf>,
}

struct Task {
    digest: Digest,
    blob: Arc<Staged>,
}

impl Inner {
    pub(crate) fn is_stored(&self, digest: &Digest) -> Result<bool> {
        let path = self.layout.blob(digest);
        path.try_exists().context("look at the blob", &path)
    }

    pub(crate) fn are_directories_synced(&self) -> bool {
        matches!(self.directories_synced.get(), Some(Ok(())))
    }

    /// Takes over a blob that [`crate::pending::Pending::join_barrier`] asked the caller to start.
    pub(crate) fn start_sync(self: &Arc<Self>, digest: Digest, blob: Arc<Staged>) {
        let mut state = self.syncs.state.lock();
        state.waiting.push_back(Task { digest, blob });
        if state.syncers < MAX_SYNCERS {
            state.syncers += 1;
            drop(state);
            let inner = Arc::clone(self);
            tokio::task::spawn_blocking(move || inner.run_syncer());
        }
    }

    fn run_syncer(&self) {
        while let Some(task) = self.take_waiting() {
            match self.sync_and_move(&task) {
                Ok(()) => self.commit_move(task),
                Err(outcome) => self
                    .pending
                    .finish_barrier(&task.digest, &task.blob, &outcome),
            }
        }
    }

    fn take_waiting(&self) -> Option<Task> {
        let mut state = self.syncs.state.lock();
        let task = state.waiting.pop_front();
        if task.is_none() {
            state.syncers -= 1;
        }
        task
    }

    fn sync_and_move(&self, task: &Task) -> Result<(), Outcome> {
        let Task { digest, blob } = task;
        failpoint("before-fsync");
        let staged = self.layout.staged_blob(digest);
        let synced = self
            .faults
            .before_sync()
            .and_then(|()| blob.file.sync_data())
            .context("sync the blob", &staged);
        let _names = self.pending.lock_names(digest);
        if !self.pending.is_current(digest, blob) {
            return Err(Outcome::Lost(Error::BlobMissing { digest: *digest }));
        }
        if let Err(error) = synced {
            return Err(self.give_up(digest, &staged, error));
        }
        failpoint("before-rename");
        self.move_into_place(digest, &staged).map_err(|error| {
            if staged.exists() {
                Outcome::Failed(error)
            } else {
                // Removed behind our back; the bytes have no name any more.
                Outcome::Lost(error)
            }
        })
    }

    /// Unlinks bytes that cannot be trusted, so that a retry of the client starts from nothing.
    fn give_up(&self, digest: &Digest, path: &Path, error: Error) -> Outcome {
        tracing::error!(
            blob.digest = %digest,
            error = &error as &dyn std::error::Error,
            "a sync failed; the blob is forgotten"
        );
        if let Err(error) = disk::unlink(path) {
            tracing::error!(
                blob.digest = %digest,
                error = &error as &dyn std::error::Error,
                "the forgotten blob's file stays behind"
            );
        }
        Outcome::Lost(error)
    }

    fn move_into_place(&self, digest: &Digest, staged: &Path) -> Result<()> {
        let (shard, blob) = (self.layout.shard(digest), self.layout.blob(digest));
        match std::fs::rename(staged, &blob) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                // Noted first: whoever finds the shard there must also find that its name is not synced.
                self.syncs.state.lock().new_shards.insert(shard.clone());
                make_directory(&shard, false)?;
                std::fs::rename(staged, &blob).context("move the blob to", &blob)
            }
            result => result.context("move the blob to", &blob),
        }
    }

    /// Adds the move to the next batch and runs the batches unless another job does.
    fn commit_move(&self, task: Task) {
        {
            let mut state = self.syncs.state.lock();
            state.moved.push(task);
            if state.committing {
                return;
            }
            state.committing = true;
        }
        loop {
            let (batch, new_shards) = {
                let mut state = self.syncs.state.lock();
                if state.moved.is_empty() {
                    state.committing = false;
                    return;
                }
                (std::mem::take(&mut state.moved), state.new_shards.clone())
            };
            self.commit_batch(batch, &new_shards);
        }
    }

    fn commit_batch(&self, batch: Vec<Task>, new_shards: &HashSet<PathBuf>) {
        failpoint("before-dir-fsync");
        let mut synced: BTreeMap<PathBuf, Result<()>> = BTreeMap::new();
        for task in &batch {
            let shard = self.layout.shard(&task.digest);
            let parent = new_shards
                .contains(&shard)
                .then(|| self.layout.algorithm(task.digest.algorithm()));
            for directory in parent.into_iter().chain([shard]) {
                synced
                    .entry(directory)
                    .or_insert_with_key(|directory| disk::sync_directory(directory));
            }
        }
        failpoint("after-dir-fsync");
        self.syncs
            .state
            .lock()
            .new_shards
            .retain(|shard| !matches!(synced.get(shard), Some(Ok(()))));
        for task in batch {
            let shard = self.layout.shard(&task.digest);
            let parent = self.layout.algorithm(task.digest.algorithm());
            let failure = [shard, parent].iter().find_map(|directory| {
                synced
                    .get(directory)
                    .and_then(|result| result.as_ref().err())
            });
            self.settle(&task, failure);
        }
    }

    fn settle(&self, task: &Task, failure: Option<&Error>) {
        let Task { digest, blob } = task;
        let outcome = match failure {
            None => Outcome::Durable,
            Some(error) => {
                let _names = self.pending.lock_names(digest);
                if !self.pending.is_current(digest, blob) {
                    return;
                }
                self.give_up(digest, &self.layout.blob(digest), error.clone())
            }
        };
        self.pending.finish_barrier(digest, blob, &outcome);
    }

    /// A process that was killed between a rename and its directory sync leaves a name that a power loss would still
    /// undo. This makes all names found at the start durable; at most 512 directories, nearly always clean.
    pub(crate) fn sync_all_directories(&self) -> Result<()> {
        for algorithm in Algorithm::ALL {
            let directory = self.layout.algorithm(algorithm);
            for shard in std::fs::read_dir(&directory).context("list", &directory)? {
                let shard = shard.context("list", &directory)?.path();
                if shard.is_dir() {
                    disk::sync_directory(&shard)?;
                }
            }
            disk::sync_directory(&directory)?;
        }
        disk::sync_directory(&self.layout.blobs())?;
        disk::sync_directory(self.layout.root())?;
        match self.layout.root().parent() {
            Some(parent) if parent.as_os_str().is_empty() => disk::sync_directory(Path::new(".")),
            Some(parent) => disk::sync_directory(parent),
            None => Ok(()),
        }
    }
}
