//! One name in a directory, looked at without following links.

use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};

use rustix::fs::{
    AtFlags, Dir, FileType, Mode, OFlags, Stat, major, minor, openat, readlinkat, statat,
};
use rustix::io::Errno;

use crate::tar::Time;

/// A name and its inode.
pub(super) struct Node<'d> {
    pub(super) dir: BorrowedFd<'d>,
    pub(super) name: &'d [u8],
    pub(super) stat: Stat,
}

impl<'d> Node<'d> {
    /// Nothing when the name is not there.
    pub(super) fn find(dir: BorrowedFd<'d>, name: &'d [u8]) -> Result<Option<Self>, Errno> {
        match statat(dir, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => Ok(Some(Self { dir, name, stat })),
            Err(Errno::NOENT) => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub(super) fn file_type(&self) -> FileType {
        FileType::from_raw_mode(self.stat.st_mode)
    }

    pub(super) fn size(&self) -> u64 {
        u64::try_from(self.stat.st_size).unwrap_or(0)
    }

    pub(super) fn mtime(&self) -> Time {
        Time {
            seconds: self.stat.st_mtime,
            nanoseconds: self.stat.st_mtime_nsec as u32,
        }
    }

    pub(super) fn device(&self) -> (u32, u32) {
        (major(self.stat.st_rdev), minor(self.stat.st_rdev))
    }

    /// The overlay's mark for a deleted name: a character device 0:0.
    pub(super) fn is_whiteout_device(&self) -> bool {
        self.file_type() == FileType::CharacterDevice && self.device() == (0, 0)
    }

    /// Opens a file or directory for reading.
    pub(super) fn open(&self) -> Result<OwnedFd, Errno> {
        let mut flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        if self.file_type() == FileType::Directory {
            flags |= OFlags::DIRECTORY;
        } else {
            // Should the name have become a fifo since, opening must not wait for a writer.
            flags |= OFlags::NONBLOCK | OFlags::NOCTTY;
        }
        openat(self.dir, self.name, flags, Mode::empty())
    }

    pub(super) fn read_link(&self) -> Result<Vec<u8>, Errno> {
        Ok(readlinkat(self.dir, self.name, Vec::new())?.into_bytes())
    }
}

/// All names in a directory, sorted by their bytes.
pub(super) fn list_names(dir: &OwnedFd) -> Result<Vec<Vec<u8>>, Errno> {
    let mut names = Vec::new();
    for entry in Dir::read_from(dir.as_fd())? {
        let entry = entry?;
        let name = entry.file_name().to_bytes();
        if name != b"." && name != b".." {
            names.push(name.to_vec());
        }
    }
    names.sort_unstable();
    Ok(names)
}
