//! How much an archive of unknown origin may make of this machine.
//!
//! A budget that is used up, not a setting: the same value goes through all layers of one image.

use std::fmt;

use crate::{Error, Result};

/// Directories below each other that are followed at most, in archives and in trees.
///
/// Each level holds one or two descriptors while a tree is read, so a larger value runs into the usual 1024 open files;
/// a smaller one refuses nested `node_modules`, which reach about 100.
pub const MAX_DEPTH: usize = 256;

/// An amount that is used up. What exceeds it is told the whole of it, not what was left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    left: u64,
    whole: u64,
}

impl Allowance {
    /// Nothing of it is used yet.
    #[must_use]
    pub const fn new(whole: u64) -> Self {
        Self { left: whole, whole }
    }

    /// What may still be used.
    #[must_use]
    pub const fn left(&self) -> u64 {
        self.left
    }

    pub(crate) fn take(&mut self, count: u64, limit: Limit) -> Result<()> {
        self.left = self.left.checked_sub(count).ok_or(Error::TooLarge {
            limit,
            allowed: self.whole,
        })?;
        Ok(())
    }
}

/// What remains of the allowance; each use subtracts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of file content and attributes.
    pub bytes: Allowance,
    /// Entries: files, directories, links, whiteouts.
    pub files: Allowance,
    /// Components of a path; not used up, and never more than [`MAX_DEPTH`].
    pub path_depth: usize,
    /// Decompressed bytes for each compressed byte, looked at once 64 MiB came out; not used up.
    pub ratio: u64,
}

/// Output below which the ratio says nothing: a small archive of zeros is honest, and harmless. More would let a bomb
/// cost that much time, less would refuse real layers that start with an empty disk image.
pub(crate) const RATIO_FLOOR: u64 = 64 << 20;

impl Default for Limits {
    /// Room for every image that people run: the largest have about 30 GiB and half a million files. Less refuses those,
    /// more fills a disk before anybody notices. The ratio is above what deflate can reach (1032), so that it only stops
    /// the formats that can do worse.
    fn default() -> Self {
        Self {
            bytes: Allowance::new(64 << 30),
            files: Allowance::new(1_000_000),
            path_depth: MAX_DEPTH,
            ratio: 1100,
        }
    }
}

/// Which allowance was used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// [`Limits::bytes`].
    Bytes,
    /// [`Limits::files`].
    Files,
    /// [`Limits::path_depth`].
    Depth,
    /// [`Limits::ratio`].
    Ratio,
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bytes => "bytes",
            Self::Files => "files",
            Self::Depth => "directories below each other",
            Self::Ratio => "bytes for each compressed byte",
        })
    }
}

impl Limits {
    pub(crate) fn take_bytes(&mut self, count: u64) -> Result<()> {
        self.bytes.take(count, Limit::Bytes)
    }

    pub(crate) fn take_file(&mut self) -> Result<()> {
        self.files.take(1, Limit::Files)
    }

    pub(crate) fn check_depth(&self, depth: usize) -> Result<()> {
        check_depth(depth, self.path_depth.min(MAX_DEPTH))
    }
}

pub(crate) fn check_depth(depth: usize, allowed: usize) -> Result<()> {
    if depth > allowed {
        return Err(Error::TooLarge {
            limit: Limit::Depth,
            allowed: allowed as u64,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_allowance_is_used_up_to_the_last_one_and_no_further() {
        let mut limits = Limits {
            bytes: Allowance::new(10),
            files: Allowance::new(2),
            ..Limits::default()
        };
        limits.take_bytes(4).expect("6 left");
        limits.take_bytes(6).expect("0 left");
        let error = limits.take_bytes(1).expect_err("nothing left");
        assert_eq!(error.to_string(), "the layer has more than 10 bytes");
        limits.take_file().expect("1 left");
        limits.take_file().expect("0 left");
        assert!(matches!(
            limits.take_file(),
            Err(Error::TooLarge {
                limit: Limit::Files,
                ..
            })
        ));
    }

    #[test]
    fn no_setting_allows_more_depth_than_descriptors_last() {
        let limits = Limits {
            path_depth: usize::MAX,
            ..Limits::default()
        };
        assert!(limits.check_depth(MAX_DEPTH).is_ok());
        assert!(limits.check_depth(MAX_DEPTH + 1).is_err());
    }
}
