//! Making one entry, in the place of what is there.

use std::io::Read;
use std::os::fd::OwnedFd;

use rustix::fs::AtFlags;
use rustix::fs::{
    FileType, Mode, OFlags, chmodat, futimens, makedev, mkdirat, mknodat, openat, symlinkat,
};
use rustix::io::{Errno, retry_on_intr};

use super::Applier;
use super::directories::{look_at, open_child};
use super::finish::Final;
use super::metadata::make_times;
use super::whiteout::mark_opaque;
use crate::path::LayerPath;
use crate::tar::{Entry, Kind, TarReader};
use crate::{Error, Result};

impl Applier<'_> {
    pub(super) fn make_directory(
        &mut self,
        path: &LayerPath,
        parent: &OwnedFd,
        name: &[u8],
        entry: &Entry,
    ) -> Result<()> {
        let mut is_opaque = false;
        // The caller stays able to work in it until all entries are there.
        let working_mode = entry.mode | 0o700;
        let make = || mkdirat(parent, name, Mode::from_raw_mode(working_mode & 0o777));
        match make() {
            Err(Errno::EXIST) if is_directory(parent, name) => {}
            Err(Errno::EXIST) => {
                self.remove(path.as_bytes(), parent, name)?;
                make().map_err(|error| refuse(path, "make", error))?;
                // What stood here, a whiteout or a file, hid the directory below; the new one must hide it as well.
                is_opaque = self.options.is_layer;
            }
            result => result.map_err(|error| refuse(path, "make", error))?,
        }
        let directory = open_child(parent, name).map_err(|error| refuse(path, "open", error))?;
        if is_opaque {
            mark_opaque(&directory).map_err(|error| refuse(path, "mark as opaque", error))?;
        }
        self.dress(path.as_bytes(), &directory, entry, working_mode)?;
        self.directories.remember(path.as_bytes(), directory);
        let last = Final {
            mode: (working_mode != entry.mode).then_some(entry.mode),
            mtime: entry.mtime,
        };
        self.finals.insert(path.as_bytes().to_vec(), last);
        Ok(())
    }

    pub(super) fn write_file<R: Read>(
        &mut self,
        path: &LayerPath,
        parent: &OwnedFd,
        name: &[u8],
        entry: &Entry,
        tar: &mut TarReader<R>,
    ) -> Result<()> {
        let flags =
            OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = self.replace(path, parent, name, || {
            openat(parent, name, flags, Mode::from_raw_mode(0o600))
        })?;
        while tar.take_content(|bytes| {
            retry_on_intr(|| rustix::io::write(&file, bytes))
                .map_err(|error| refuse(path, "write", error))
        })? {}
        self.dress(path.as_bytes(), &file, entry, entry.mode)?;
        futimens(&file, &make_times(entry.mtime))
            .map_err(|error| refuse(path, "set the time of", error))
    }

    pub(super) fn make_symlink(
        &mut self,
        path: &LayerPath,
        parent: &OwnedFd,
        name: &[u8],
        target: &[u8],
        entry: &Entry,
    ) -> Result<()> {
        if target.is_empty() || target.contains(&0) {
            return Err(Error::invalid(path.as_bytes(), "is a link to no path"));
        }
        self.replace(path, parent, name, || symlinkat(target, parent, name))?;
        self.dress_name(path.as_bytes(), parent, name, entry)
    }

    pub(super) fn make_node(
        &mut self,
        path: &LayerPath,
        parent: &OwnedFd,
        name: &[u8],
        entry: &Entry,
    ) -> Result<()> {
        let (kind, major, minor) = match entry.kind {
            // No driver has it, and an overlay would read it as a whiteout.
            Kind::Char(0, 0) => {
                self.applied.skipped_devices += 1;
                return Ok(());
            }
            Kind::Char(major, minor) => (FileType::CharacterDevice, major, minor),
            Kind::Block(major, minor) => (FileType::BlockDevice, major, minor),
            _ => (FileType::Fifo, 0, 0),
        };
        let device = makedev(major, minor);
        let made = self.replace(path, parent, name, || {
            mknodat(parent, name, kind, Mode::from_raw_mode(0o600), device)
        });
        match made {
            Err(Error::Io { source, .. })
                if kind != FileType::Fifo
                    && source.kind() == std::io::ErrorKind::PermissionDenied =>
            {
                self.applied.skipped_devices += 1;
                return Ok(());
            }
            result => result?,
        }
        self.dress_name(path.as_bytes(), parent, name, entry)?;
        // After the owner, whose change clears setgid. Follows links, but the name was just made and nobody else works in
        // the tree.
        chmodat(
            parent,
            name,
            Mode::from_raw_mode(entry.mode),
            AtFlags::empty(),
        )
        .map_err(|error| refuse(path, "change the mode of", error))
    }

    /// Makes the name, after taking away what stands in its place.
    pub(super) fn replace<T>(
        &mut self,
        path: &LayerPath,
        parent: &OwnedFd,
        name: &[u8],
        make: impl Fn() -> Result<T, Errno>,
    ) -> Result<T> {
        match make() {
            Err(Errno::EXIST) => {
                self.remove(path.as_bytes(), parent, name)?;
                make().map_err(|error| refuse(path, "make", error))
            }
            result => result.map_err(|error| refuse(path, "make", error)),
        }
    }
}

fn is_directory(parent: &OwnedFd, name: &[u8]) -> bool {
    look_at(parent, name)
        .is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::Directory)
}

pub(super) fn refuse(path: &LayerPath, action: &'static str, error: Errno) -> Error {
    match error {
        Errno::NAMETOOLONG => Error::invalid(path.as_bytes(), "has too long a name"),
        error => Error::io(action, path.as_bytes(), error),
    }
}
