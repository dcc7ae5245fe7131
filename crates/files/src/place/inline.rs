//! One file whose bytes are at hand: a here-document, or what ADD downloaded.

use std::os::fd::BorrowedFd;

use super::{Content, Placed, Placement, Placer};
use crate::{Entry, Kind, Result, Time, TreePath, Xattrs};

/// A file that is in no tree.
#[derive(Debug, Clone, Copy)]
pub struct InlineFile<'f> {
    /// What it is called in a destination that is a directory.
    pub name: &'f str,
    /// Before `--chmod`: `0o644` for here-documents, `0o600` for downloads.
    pub mode: u32,
    /// None is the time of the build; downloads have that of `Last-Modified`.
    pub mtime: Option<Time>,
    /// Its bytes are those of this file, or else `bytes`.
    pub file: Option<BorrowedFd<'f>>,
    /// Its bytes.
    pub bytes: &'f [u8],
}

/// Puts a file beneath the root as COPY would put one out of a context.
///
/// # Errors
/// Those of [`receive`](crate::receive).
pub fn write_file(
    root: BorrowedFd<'_>,
    placement: &Placement,
    inline: &InlineFile<'_>,
) -> Result<Placed> {
    let name = TreePath::clean(inline.name);
    let (size, content) = match inline.file {
        Some(file) => {
            let stat = rustix::fs::fstat(file)
                .map_err(|error| crate::Error::io("look at", &name, error))?;
            (stat.st_size.cast_unsigned(), Content::File(file))
        }
        None => (inline.bytes.len() as u64, Content::Bytes(inline.bytes)),
    };
    let entry = Entry {
        path: TreePath::ROOT,
        kind: Kind::File { size },
        mode: inline.mode,
        uid: 0,
        gid: 0,
        mtime: inline.mtime,
        xattrs: Xattrs::new(),
    };
    let mut placer = Placer::new(root, placement)?;
    placer.begin(name.name(), false)?;
    placer.put(&entry, content)?;
    placer.finish()
}
