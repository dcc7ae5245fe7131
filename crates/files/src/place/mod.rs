//! Files into a tree: where COPY and ADD put what they copy.
//!
//! Every path is resolved beneath the root's descriptor. Links on the way to the destination are followed as if the root
//! were the whole system; from the destination on, none is. Nobody else may work in the tree.

mod content;
mod directories;
mod file;
mod finish;
mod inline;
mod make;
mod metadata;
mod owner;

use std::os::fd::{BorrowedFd, OwnedFd};

use rustix::fs::{FileType, OFlags};
use wharf_dockerfile::values::{ModeChange, Owner};

pub(crate) use content::Content;
pub use inline::{InlineFile, write_file};
pub use make::{DirectoryOptions, make_directory};
pub use owner::resolve_owner;

use crate::source::{Resolved, look_at, open_beneath, resolve};
use crate::{Entry, Error, Kind, Result, Time, TreePath};
use owner::Ids;

/// Where to, as whose, and how.
#[derive(Debug, Clone, Default)]
pub struct Placement {
    /// From the root; a slash, or `/.`, at the end says that it is a directory.
    pub destination: String,
    /// `--chown`; none keeps the owners of the source. Directories that are made on the way get it too.
    pub owner: Option<Owner>,
    /// `--chmod`.
    pub mode: Option<ModeChange>,
    /// Whether names of owners can be looked up in the root: not on `scratch`, and not with `--link`.
    pub has_accounts: bool,
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Placed {
    /// Entries that are no directories.
    pub files: u64,
    /// Directories that were made or changed.
    pub directories: u64,
    /// Bytes of content.
    pub bytes: u64,
    /// Attributes that the destination does not take.
    pub skipped_xattrs: u64,
}

/// Puts parts in place, one after the other.
pub(crate) struct Placer<'p> {
    root: BorrowedFd<'p>,
    placement: &'p Placement,
    owner: Option<Ids>,
    placed: Placed,
    buffer: Vec<u8>,
    /// Whether the kernel can copy between the two file systems; found out once.
    can_copy_range: bool,
    part: Option<Current>,
}

/// The part that is being placed.
struct Current {
    /// Where its root goes; free of links.
    target: TreePath,
    /// The directory that the last entry went into.
    parent: Option<(TreePath, OwnedFd)>,
    /// Directories whose permissions or times have to wait until nothing more is put into them.
    finals: Vec<Final>,
}

struct Final {
    path: TreePath,
    mode: Option<u32>,
    mtime: Option<Time>,
}

impl<'p> Placer<'p> {
    /// # Errors
    /// [`Error::NoAccounts`]; failure to read the root's account files.
    pub(crate) fn new(root: BorrowedFd<'p>, placement: &'p Placement) -> Result<Self> {
        let owner = placement.owner.as_ref();
        Ok(Self {
            root,
            placement,
            owner: owner
                .map(|owner| Ids::look_up(root, owner, placement.has_accounts))
                .transpose()?,
            placed: Placed::default(),
            buffer: Vec::new(),
            can_copy_range: true,
            part: None,
        })
    }

    /// Finds out where the next part goes, and makes the directories on the way.
    pub(crate) fn begin(&mut self, name: &[u8], is_directory: bool) -> Result<()> {
        self.finish_part()?;
        let destination = self.placement.destination.as_bytes();
        let written = TreePath::clean(destination);
        let is_marked = destination.ends_with(b"/") || destination.ends_with(b"/.");
        let into = if is_marked {
            written.clone()
        } else {
            written.parent()
        };
        let into = self.resolve(&into)?.path;
        self.make_directories(&into)?;
        let Resolved { path, stat } = self.resolve(&written)?;
        let is_there =
            |kind| stat.is_some_and(|stat| FileType::from_raw_mode(stat.st_mode) == kind);
        let target = match is_directory {
            false if is_there(FileType::Directory) => path.child(name),
            true if stat.is_none() => {
                self.make_directories(&path)?;
                path
            }
            _ => path,
        };
        self.make_directories(&target.parent())?;
        self.part = Some(Current {
            target,
            parent: None,
            finals: Vec::new(),
        });
        Ok(())
    }

    /// Puts one entry of the part in place.
    pub(crate) fn put(&mut self, entry: &Entry, content: Content<'_>) -> Result<()> {
        match &entry.kind {
            Kind::Directory | Kind::Passage if entry.path.is_root() => self.use_root(entry),
            Kind::Directory | Kind::Passage => self.put_directory(entry),
            Kind::File { size } => self.put_file(entry, *size, content),
            Kind::Socket => self.put_file(entry, 0, Content::Bytes(&[])),
            Kind::Link { to } => self.put_link(entry, to),
            Kind::Symlink { target } => self.put_symlink(entry, target),
            Kind::Fifo => self.put_node(entry, FileType::Fifo, 0),
            Kind::CharacterDevice { device } => {
                self.put_node(entry, FileType::CharacterDevice, *device)
            }
            Kind::BlockDevice { device } => self.put_node(entry, FileType::BlockDevice, *device),
        }
    }

    /// Sets what could not be set before.
    pub(crate) fn finish(mut self) -> Result<Placed> {
        self.finish_part()?;
        Ok(self.placed)
    }

    fn resolve(&self, path: &TreePath) -> Result<Resolved> {
        resolve(self.root, path, true, |_, _| true)
    }

    fn current(&mut self) -> Result<&mut Current> {
        self.part.as_mut().ok_or(Error::Stream {
            reason: "an entry before its part",
        })
    }

    /// Where an entry goes.
    fn target(&mut self, entry: &Entry) -> Result<TreePath> {
        Ok(self.current()?.target.join(&entry.path))
    }

    /// The directory that this path is in, open. No part of it is a link.
    fn open_parent(&mut self, path: &TreePath) -> Result<&OwnedFd> {
        let root = self.root;
        let parent = path.parent();
        let current = self.current()?;
        let is_open = current
            .parent
            .as_ref()
            .is_some_and(|(open, _)| *open == parent);
        if !is_open {
            let flags = OFlags::PATH | OFlags::DIRECTORY;
            let open = open_beneath(root, &parent, flags)
                .map_err(|error| Error::io("open", &parent, error))?;
            current.parent = Some((parent, open));
        }
        let (_, open) = current.parent.as_ref().ok_or(Error::Stream {
            reason: "an entry without a directory",
        })?;
        Ok(open)
    }

    /// What an entry's permissions become.
    fn mode(&self, entry: &Entry) -> u32 {
        match &self.placement.mode {
            Some(change) => change.apply(entry.mode, entry.kind.is_directory()),
            None => entry.mode,
        }
    }

    /// Whom an entry will belong to.
    fn ids(&self, entry: &Entry) -> Ids {
        self.owner.unwrap_or(Ids {
            uid: entry.uid,
            gid: entry.gid,
        })
    }

    fn is_directory(&self, path: &TreePath) -> Result<Option<bool>> {
        Ok(look_at(self.root, path)?
            .map(|(_, stat)| FileType::from_raw_mode(stat.st_mode) == FileType::Directory))
    }
}
