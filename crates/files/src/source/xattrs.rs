//! Extended attributes that files keep when they are copied.
//!
//! Never read and never set: `trusted.*` and the overlay's own (a context that could set `user.overlay.redirect` would
//! read other directories of the builder's stack), and what the machine decides, such as `security.selinux`.

use std::os::fd::BorrowedFd;

use rustix::buffer::spare_capacity;
use rustix::fs::{XattrFlags, fgetxattr, flistxattr, fsetxattr};
use rustix::io::Errno;

use crate::entry::Xattrs;

/// The kernel's bound for a list and for a value (`XATTR_LIST_MAX`, `XATTR_SIZE_MAX`).
const MAX_BYTES: usize = 64 << 10;
/// Enough for nearly all lists and values; larger ones are asked for a second time.
const USUAL_BYTES: usize = 256;

/// Reads what is kept of an open file's attributes.
pub(crate) fn read_xattrs(file: BorrowedFd<'_>) -> Result<Xattrs, Errno> {
    let names = match grow(|buffer| flistxattr(file, spare_capacity(buffer))) {
        Ok(names) => names,
        Err(Errno::NOTSUP) => return Ok(Xattrs::new()),
        Err(error) => return Err(error),
    };
    let mut found = Xattrs::new();
    for name in names.split(|byte| *byte == 0).filter(|name| is_kept(name)) {
        match grow(|buffer| fgetxattr(file, name, spare_capacity(buffer))) {
            Ok(value) => found.push((name.to_vec(), value)),
            // Taken away in between, or not for this user to read.
            Err(Errno::NODATA | Errno::PERM | Errno::ACCESS) => {}
            Err(error) => return Err(error),
        }
    }
    found.sort();
    Ok(found)
}

fn grow(mut read: impl FnMut(&mut Vec<u8>) -> Result<usize, Errno>) -> Result<Vec<u8>, Errno> {
    let mut buffer = Vec::with_capacity(USUAL_BYTES);
    match read(&mut buffer) {
        Err(Errno::RANGE) => {
            buffer = Vec::with_capacity(MAX_BYTES);
            read(&mut buffer)?;
        }
        result => {
            result?;
        }
    }
    Ok(buffer)
}

/// Whether a copy has this attribute too: file capabilities, access lists, and what programs put under `user.`.
fn is_kept(name: &[u8]) -> bool {
    matches!(
        name,
        b"security.capability" | b"system.posix_acl_access" | b"system.posix_acl_default"
    ) || (name.starts_with(b"user.") && !name.starts_with(b"user.overlay.") && name.len() > 5)
}

/// Sets one attribute.
pub(crate) fn set_xattr(file: BorrowedFd<'_>, name: &[u8], value: &[u8]) -> Result<(), Errno> {
    if !is_kept(name) {
        return Err(Errno::NOTSUP);
    }
    fsetxattr(file, name, value, XattrFlags::empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_overlays_and_the_machines_attributes_do_not_travel() {
        for name in [
            &b"trusted.overlay.redirect"[..],
            b"trusted.x",
            b"user.overlay.redirect",
            b"user.overlay.whiteout",
            b"user.",
            b"security.selinux",
            b"",
        ] {
            assert!(!is_kept(name), "{name:?}");
        }
        assert!(is_kept(b"user.tag") && is_kept(b"security.capability"));
    }
}
