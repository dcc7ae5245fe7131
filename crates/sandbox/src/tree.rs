//! A file tree as the builder keeps it: snapshot folders stacked into one root.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// A stack of folders, or one folder as it is, that a step or a job sees as one tree.
///
/// Ids inside are the image's own. As root they are stored so; as a plain user the mapped ones are on the disk.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tree {
    /// Read-only folders, top first. At most 500 (the kernel's bound for one overlay).
    pub lowers: Vec<PathBuf>,
    /// The folder that takes every change. Without one the tree is read-only.
    pub upper: Option<Upper>,
    /// A folder that is the whole tree, written in place, without an overlay; then there is nothing else.
    pub in_place: Option<PathBuf>,
}

/// Where changes of a tree go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upper {
    /// A folder of this tree alone that holds `upper/` and `work/`, which exist; both are on one file system.
    pub folder: PathBuf,
}

impl Tree {
    /// A tree that cannot be changed.
    pub fn read_only(lowers: Vec<PathBuf>) -> Self {
        Self {
            lowers,
            ..Self::default()
        }
    }

    /// A folder of the host itself: a new snapshot to fill (whiteouts are character devices 0:0 in there), a cache to
    /// measure, a snapshot to delete. A plain user can do that only in a job: ids on the disk are not the user's own.
    pub fn in_place(folder: impl Into<PathBuf>) -> Self {
        Self {
            in_place: Some(folder.into()),
            ..Self::default()
        }
    }

    /// A tree whose changes go to `folder/upper`; `folder/work` is the overlay's own.
    pub fn writable(lowers: Vec<PathBuf>, folder: impl Into<PathBuf>) -> Self {
        Self {
            lowers,
            upper: Some(Upper {
                folder: folder.into(),
            }),
            in_place: None,
        }
    }
}
