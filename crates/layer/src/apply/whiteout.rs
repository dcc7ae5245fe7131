//! The layer's marks for deletion in the overlay's spelling (kernel documentation, overlayfs, "whiteouts and opaque
//! directories"; image-spec `layer.md`, "Whiteouts").
//!
//! A mark only hides what lower layers have, wherever in the archive it stands; what the same layer puts there stays.

use std::os::fd::{AsFd as _, OwnedFd};

use rustix::fs::{
    AtFlags, Dir, FileType, Mode, OFlags, fgetxattr, makedev, mknodat, openat, unlinkat,
};
use rustix::io::Errno;

use super::directories::{look_at, open_child};
use super::{Applier, Below};
use crate::path::LayerPath;
use crate::xattrs::{read_xattrs, set_xattr};
use crate::{Error, Result};

const OPAQUE: &[u8] = b"user.overlay.opaque";
const WHITEOUT: &[u8] = b"user.overlay.whiteout";

impl Applier<'_> {
    pub(super) fn apply_whiteout(
        &mut self,
        path: &LayerPath,
        parent: &[u8],
        name: &[u8],
    ) -> Result<()> {
        let failed = |error| Error::io("mark as deleted", path.as_bytes(), error);
        let hidden = &name[b".wh.".len()..];
        if hidden == b".wh..opq" {
            let directory = self.make_parent(path, parent)?;
            self.applied.entries += 1;
            self.applied.whiteouts += 1;
            if parent.is_empty() {
                return self.hide_root(path);
            }
            return mark_opaque(&directory).map_err(failed);
        }
        if hidden.starts_with(b".wh.") {
            // Left over from AUFS (`.wh..wh.plnk`, `.wh..wh.aufs`).
            return Ok(());
        }
        if matches!(hidden, b"" | b"." | b"..") {
            return Err(Error::invalid(path.as_bytes(), "is a whiteout of no name"));
        }
        if !self.options.below.may_have(parent, hidden) {
            return Ok(());
        }
        let directory = self.make_parent(path, parent)?;
        self.applied.entries += 1;
        self.applied.whiteouts += 1;
        hide(&directory, hidden).map_err(failed)
    }

    /// The kernel does not look for a mark on the root of a layer, so each name is hidden.
    fn hide_root(&mut self, path: &LayerPath) -> Result<()> {
        if std::mem::replace(&mut self.is_root_hidden, true) {
            return Ok(());
        }
        let failed = |error| Error::io("mark as deleted", path.as_bytes(), error);
        let root = self.directories.open(b"").map_err(failed)?;
        match self.options.below {
            Below::Nothing => {}
            Below::Tree(below) => {
                for name in list(Dir::read_from(below).map_err(failed)?) {
                    hide(&root, &name.map_err(failed)?).map_err(failed)?;
                }
            }
            Below::Unknown => {
                return Err(Error::invalid(
                    path.as_bytes(),
                    "hides a root that is not known",
                ));
            }
        }
        Ok(())
    }
}

/// Hides what is below under this name.
fn hide(directory: &OwnedFd, name: &[u8]) -> Result<(), Errno> {
    match look_at(directory, name) {
        // The layer itself has the name, before its whiteout; a directory must not show what is below, all else hides it.
        Ok(stat) if FileType::from_raw_mode(stat.st_mode) == FileType::Directory => {
            mark_opaque(&open_child(directory, name)?)
        }
        Ok(_) => Ok(()),
        Err(Errno::NOENT) if has_mark(directory, b"y") => Ok(()),
        Err(Errno::NOENT) => {
            let mode = Mode::empty();
            match mknodat(
                directory,
                name,
                FileType::CharacterDevice,
                mode,
                makedev(0, 0),
            ) {
                // Before Linux 5.8 for users, and on file systems without devices.
                Err(Errno::PERM | Errno::OPNOTSUPP | Errno::INVAL) => {
                    make_xattr_whiteout(directory, name)
                }
                result => result,
            }
        }
        Err(error) => Err(error),
    }
}

/// The form for places where devices cannot be made: an empty file with a mark, in a directory with a mark (Linux 6.7).
fn make_xattr_whiteout(directory: &OwnedFd, name: &[u8]) -> Result<(), Errno> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let file = openat(directory, name, flags, Mode::empty())?;
    set_xattr(file.as_fd(), WHITEOUT, b"y")?;
    set_xattr(directory.as_fd(), OPAQUE, b"x")
}

/// Hides everything below this directory. Whiteouts in it have nothing left to hide, and a directory that is not merged
/// would list them.
pub(super) fn mark_opaque(directory: &OwnedFd) -> Result<(), Errno> {
    if has_mark(directory, b"y") {
        // A layer may say so a million times, and each would list the directory.
        return Ok(());
    }
    for name in list(Dir::read_from(directory)?) {
        let name = name?;
        if is_whiteout(directory, &name) {
            unlinkat(directory, &name[..], AtFlags::empty())?;
        }
    }
    set_xattr(directory.as_fd(), OPAQUE, b"y")
}

/// Whether the name is a whiteout in either form.
pub(super) fn is_whiteout(directory: &OwnedFd, name: &[u8]) -> bool {
    let Ok(stat) = look_at(directory, name) else {
        return false;
    };
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::CharacterDevice => stat.st_rdev == 0,
        FileType::RegularFile if stat.st_size == 0 && has_mark(directory, b"x") => {
            let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            openat(directory, name, flags, Mode::empty())
                .and_then(|file| read_xattrs(file.as_fd()))
                .is_ok_and(|found| found.whiteout)
        }
        _ => false,
    }
}

fn list(entries: Dir) -> impl Iterator<Item = Result<Vec<u8>, Errno>> {
    entries
        .map(|entry| Ok(entry?.file_name().to_bytes().to_vec()))
        .filter(|name| !matches!(name.as_deref(), Ok(b"." | b"..")))
}

fn has_mark(directory: &OwnedFd, mark: &[u8; 1]) -> bool {
    let mut value = [0; 1];
    fgetxattr(directory, OPAQUE, &mut value).is_ok() && value == *mark
}
