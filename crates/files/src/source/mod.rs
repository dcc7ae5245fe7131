//! A tree that files are taken from, read beneath its descriptor.
//!
//! Nothing but directories and regular files is ever opened, so no pipe can block and no device be touched, and no link
//! is followed by the kernel: [`resolve`] follows them as if the tree were the whole system.

mod list;
mod resolve;
mod xattrs;

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{FileType, Mode, OFlags, ResolveFlags, Stat, fstat, openat2};
use rustix::io::Errno;

pub(crate) use list::{Listed, list_directory};
pub(crate) use resolve::{Resolved, resolve};
pub(crate) use xattrs::{read_xattrs, set_xattr};

use crate::{Error, Result, TreePath};

/// Where files come from.
#[derive(Debug)]
pub struct Source {
    root: OwnedFd,
    origin: Origin,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    Context,
    Tree,
}

/// No link in any part of a path is followed, the last one included, and the path does not leave the root.
const RESOLVE: ResolveFlags = ResolveFlags::BENEATH
    .union(ResolveFlags::NO_SYMLINKS)
    .union(ResolveFlags::NO_MAGICLINKS);

impl Source {
    /// A build context: everything in it belongs to 0:0, whoever owns it on this machine, and it holds no devices.
    pub fn context(root: OwnedFd) -> Self {
        Self {
            root,
            origin: Origin::Context,
        }
    }

    /// The files of an image or a stage, or what an archive unpacked to: owners count, and are part of the content.
    pub fn tree(root: OwnedFd) -> Self {
        Self {
            root,
            origin: Origin::Tree,
        }
    }

    pub(crate) fn is_context(&self) -> bool {
        self.origin == Origin::Context
    }

    /// Reads a whole file, such as a Dockerfile; links are followed within the tree. `None` if nothing is there.
    ///
    /// # Errors
    /// [`Error::NotRegular`] for anything but a regular file, which is not opened; [`Error::TooLarge`].
    pub fn read_file(&self, path: &str, max_bytes: u64) -> Result<Option<Vec<u8>>> {
        read_file_in(self.as_fd(), path, max_bytes)
    }

    /// Opens a regular file for reading, and looks at it.
    pub(crate) fn open_file(&self, path: &TreePath) -> Result<(OwnedFd, Stat)> {
        open_file(self.as_fd(), path)
    }
}

impl AsFd for Source {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.root.as_fd()
    }
}

/// Reads a whole file of a tree; links are followed within it.
pub(crate) fn read_file_in(
    root: BorrowedFd<'_>,
    path: &str,
    max_bytes: u64,
) -> Result<Option<Vec<u8>>> {
    let Resolved { path, stat } = resolve(root, &TreePath::clean(path), true, |_, _| true)?;
    let Some(stat) = stat else {
        return Ok(None);
    };
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
        return Err(Error::NotRegular { path });
    }
    let (file, _) = open_file(root, &path)?;
    let file = std::fs::File::from(file);
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(
        &mut std::io::Read::take(file, max_bytes.saturating_add(1)),
        &mut bytes,
    )
    .map_err(|error| Error::io("read", &path, error))?;
    if bytes.len() as u64 > max_bytes {
        return Err(Error::TooLarge {
            path,
            allowed: max_bytes,
        });
    }
    Ok(Some(bytes))
}

/// Opens a regular file. What is known not to be one must not come here; what has become something else since is opened
/// without blocking and refused.
fn open_file(root: BorrowedFd<'_>, path: &TreePath) -> Result<(OwnedFd, Stat)> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
    let file = match open_beneath(root, path, flags) {
        Ok(file) => file,
        Err(Errno::NOENT | Errno::LOOP | Errno::NOTDIR | Errno::NXIO) => {
            return Err(Error::Changed { path: path.clone() });
        }
        Err(error) => return Err(Error::io("open", path, error)),
    };
    let stat = fstat(&file).map_err(|error| Error::io("look at", path, error))?;
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
        return Err(Error::Changed { path: path.clone() });
    }
    Ok((file, stat))
}

/// Opens what is exactly at this path.
pub(crate) fn open_beneath(
    root: BorrowedFd<'_>,
    path: &TreePath,
    flags: OFlags,
) -> Result<OwnedFd, Errno> {
    let flags = flags | OFlags::CLOEXEC;
    openat2(root, path.for_kernel(), flags, Mode::empty(), RESOLVE)
}

/// Opens a directory for reading.
pub(crate) fn open_directory(root: BorrowedFd<'_>, path: &TreePath) -> Result<OwnedFd, Errno> {
    open_beneath(root, path, OFlags::RDONLY | OFlags::DIRECTORY)
}

/// Looks at what is exactly at this path; `None` if nothing is, as beneath a file or a link that is not to be followed.
pub(crate) fn look_at(root: BorrowedFd<'_>, path: &TreePath) -> Result<Option<(OwnedFd, Stat)>> {
    let found = open_beneath(root, path, OFlags::PATH | OFlags::NOFOLLOW)
        .and_then(|found| fstat(&found).map(|stat| (found, stat)));
    match found {
        Ok(found) => Ok(Some(found)),
        Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => Ok(None),
        Err(error) => Err(Error::io("look at", path, error)),
    }
}
