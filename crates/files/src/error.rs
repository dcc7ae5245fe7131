//! What can go wrong with the files of a build, in the words by which people know it.

use std::io;
use std::path::PathBuf;

use crate::TreePath;

/// The outcome of everything in this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A failure of choosing, hashing or placing files.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A source that was named is not there, or `.dockerignore` hides it.
    #[error("\"{path}\": not found")]
    NotFound {
        /// In the source.
        path: TreePath,
    },
    /// A directory meets something else at the destination.
    #[error("cannot copy to non-directory: {path}")]
    NonDirectory {
        /// At the destination.
        path: TreePath,
    },
    /// A file meets a directory at the destination.
    #[error("cannot replace to directory {path} with file")]
    ReplacesDirectory {
        /// At the destination.
        path: TreePath,
    },
    /// A directory has to be made below, or in place of, something that is none.
    #[error("mkdir {path}: not a directory")]
    BelowFile {
        /// What is no directory.
        path: TreePath,
    },
    /// Links that lead to links, without end.
    #[error("{path}: too many links")]
    TooManyLinks {
        /// Where it began.
        path: TreePath,
    },
    /// A context may not hold devices.
    #[error("{path} is a device, which cannot be copied out of a build context")]
    Device {
        /// In the context.
        path: TreePath,
    },
    /// What should be read as a file is a pipe, a device, a directory.
    #[error("{path} is not a regular file")]
    NotRegular {
        /// In the tree.
        path: TreePath,
    },
    /// A file that is read as a whole is larger than it may be.
    #[error("{path} has more than {allowed} bytes")]
    TooLarge {
        /// In the tree.
        path: TreePath,
        /// Bytes.
        allowed: u64,
    },
    /// A source has more entries than it may have.
    #[error("there are more than {allowed} files to copy, counted up to {path}")]
    TooMany {
        /// Where counting ended.
        path: TreePath,
        /// Entries.
        allowed: u64,
    },
    /// The file is not the one that was looked at before.
    #[error("{path} changed while it was copied")]
    Changed {
        /// In the source.
        path: TreePath,
    },
    /// A source or pattern cannot be understood.
    #[error("invalid source")]
    Pattern(#[from] wharf_dockerfile::Problem),
    /// A name needs the passwd and group files of a stage that has none.
    #[error("invalid user or group {name:?}: there is no base whose /etc/passwd could be asked")]
    NoAccounts {
        /// As `--chown` or USER has it.
        name: String,
    },
    /// The operating system refused.
    #[error("cannot {action} {path:?}")]
    Io {
        /// What was attempted, as words that follow "cannot".
        action: &'static str,
        /// In the tree.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// The other process cannot be reached.
    #[error("cannot pass files between processes")]
    Port(#[source] io::Error),
    /// The other process sent something that makes no sense.
    #[error("broken stream of files: {reason}")]
    Stream {
        /// What about it.
        reason: &'static str,
    },
    /// The memory of what was hashed before cannot be written. Builds work without, slower.
    #[error("cannot {action} the file hashes of earlier builds")]
    Cache {
        /// What was attempted.
        action: &'static str,
        /// The system's answer.
        source: io::Error,
    },
}

impl Error {
    /// What the person at the command line can do about it, where there is something.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::NotFound { .. } => Some(
                "sources are relative to the build context; .dockerignore may leave the file out",
            ),
            Self::Changed { .. } => Some("build again while nothing writes to that file"),
            Self::TooMany { .. } => {
                Some("list what the build does not need in .dockerignore, or raise the limit")
            }
            Self::Device { .. } => Some("list it in .dockerignore"),
            Self::NoAccounts { .. } => Some("write the number of the user"),
            Self::Io { action, source, .. }
                if *action == CHOWN && source.kind() == io::ErrorKind::InvalidInput =>
            {
                Some(
                    "the id is outside of the range this user may use; add a larger one to /etc/subuid and /etc/subgid",
                )
            }
            Self::Io { action, source, .. }
                if *action == MKNOD && source.kind() == io::ErrorKind::PermissionDenied =>
            {
                Some("devices cannot be made in a user namespace; leave them out with --exclude")
            }
            Self::Io { source, .. } if is_full(source) => {
                Some("free space or inodes where the builder keeps its state")
            }
            _ => None,
        }
    }

    pub(crate) fn io(action: &'static str, path: &TreePath, source: impl Into<io::Error>) -> Self {
        Self::Io {
            action,
            path: path.to_path_buf(),
            source: source.into(),
        }
    }
}

/// Named here because a hint depends on it.
pub(crate) const CHOWN: &str = "change the owner of";
/// Named here because a hint depends on it.
pub(crate) const MKNOD: &str = "make the device";

fn is_full(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
    )
}
