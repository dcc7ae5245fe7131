//! The store as a whole: opening its folder, and what its parts share.

use std::collections::HashSet;
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use parking_lot::Mutex;
use rustix::fs::{FlockOperation, flock};

use crate::UploadId;
use crate::disk;
use crate::error::{Error, IoContext, Result};
use crate::faults::Faults;
use crate::layout::{Layout, parse_staged_name};
use crate::pending::Pending;
use crate::sync_jobs::SyncQueue;

/// Bytes by digest and upload sessions in one local folder. A clone is another handle on the same store.
///
/// Promises: what [`crate::Upload::finish`] accepted is whole and readable; what [`Store::make_durable`] acknowledged
/// survives power loss; bytes that were lost are reported absent. The folder belongs to one process at a time.
#[derive(Clone)]
pub struct Store {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) layout: Layout,
    /// Blobs that are visible but not yet durable.
    pub(crate) pending: Pending,
    pub(crate) syncs: SyncQueue,
    pub(crate) uploads: Mutex<Uploads>,
    pub(crate) faults: Faults,
    /// Set once the directories found at the start are known to be on disk; a failure is kept, never tried again.
    pub(crate) directories_synced: OnceLock<Result<()>>,
    /// Holds the lock for as long as any handle lives.
    _lock: File,
}

#[derive(Default)]
pub(crate) struct Uploads {
    /// Those that some request holds open.
    pub(crate) open: HashSet<UploadId>,
    /// Those that an earlier process left: power may have been lost since, so their bytes are checked before use.
    pub(crate) inherited: HashSet<UploadId>,
}

impl Store {
    /// Opens the store in this folder and makes what is missing (directories 0700, files 0600).
    ///
    /// Does work in proportion to unfinished uploads and staged blobs, never to stored ones.
    ///
    /// # Errors
    /// [`Error::Locked`] when another process has the folder open; [`Error::Io`] otherwise.
    pub fn open(root: impl AsRef<Path>) -> Result<Self> {
        let layout = Layout::create(root.as_ref())?;
        let lock = take_lock(&layout)?;
        let pending = Pending::default();
        adopt_staged(&layout, &pending)?;
        let inherited = crate::session::list_upload_files(&layout)?
            .into_iter()
            .map(|found| found.id)
            .collect();
        let inner = Inner {
            layout,
            pending,
            syncs: SyncQueue::default(),
            uploads: Mutex::new(Uploads {
                open: HashSet::new(),
                inherited,
            }),
            faults: Faults::from_environment(),
            directories_synced: OnceLock::new(),
            _lock: lock,
        };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        self.inner.layout.root()
    }

    /// For tests that make a sync fail.
    #[cfg(feature = "failpoints")]
    pub fn faults(&self) -> &Faults {
        &self.inner.faults
    }
}

/// Runs blocking work on the runtime's pool.
pub(crate) async fn run_blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        Err(_) => Err(Error::Stopping),
    }
}

fn take_lock(layout: &Layout) -> Result<File> {
    let path = layout.lock();
    // Held open for reading only: a file open for writing would keep an operator from remounting the disk read-only.
    let lock = match disk::create_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => File::open(&path),
    };
    let lock = lock.context("open the lock file", &path)?;
    match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(lock),
        Err(rustix::io::Errno::WOULDBLOCK) => Err(Error::Locked {
            root: layout.root().to_owned(),
        }),
        Err(error) => Err(error).context("lock", &path),
    }
}

/// Takes over blobs that an earlier process staged. None is trusted before its bytes were hashed again.
fn adopt_staged(layout: &Layout, pending: &Pending) -> Result<()> {
    let directory = layout.staged();
    let entries = std::fs::read_dir(&directory).context("list", &directory)?;
    for entry in entries {
        let entry = entry.context("list", &directory)?;
        let Some(digest) = entry.file_name().to_str().and_then(parse_staged_name) else {
            tracing::warn!(path = %entry.path().display(), "a file in the staging directory is not ours; left alone");
            continue;
        };
        if layout.blob(&digest).exists() {
            disk::unlink(&entry.path())?;
        } else {
            pending.adopt(digest);
        }
    }
    Ok(())
}
