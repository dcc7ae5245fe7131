//! Whether a copied-up name still is what it was below.

use std::os::fd::{AsFd as _, BorrowedFd};

use rustix::fs::FileType;
use rustix::io::Errno;

use super::node::Node;
use crate::copy::{COPY_BYTES, read};
use crate::xattrs::{Xattrs, read_xattrs};

/// Whether the two count as the same; see the [module](super) for the rules. `xattrs` are those of `upper`, empty for
/// what cannot have any.
pub(super) fn is_unchanged(
    upper: &Node<'_>,
    xattrs: &Xattrs,
    lower: &Node<'_>,
) -> Result<bool, std::io::Error> {
    let (a, b) = (&upper.stat, &lower.stat);
    if (a.st_mode, a.st_uid, a.st_gid, a.st_rdev) != (b.st_mode, b.st_uid, b.st_gid, b.st_rdev) {
        return Ok(false);
    }
    let kind = upper.file_type();
    if kind == FileType::Directory {
        return Ok(lower_xattrs(lower)? == *xattrs);
    }
    if (a.st_size, upper.mtime()) != (b.st_size, lower.mtime()) {
        return Ok(false);
    }
    // Both times may have been cut by an archive, so that they say nothing about changes within that second.
    let is_coarse = a.st_mtime_nsec == 0;
    match kind {
        FileType::RegularFile => {
            if lower_xattrs(lower)? != *xattrs {
                return Ok(false);
            }
            if !is_coarse || a.st_size == 0 {
                return Ok(true);
            }
            let (a, b) = (upper.open()?, lower.open()?);
            has_same_content(a.as_fd(), b.as_fd())
        }
        FileType::Symlink if is_coarse => Ok(upper.read_link()? == lower.read_link()?),
        _ => Ok(true),
    }
}

fn lower_xattrs(lower: &Node<'_>) -> Result<Xattrs, Errno> {
    Ok(read_xattrs(lower.open()?.as_fd())?.kept)
}

fn has_same_content(a: BorrowedFd<'_>, b: BorrowedFd<'_>) -> Result<bool, std::io::Error> {
    let (mut left, mut right) = (vec![0; COPY_BYTES], vec![0; COPY_BYTES]);
    loop {
        let count = read_full(a, &mut left)?;
        if count != read_full(b, &mut right)? || left[..count] != right[..count] {
            return Ok(false);
        }
        if count == 0 {
            return Ok(true);
        }
    }
}

fn read_full(file: BorrowedFd<'_>, buffer: &mut [u8]) -> Result<usize, std::io::Error> {
    let mut filled = 0;
    while filled < buffer.len() {
        match read(file, &mut buffer[filled..])? {
            0 => break,
            count => filled += count,
        }
    }
    Ok(filled)
}
