//! Everything but directories at the destination: what is in the way goes, unless it is a directory.

use std::os::fd::{AsFd as _, OwnedFd};

use rustix::fs::{
    AtFlags, FileType, Mode, OFlags, chmodat, futimens, linkat, mknodat, openat, symlinkat,
    unlinkat, utimensat,
};
use rustix::io::Errno;

use super::finish::make_times;
use super::{Content, Placer};
use crate::error::MKNOD;
use crate::{Entry, Error, Result, TreePath};

impl Placer<'_> {
    pub(super) fn put_file(
        &mut self,
        entry: &Entry,
        size: u64,
        content: Content<'_>,
    ) -> Result<()> {
        let path = self.target(entry)?;
        let flags =
            OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mode = self.mode(entry);
        let file = self.replace(&path, "make the file", |parent| {
            openat(
                parent,
                path.name(),
                flags,
                Mode::from_raw_mode(mode & 0o777),
            )
        })?;
        self.write_content(&file, &path, size, content)?;
        self.dress(&file, &path, entry, mode)?;
        if let Some(mtime) = entry.mtime {
            futimens(&file, &make_times(mtime))
                .map_err(|error| Error::io("set the time of", &path, error))?;
        }
        self.placed.files += 1;
        Ok(())
    }

    /// Another name of a file of this part, which has everything already.
    pub(super) fn put_link(&mut self, entry: &Entry, to: &TreePath) -> Result<()> {
        let path = self.target(entry)?;
        let first = self.current()?.target.join(to);
        let root = self.root;
        let from =
            crate::source::open_beneath(root, &first.parent(), OFlags::PATH | OFlags::DIRECTORY)
                .map_err(|error| Error::io("open", &first, error))?;
        self.replace(&path, "make the link", |parent| {
            linkat(&from, first.name(), parent, path.name(), AtFlags::empty())
        })?;
        self.placed.files += 1;
        Ok(())
    }

    pub(super) fn put_symlink(&mut self, entry: &Entry, target: &[u8]) -> Result<()> {
        let path = self.target(entry)?;
        self.replace(&path, "make the link", |parent| {
            symlinkat(target, parent, path.name())
        })?;
        self.dress_name(entry, &path)
    }

    pub(super) fn put_node(&mut self, entry: &Entry, kind: FileType, device: u64) -> Result<()> {
        let path = self.target(entry)?;
        let action = if kind == FileType::Fifo {
            "make the pipe"
        } else {
            MKNOD
        };
        self.replace(&path, action, |parent| {
            mknodat(
                parent,
                path.name(),
                kind,
                Mode::from_raw_mode(0o600),
                device,
            )
        })?;
        let mode = Mode::from_raw_mode(self.mode(entry));
        let parent = self.open_parent(&path)?;
        // Follows links, but the name was just made and nobody else works in the tree.
        chmodat(parent, path.name(), mode, AtFlags::empty())
            .map_err(|error| Error::io("change the mode of", &path, error))?;
        self.dress_name(entry, &path)
    }

    /// Owner and time of what cannot be opened.
    fn dress_name(&mut self, entry: &Entry, path: &TreePath) -> Result<()> {
        let ids = self.ids(entry);
        let parent = self.open_parent(path)?;
        ids.set_name(parent, path)?;
        if let Some(mtime) = entry.mtime {
            let flags = AtFlags::SYMLINK_NOFOLLOW;
            utimensat(parent, path.name(), &make_times(mtime), flags)
                .map_err(|error| Error::io("set the time of", path, error))?;
        }
        self.placed.files += 1;
        Ok(())
    }

    /// Makes the name, after taking away what has it.
    fn replace<T>(
        &mut self,
        path: &TreePath,
        action: &'static str,
        make: impl Fn(&OwnedFd) -> Result<T, Errno>,
    ) -> Result<T> {
        if path.is_root() {
            return Err(Error::ReplacesDirectory { path: path.clone() });
        }
        let parent = self.open_parent(path)?;
        let made = match make(parent) {
            Err(Errno::EXIST) => match unlinkat(parent, path.name(), AtFlags::empty()) {
                Err(Errno::ISDIR) => {
                    return Err(Error::ReplacesDirectory { path: path.clone() });
                }
                Err(error) => return Err(Error::io("replace", path, error)),
                Ok(()) => make(parent),
            },
            made => made,
        };
        made.map_err(|error| Error::io(action, path, error))
    }
}

/// Writes all of it.
pub(super) fn write_all(file: &OwnedFd, mut bytes: &[u8]) -> Result<(), Errno> {
    while !bytes.is_empty() {
        let count = rustix::io::retry_on_intr(|| rustix::io::write(file.as_fd(), bytes))?;
        bytes = &bytes[count..];
    }
    Ok(())
}
