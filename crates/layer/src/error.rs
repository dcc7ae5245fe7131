//! What can go wrong between a tree and a layer, sorted by who has to act.

use std::ffi::OsString;
use std::io;
use std::os::unix::ffi::OsStringExt as _;
use std::path::PathBuf;

use wharf_oci::Digest;

use crate::Limit;

/// The outcome of everything in this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A failure of writing or applying a layer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The operating system refused.
    #[error("cannot {action} {path:?}")]
    Io {
        /// What was attempted, as words that follow "cannot".
        action: &'static str,
        /// The path inside the tree.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// The archive breaks the format, or asks for something outside of the tree it is applied to.
    #[error("invalid layer: {path:?} {reason}")]
    InvalidLayer {
        /// The entry's name; empty where the archive itself is broken.
        path: PathBuf,
        /// Why, as words that follow the path.
        reason: &'static str,
    },
    /// The archive or the tree is larger than it may be.
    #[error("the layer has more than {allowed} {limit}")]
    TooLarge {
        /// Which quantity.
        limit: Limit,
        /// How much was allowed.
        allowed: u64,
    },
    /// The stream that holds the archive cannot be read or decompressed.
    #[error("cannot read the archive")]
    Read(#[source] io::Error),
    /// The layer cannot be written to where it goes.
    #[error("cannot write the layer")]
    Write(#[source] io::Error),
    /// The tree changed while it was read, so its size in the header would be a lie.
    #[error("{path:?} changed while it was read")]
    Changed {
        /// The path inside the tree.
        path: PathBuf,
    },
    /// The archive is not the one that was announced.
    #[error("the archive is {}, not {}", .0.found, .0.expected)]
    Digest(Box<DigestMismatch>),
}

/// Two digests that should be one; boxed, as results are returned from everywhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestMismatch {
    /// What the image's configuration says.
    pub expected: Digest,
    /// What was read.
    pub found: Digest,
}

impl Error {
    /// What the person at the command line can do about it, where there is something.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Io { action, source, .. } if *action == CHOWN && is_unmapped(source) => Some(
                "the id is outside of the range this user may use; add a larger one to /etc/subuid and /etc/subgid",
            ),
            Self::Io { source, .. } | Self::Write(source) if is_full(source) => {
                Some("free space or inodes where the builder keeps its state")
            }
            Self::InvalidLayer { reason, .. } if *reason == SPARSE => {
                Some("write the archive again without `tar --sparse`")
            }
            Self::TooLarge { .. } => {
                Some("raise the limit if the image can be trusted, or make it smaller")
            }
            Self::Changed { .. } => Some("build again while nothing writes to that file"),
            _ => None,
        }
    }

    /// A failure to read the archive, which may be one of ours that came through [`std::io::Read`].
    pub(crate) fn read(error: io::Error) -> Self {
        match error.downcast::<Self>() {
            Ok(ours) => ours,
            Err(error) => Self::Read(error),
        }
    }

    /// The path of a tree or an archive for people.
    pub(crate) fn path(bytes: &[u8]) -> PathBuf {
        PathBuf::from(OsString::from_vec(bytes.to_vec()))
    }

    pub(crate) fn invalid(path: &[u8], reason: &'static str) -> Self {
        Self::InvalidLayer {
            path: Self::path(path),
            reason,
        }
    }

    pub(crate) fn io(action: &'static str, path: &[u8], source: impl Into<io::Error>) -> Self {
        Self::Io {
            action,
            path: Self::path(path),
            source: source.into(),
        }
    }
}

/// Named here because the hint depends on it.
pub(crate) const CHOWN: &str = "change the owner of";
/// Named here because the hint depends on it.
pub(crate) const SPARSE: &str = "is stored as a sparse file, which layers and ADD do not support";

/// The kernel's answer for an id that the user namespace has no number for (user_namespaces(7)).
fn is_unmapped(error: &io::Error) -> bool {
    error.raw_os_error() == Some(rustix::io::Errno::INVAL.raw_os_error())
}

fn is_full(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
    )
}
