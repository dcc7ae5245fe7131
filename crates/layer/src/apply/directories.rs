//! Descriptors of the directories that entries are put into; the only place that resolves a path of several parts.

use std::collections::HashMap;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::rc::Rc;

use rustix::fs::{AtFlags, Mode, OFlags, ResolveFlags, Stat, mkdirat, openat, openat2, statat};
use rustix::io::Errno;

use super::Applier;
use super::whiteout::{is_whiteout, mark_opaque};
use crate::path::LayerPath;
use crate::{Error, Result};

/// Descriptors that are kept open. Archives go through a tree in order, so few are in use at a time; more would only come
/// closer to the limit of open files, fewer would open the parents of a deep tree again and again.
const MAX_OPEN: usize = 64;
/// How often the kernel may say that the tree was renamed while it resolved `..`; nobody else works in the tree.
const MAX_RETRIES: usize = 16;

pub(super) struct Directories<'r> {
    root: BorrowedFd<'r>,
    open: HashMap<Vec<u8>, Rc<OwnedFd>>,
}

impl<'r> Directories<'r> {
    pub(super) fn new(root: BorrowedFd<'r>) -> Result<Self> {
        // Once, so that a kernel without openat2 (before 5.6) is told apart from a broken layer.
        open_beneath(root, b"").map_err(|error| Error::io("open", b"", error))?;
        Ok(Self {
            root,
            open: HashMap::new(),
        })
    }

    /// The directory at this path, if it is one.
    pub(super) fn open(&mut self, path: &[u8]) -> Result<Rc<OwnedFd>, Errno> {
        if let Some(directory) = self.open.get(path) {
            return Ok(Rc::clone(directory));
        }
        Ok(self.remember(path, open_beneath(self.root, path)?))
    }

    pub(super) fn remember(&mut self, path: &[u8], directory: OwnedFd) -> Rc<OwnedFd> {
        if self.open.len() >= MAX_OPEN {
            self.open.clear();
        }
        let directory = Rc::new(directory);
        self.open.insert(path.to_vec(), Rc::clone(&directory));
        directory
    }

    /// To be called when a directory or a link goes away, as paths then mean something else.
    pub(super) fn forget_all(&mut self) {
        self.open.clear();
    }
}

/// Opens a directory as if `root` were the root of the system.
pub(super) fn open_beneath(root: BorrowedFd<'_>, path: &[u8]) -> Result<OwnedFd, Errno> {
    let path = if path.is_empty() { b"." } else { path };
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let resolve = ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS;
    for _ in 0..MAX_RETRIES {
        match openat2(root, path, flags, Mode::empty(), resolve) {
            Err(Errno::AGAIN) => {}
            result => return result,
        }
    }
    Err(Errno::AGAIN)
}

/// Opens a directory by its last component, which must not be a link.
pub(super) fn open_child(parent: &OwnedFd, name: &[u8]) -> Result<OwnedFd, Errno> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    openat(parent, name, flags, Mode::empty())
}

/// Looks at a name without following it.
pub(super) fn look_at(parent: &OwnedFd, name: &[u8]) -> Result<Stat, Errno> {
    statat(parent, name, AtFlags::SYMLINK_NOFOLLOW)
}

impl Applier<'_> {
    /// The directory that `path` is put into, made with its parents where the archive has not mentioned it.
    pub(super) fn make_parent(&mut self, path: &LayerPath, parent: &[u8]) -> Result<Rc<OwnedFd>> {
        match self.directories.open(parent) {
            Ok(directory) => return Ok(directory),
            Err(Errno::NOENT | Errno::NOTDIR) => {}
            Err(error) => return Err(refuse_parent(path, error)),
        }
        let mut above = self
            .directories
            .open(b"")
            .map_err(|error| refuse_parent(path, error))?;
        let ends = (0..=parent.len()).filter(|at| *at == parent.len() || parent[*at] == b'/');
        let mut start = 0;
        for end in ends {
            let (here, name) = (&parent[..end], &parent[start..end]);
            start = end + 1;
            above = match self.directories.open(here) {
                Ok(directory) => directory,
                Err(Errno::NOENT | Errno::NOTDIR) => self.make_implied(path, here, &above, name)?,
                Err(error) => return Err(refuse_parent(path, error)),
            };
        }
        Ok(above)
    }

    fn make_implied(
        &mut self,
        path: &LayerPath,
        here: &[u8],
        above: &Rc<OwnedFd>,
        name: &[u8],
    ) -> Result<Rc<OwnedFd>> {
        let mode = Mode::from_raw_mode(0o755);
        let mut is_opaque = false;
        let mut made = mkdirat(above, name, mode);
        if made == Err(Errno::EXIST) && self.options.is_layer && is_whiteout(above, name) {
            // The layer deleted this name and then puts something beneath it: all that was below is gone.
            self.remove(here, above, name)?;
            is_opaque = true;
            made = mkdirat(above, name, mode);
        }
        made.map_err(|error| refuse_parent(path, error))?;
        let directory = open_child(above, name).map_err(|error| refuse_parent(path, error))?;
        self.dress_implied(here, &directory)?;
        if is_opaque {
            mark_opaque(&directory).map_err(|error| Error::io("mark as opaque", here, error))?;
        }
        Ok(self.directories.remember(here, directory))
    }
}

fn refuse_parent(path: &LayerPath, error: Errno) -> Error {
    let path = path.as_bytes();
    match error {
        Errno::EXIST | Errno::NOTDIR => {
            Error::invalid(path, "lies beneath something that is no directory")
        }
        Errno::LOOP => Error::invalid(path, "lies beneath a loop of links"),
        Errno::XDEV => Error::invalid(path, "lies outside of the tree"),
        Errno::NAMETOOLONG => Error::invalid(path, "has too long a name"),
        error => Error::io("make the parents of", path, error),
    }
}
