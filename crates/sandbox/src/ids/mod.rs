//! Which ids of the host a build's user namespace is made of.

mod pool;
mod subordinate;

use serde::{Deserialize, Serialize};

pub use pool::{IdPool, Lease};
pub(crate) use subordinate::{CountedId, find_cell_ranges, find_subordinate_ranges};

/// Ids that an image may use: 0 to 65535. A smaller range would refuse `nobody` (65534) and many packages; a larger one
/// would not fit what distributions hand to a user.
pub const IDS_PER_BUILD: u32 = 65_536;

/// The ids that a cell gives to builds within it: 0 to 65534 of images. Its own root has the first of its range, so with
/// them a cell fills one range of [`IDS_PER_BUILD`].
pub(crate) const WITHIN_CELL: IdRange = IdRange {
    first: 1,
    count: IDS_PER_BUILD - 1,
};

/// A range of ids of the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdRange {
    /// The first one.
    pub first: u32,
    /// How many.
    pub count: u32,
}

/// How ids inside become ids outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum IdPlan {
    /// No user namespace: the step is the host's root, without new privileges.
    Rootful,
    /// As root: inside n is `first + n`; on the disk, through id-mapped mounts, it is n.
    Leased(IdRange),
    /// As a plain user: inside 0 is the user, inside n is `first + n - 1`; on the disk too.
    Subordinate {
        uid: u32,
        gid: u32,
        uids: IdRange,
        gids: IdRange,
    },
    /// A plain user's cell: inside n is `first + n`, so the user is nobody in there; on the disk too.
    Apart { uids: IdRange, gids: IdRange },
    /// As root of a user namespace: inside n is `first + n` of that namespace; on the disk too.
    Within(IdRange),
}

impl IdPlan {
    /// The lines of `uid_map`.
    pub(crate) fn uid_map(&self) -> Vec<[u32; 3]> {
        match *self {
            Self::Rootful => Vec::new(),
            Self::Leased(range) | Self::Within(range) => vec![[0, range.first, range.count]],
            Self::Subordinate { uid, uids, .. } => vec![[0, uid, 1], [1, uids.first, uids.count]],
            Self::Apart { uids, .. } => vec![[0, uids.first, uids.count]],
        }
    }

    /// The lines of `gid_map`.
    pub(crate) fn gid_map(&self) -> Vec<[u32; 3]> {
        match *self {
            Self::Rootful => Vec::new(),
            Self::Leased(range) | Self::Within(range) => vec![[0, range.first, range.count]],
            Self::Subordinate { gid, gids, .. } => vec![[0, gid, 1], [1, gids.first, gids.count]],
            Self::Apart { gids, .. } => vec![[0, gids.first, gids.count]],
        }
    }

    pub(crate) fn has_user_namespace(&self) -> bool {
        !matches!(self, Self::Rootful)
    }

    /// Ids on the disk are the image's although the namespace has others.
    pub(crate) fn maps_mounts(&self) -> bool {
        matches!(self, Self::Leased(_))
    }
}
