//! Further names of a file that the archive, or for `ADD` the tree, already has.

use std::os::fd::OwnedFd;

use rustix::fs::{AtFlags, FileType, Mode, OFlags, chmodat, linkat, openat};
use rustix::io::Errno;

use super::Applier;
use super::create::refuse;
use super::directories::look_at;
use super::metadata::set_time_of_name;
use crate::path::LayerPath;
use crate::tar::Entry;
use crate::{Error, Result};

impl Applier<'_> {
    pub(super) fn make_hardlink(
        &mut self,
        path: &LayerPath,
        parent: &OwnedFd,
        name: &[u8],
        target: &[u8],
        entry: &Entry,
    ) -> Result<()> {
        let missing = || Error::invalid(path.as_bytes(), "is a hard link to what is not there");
        let target = LayerPath::parse(target)?;
        let Some((target_parent, target_name)) = target.split() else {
            return Err(missing());
        };
        if target == *path {
            return Err(missing());
        }
        let source = match self.directories.open(target_parent) {
            Ok(source) => source,
            Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => return Err(missing()),
            Err(error) => return Err(refuse(path, "link", error)),
        };
        // Looked at first, so that nothing is replaced by a link that cannot be made. A link to a link is one to the link
        // itself, never to what it points to.
        match look_at(&source, target_name) {
            Ok(stat) if FileType::from_raw_mode(stat.st_mode) == FileType::Directory => {
                return Err(Error::invalid(
                    path.as_bytes(),
                    "is a hard link to a directory",
                ));
            }
            Ok(_) => {}
            Err(Errno::NOENT) => return Err(missing()),
            Err(error) => return Err(refuse(path, "link", error)),
        }
        match self.replace(path, parent, name, || {
            linkat(&source, target_name, parent, name, AtFlags::empty())
        }) {
            // The target was itself what had to make room, reached over a link.
            Err(Error::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {
                Err(missing())
            }
            result => result,
        }?;
        self.redress(path, parent, name, entry)
    }

    /// Applies what the link's own header says, where it differs from the first name's: the last one wins. What is equal
    /// is left alone, because a new owner would cost the file its capabilities.
    fn redress(
        &mut self,
        path: &LayerPath,
        parent: &OwnedFd,
        name: &[u8],
        entry: &Entry,
    ) -> Result<()> {
        let stat = look_at(parent, name).map_err(|error| refuse(path, "look at", error))?;
        let kind = FileType::from_raw_mode(stat.st_mode);
        let is_other = |(uid, gid): (rustix::fs::Uid, rustix::fs::Gid)| {
            (uid.as_raw(), gid.as_raw()) != (stat.st_uid, stat.st_gid)
        };
        let is_chowned = self.owner(entry).is_some_and(is_other);
        if is_chowned {
            self.chown_name(path.as_bytes(), parent, name, entry)?;
        }
        if kind == FileType::RegularFile && (is_chowned || !entry.xattrs.is_empty()) {
            let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
            let file = openat(parent, name, flags, Mode::empty())
                .map_err(|error| refuse(path, "open", error))?;
            self.set_xattrs(path.as_bytes(), &file, entry)?;
        }
        if kind != FileType::Symlink && (is_chowned || stat.st_mode & 0o7777 != entry.mode) {
            // Not a link, as was just seen, and nobody else works in the tree.
            chmodat(
                parent,
                name,
                Mode::from_raw_mode(entry.mode),
                AtFlags::empty(),
            )
            .map_err(|error| refuse(path, "change the mode of", error))?;
        }
        set_time_of_name(path.as_bytes(), parent, name, entry.mtime)
    }
}
