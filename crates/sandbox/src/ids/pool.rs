//! Leasing ranges to builds, so that no two of them share an id of the host.

use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};

use rustix::fs::FlockOperation;

use super::{IDS_PER_BUILD, IdRange};
use crate::error::{Context, Error, Result};

/// Where ranges come from when wharf runs as root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdPool {
    /// The first id of the first range.
    pub first: u32,
    /// How many ranges of [`IDS_PER_BUILD`] ids.
    pub ranges: u32,
}

impl Default for IdPool {
    /// 1024 ranges from 0x70000000: above what systemd gives to containers (up to 0x6fffffff) and below its range for
    /// foreign images (from 0x7ffe0000); see systemd's "Users, Groups, UIDs and GIDs". Distributions hand out
    /// subordinate ids from 100000 upwards.
    fn default() -> Self {
        Self {
            first: 0x7000_0000,
            ranges: 1024,
        }
    }
}

impl IdPool {
    /// Ranges for cells: the 1024 that follow those of [`IdPool::default`], so that a cell never shares an id with a build
    /// that somebody runs from the command line at the same time.
    pub(crate) const CELLS: Self = Self {
        first: 0x7400_0000,
        ranges: 1024,
    };
}

/// A range that belongs to its holder until it is dropped, also across processes that share the state folder.
#[derive(Debug)]
pub struct Lease {
    range: IdRange,
    lock: File,
}

impl Lease {
    /// The leased ids.
    pub fn range(&self) -> IdRange {
        self.range
    }

    /// The open file that is the lock: the lease lasts until every copy of it is closed.
    pub(crate) fn lock(&self) -> &File {
        &self.lock
    }
}

impl IdPool {
    /// Leases a range that no other process with this state folder holds.
    ///
    /// The lock is on a file, so a killed process gives its leases back. Two state folders do not know of each other:
    /// their builds may share ids, but never a namespace.
    ///
    /// # Errors
    /// [`Error::IdRangesUsed`]; [`Error::Io`] when the folder cannot be written.
    pub fn lease(&self, state: &Path) -> Result<Lease> {
        let folder: PathBuf = state.join("ids");
        fs::create_dir_all(&folder).context(format!("make {}", folder.display()))?;
        for number in 0..self.ranges {
            let path = folder.join(format!("{number:04}.lock"));
            let lock = OpenOptions::new()
                .create(true)
                .truncate(false)
                .write(true)
                .open(&path)
                .context(format!("open {}", path.display()))?;
            match rustix::fs::flock(&lock, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => {
                    return Ok(Lease {
                        range: IdRange {
                            first: self.first + number * IDS_PER_BUILD,
                            count: IDS_PER_BUILD,
                        },
                        lock,
                    });
                }
                Err(rustix::io::Errno::WOULDBLOCK) => {}
                Err(error) => return Err(error).context(format!("lock {}", path.display())),
            }
        }
        Err(Error::IdRangesUsed { count: self.ranges })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leases_never_overlap_and_come_back() {
        let state = tempfile::tempdir().unwrap();
        let pool = IdPool {
            first: 1000,
            ranges: 2,
        };
        let one = pool.lease(state.path()).unwrap();
        let two = pool.lease(state.path()).unwrap();
        assert_eq!(two.range().first, one.range().first + IDS_PER_BUILD);
        let error = pool.lease(state.path()).unwrap_err();
        assert!(matches!(error, Error::IdRangesUsed { count: 2 }), "{error}");
        let first = one.range();
        drop(one);
        assert_eq!(pool.lease(state.path()).unwrap().range(), first);
    }

    #[test]
    fn the_pools_do_not_meet_and_stay_below_the_range_of_foreign_images() {
        let pool = IdPool::default();
        let end = |pool: IdPool| {
            u64::from(pool.first) + u64::from(pool.ranges) * u64::from(IDS_PER_BUILD)
        };
        assert_eq!(end(pool), u64::from(IdPool::CELLS.first));
        assert!(end(IdPool::CELLS) <= 0x7ffe_0000);
    }
}
