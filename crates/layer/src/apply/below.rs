//! What an overlay shows where the layer itself has nothing.

use std::os::fd::{BorrowedFd, OwnedFd};

use rustix::fs::{AtFlags, statat};

use super::directories::open_beneath;

/// The layers below the one that is applied.
#[derive(Debug, Clone, Copy)]
pub enum Below<'l> {
    /// Not known now: every whiteout is kept.
    Unknown,
    /// This is the bottom: a whiteout would hide nothing, and the kernel lists such a name without being able to find it.
    Nothing,
    /// Their merged view, read-only.
    Tree(BorrowedFd<'l>),
}

impl Below<'_> {
    /// The directory below at this path, if there is one.
    pub(super) fn open_directory(&self, path: &[u8]) -> Option<OwnedFd> {
        match self {
            Self::Tree(root) => open_beneath(*root, path).ok(),
            _ => None,
        }
    }

    /// Whether a whiteout of this name would hide something.
    pub(super) fn may_have(&self, parent: &[u8], name: &[u8]) -> bool {
        match self {
            Self::Unknown => true,
            Self::Nothing => false,
            Self::Tree(_) => self.open_directory(parent).is_some_and(|directory| {
                statat(&directory, name, AtFlags::SYMLINK_NOFOLLOW).is_ok()
            }),
        }
    }
}
