//! What can go wrong with bytes on disk, sorted by what the caller can do about it.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use wharf_oci::Digest;

use crate::UploadId;

/// The outcome of everything in this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A failure of the store. Cloneable, because one failed sync may have to be told to many waiting callers.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// The operating system refused; see [`Error::is_out_of_space`] and its neighbors for what to tell the client.
    #[error("cannot {action} {path}")]
    Io {
        /// What was attempted, as words that follow "cannot".
        action: &'static str,
        /// On which file or directory.
        path: PathBuf,
        /// The system's answer.
        source: Arc<io::Error>,
    },
    /// A second server must not run on the same folder: each would trust its own memory of what is staged.
    #[error(
        "another `wharf serve` is using the folder {root}; stop it first or choose another --data-dir"
    )]
    Locked {
        /// The folder that is in use.
        root: PathBuf,
    },
    /// The upload has no file (never made, finished, or discarded).
    #[error("upload {id} has no file")]
    UploadMissing {
        /// Which upload.
        id: UploadId,
    },
    /// The upload's file does not hold the bytes that its session says it received; it has to start again.
    #[error("the file of upload {id} no longer holds the bytes that were received")]
    UploadDamaged {
        /// Which upload.
        id: UploadId,
    },
    /// Another request holds this upload open; two writers would mix their bytes under one digest.
    #[error("upload {id} is being written by another request")]
    UploadBusy {
        /// Which upload.
        id: UploadId,
    },
    /// A saved hash state of an unknown form.
    #[error("the saved hash state of upload {id} cannot be read")]
    HashState {
        /// Which upload.
        id: UploadId,
    },
    /// The blob is in neither place; it was removed, or power was lost before anything referenced it.
    #[error("blob {digest} is not stored")]
    BlobMissing {
        /// Which blob.
        digest: Digest,
    },
    /// The runtime is shutting down and dropped the work.
    #[error("the server is stopping")]
    Stopping,
}

impl Error {
    pub(crate) fn io(
        action: &'static str,
        path: impl AsRef<Path>,
        source: impl Into<io::Error>,
    ) -> Self {
        Self::Io {
            action,
            path: path.as_ref().to_owned(),
            source: Arc::new(source.into()),
        }
    }

    fn io_kind(&self) -> Option<io::ErrorKind> {
        match self {
            Self::Io { source, .. } => Some(source.kind()),
            _ => None,
        }
    }

    /// True when the disk, its inodes or a disk quota are used up: writes heal when space returns.
    pub fn is_out_of_space(&self) -> bool {
        matches!(
            self.io_kind(),
            Some(io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
        )
    }

    /// True when the file system is mounted (or has turned) read-only: reads go on.
    pub fn is_read_only(&self) -> bool {
        self.io_kind() == Some(io::ErrorKind::ReadOnlyFilesystem)
    }

    /// True when the device itself failed (EIO): the bytes concerned cannot be trusted.
    pub fn is_device_failure(&self) -> bool {
        matches!(self, Self::Io { source, .. } if source.raw_os_error() == Some(rustix::io::Errno::IO.raw_os_error()))
    }
}

/// Attaches the path and what was attempted to a bare system error.
pub(crate) trait IoContext<T> {
    fn context(self, action: &'static str, path: impl AsRef<Path>) -> Result<T>;
}

impl<T, E: Into<io::Error>> IoContext<T> for std::result::Result<T, E> {
    fn context(self, action: &'static str, path: impl AsRef<Path>) -> Result<T> {
        self.map_err(|source| Error::io(action, path, source))
    }
}
