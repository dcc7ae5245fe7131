//! An overlay's upper directory as a layer, and a whole tree as an archive.
//!
//! The rules for what counts as a change are those of BuildKit's overlay differ, so that layers agree with what people
//! know; where it keeps only file capabilities, `user.*` attributes are kept too. In short: times of directories do not
//! count; a file counts unless mode, owner, device, attributes, size and time are equal (and the content, where both
//! times are whole seconds, which a tar may have cut); whole-second times, cut; parents of every change are recorded; an
//! opaque directory becomes one whiteout for each name that it hides, never `.wh..wh..opq`; sockets are left out; the
//! root itself is not recorded.

mod compare;
mod emit;
mod node;
mod walk;

use std::collections::BTreeSet;
use std::io::Write;
use std::os::fd::BorrowedFd;
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;

use crate::Result;
use emit::{Emitter, Rounding};
use walk::Walk;

/// How a difference is recorded.
#[derive(Debug, Clone, Default)]
pub struct DiffOptions {
    /// Paths that are not recorded for themselves, such as the stubs a mount was put on. What is beneath them is looked
    /// at, and brings them back as its parents.
    pub excluded: BTreeSet<PathBuf>,
    /// The latest time of any entry, in seconds since 1970 (`SOURCE_DATE_EPOCH` with `rewrite-timestamp`).
    pub clamp_mtime: Option<i64>,
    /// Content bytes that the layer may have; a sparse file of a petabyte is read as zeros otherwise. None is no bound.
    pub max_bytes: Option<u64>,
}

/// How a whole tree is recorded.
#[derive(Debug, Clone, Default)]
pub struct TreeOptions {
    /// As in [`DiffOptions`].
    pub clamp_mtime: Option<i64>,
    /// As in [`DiffOptions`].
    pub max_bytes: Option<u64>,
}

/// What was recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DiffStats {
    /// All entries, whiteouts among them.
    pub entries: u64,
    /// Deletions.
    pub whiteouts: u64,
    /// Bytes of content.
    pub bytes: u64,
}

/// Writes the layer that turns `lower` into what an overlay of `upper` on it shows.
///
/// `lower` is the merged view of all layers below, or none for a layer that stands on its own (then nothing is a deletion
/// and everything a change). Only descriptors beneath the two are opened, never through a symbolic link. The result
/// depends on the two trees alone.
///
/// # Errors
/// [`Error::Io`](crate::Error::Io) for what cannot be read, [`Error::Write`](crate::Error::Write) of `out`,
/// [`Error::Changed`](crate::Error::Changed) when a file shrinks meanwhile, [`Error::TooLarge`](crate::Error::TooLarge)
/// above `max_bytes` or [`MAX_DEPTH`](crate::MAX_DEPTH).
pub fn write_diff(
    upper: BorrowedFd<'_>,
    lower: Option<BorrowedFd<'_>>,
    options: &DiffOptions,
    out: &mut impl Write,
) -> Result<DiffStats> {
    let excluded = options.excluded.iter().map(|path| {
        let bytes = path.as_os_str().as_bytes();
        let start = bytes.iter().position(|byte| *byte != b'/');
        bytes[start.unwrap_or(bytes.len())..].to_vec()
    });
    let emitter = Emitter::new(
        out,
        Rounding::Truncate,
        options.clamp_mtime,
        options.max_bytes,
    );
    Walk::new(emitter, excluded.collect(), true).run(upper, lower)
}

/// Writes everything beneath `root` as an archive for people (`--output type=tar`).
///
/// Nothing is read as a whiteout. Times are rounded to the nearest second, as BuildKit's exporter does. Copying a tree to
/// a plain directory is not here: that needs no archive.
///
/// # Errors
/// As [`write_diff`].
pub fn write_tree(
    root: BorrowedFd<'_>,
    options: &TreeOptions,
    out: &mut impl Write,
) -> Result<DiffStats> {
    let emitter = Emitter::new(
        out,
        Rounding::Nearest,
        options.clamp_mtime,
        options.max_bytes,
    );
    Walk::new(emitter, BTreeSet::new(), false).run(root, None)
}
