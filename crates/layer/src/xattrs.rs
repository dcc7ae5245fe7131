//! Extended attributes of an open file: which belong to an image, and which to the machine it is on.
//!
//! Never taken from an image and never put into one: `trusted.*` and the overlay's own `*.overlay.*` (a layer that could
//! set `overlay.redirect` would read other directories of the host's stack), and policies of the host such as
//! `security.selinux`.

use std::os::fd::BorrowedFd;

use rustix::buffer::spare_capacity;
use rustix::fs::{XattrFlags, fgetxattr, flistxattr, fsetxattr};
use rustix::io::Errno;

/// Names and values, sorted by name.
pub(crate) type Xattrs = Vec<(Vec<u8>, Vec<u8>)>;

/// The kernel's bound for a list and for a value (`XATTR_LIST_MAX`, `XATTR_SIZE_MAX`).
const MAX_BYTES: usize = 64 << 10;
/// Enough for nearly all lists and values; larger ones are asked for a second time.
const USUAL_BYTES: usize = 256;

/// What a directory entry's attributes say, those of the image apart from those of the overlay.
#[derive(Default)]
pub(crate) struct Found {
    pub(crate) kept: Xattrs,
    /// `overlay.opaque`, either spelling.
    pub(crate) opaque: Option<Vec<u8>>,
    /// `overlay.whiteout` is there.
    pub(crate) whiteout: bool,
}

/// Reads the attributes that matter.
pub(crate) fn read_xattrs(file: BorrowedFd<'_>) -> Result<Found, Errno> {
    let mut found = Found::default();
    let names = match grow(|buffer| flistxattr(file, spare_capacity(buffer))) {
        Ok(names) => names,
        Err(Errno::NOTSUP) => return Ok(found),
        Err(error) => return Err(error),
    };
    for name in names.split(|byte| *byte == 0) {
        let value = || grow(|buffer| fgetxattr(file, name, spare_capacity(buffer)));
        match name {
            b"user.overlay.opaque" | b"trusted.overlay.opaque" => found.opaque = Some(value()?),
            b"user.overlay.whiteout" | b"trusted.overlay.whiteout" => found.whiteout = true,
            // An equals sign would end the key of the PAX record too early.
            name if is_kept_in_layer(name) && !name.contains(&b'=') => {
                found.kept.push((name.to_vec(), value()?));
            }
            _ => {}
        }
    }
    found.kept.sort();
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

/// Whether an attribute of a file goes into a layer: file capabilities, and what programs put under `user.`.
fn is_kept_in_layer(name: &[u8]) -> bool {
    name == b"security.capability" || is_free_user(name)
}

/// Whether an attribute of a layer goes onto a file; access lists too, which other builders may write.
pub(crate) fn is_taken_from_layer(name: &[u8]) -> bool {
    is_kept_in_layer(name)
        || matches!(
            name,
            b"system.posix_acl_access" | b"system.posix_acl_default"
        )
}

fn is_free_user(name: &[u8]) -> bool {
    name.starts_with(b"user.") && !name.starts_with(b"user.overlay.") && name.len() > 5
}

/// Sets one attribute.
pub(crate) fn set_xattr(file: BorrowedFd<'_>, name: &[u8], value: &[u8]) -> Result<(), Errno> {
    fsetxattr(file, name, value, XattrFlags::empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_overlays_and_the_hosts_attributes_never_cross_the_border() {
        for name in [
            &b"trusted.overlay.redirect"[..],
            b"trusted.x",
            b"user.overlay.redirect",
            b"user.overlay.opaque",
            b"user.overlay.overlay.opaque",
            b"user.",
            b"security.selinux",
            b"security.ima",
            b"system.nfs4_acl",
            b"",
        ] {
            assert!(!is_taken_from_layer(name) && !is_kept_in_layer(name));
        }
        assert!(is_taken_from_layer(b"security.capability") && is_kept_in_layer(b"user.a"));
        assert!(is_taken_from_layer(b"system.posix_acl_access"));
    }
}
