//! What was found, with what is needed to find it again.

use std::os::fd::OwnedFd;

use rustix::fs::{FileType, Stat};

use crate::entry::Xattrs;
use crate::{Entry, Error, Kind, Result, Source, Time, TreePath};

/// Tells whether a file is still the one that was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Identity {
    pub(crate) device: u64,
    pub(crate) inode: u64,
    pub(crate) size: u64,
    pub(crate) mtime: Time,
    /// Nobody but the kernel sets it.
    pub(crate) ctime: Time,
}

#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) entry: Entry,
    pub(crate) identity: Identity,
    /// It may come again as a [`Kind::Link`].
    pub(crate) has_other_names: bool,
}

/// What one source, or one match of a pattern, brings.
#[derive(Debug, Clone)]
pub struct Part {
    /// The last part of the source as written, which is a file's name in a destination that is a directory.
    pub(crate) name: Vec<u8>,
    /// Where it is in the source, links followed.
    pub(crate) base: TreePath,
    /// Parents before what is in them; the root first.
    pub(crate) nodes: Vec<Node>,
}

impl Part {
    /// Its name as the source was written; empty for the root of a tree.
    pub fn name(&self) -> &[u8] {
        &self.name
    }

    /// Where it is in the source.
    pub fn path(&self) -> &TreePath {
        &self.base
    }

    /// Whether the source itself is a directory, whose contents are copied.
    pub fn is_directory(&self) -> bool {
        self.entries()
            .next()
            .is_some_and(|root| root.kind.is_directory())
    }

    /// Whether the source itself is a regular file, which ADD may have to unpack.
    pub fn is_file(&self) -> bool {
        matches!(
            self.entries().next(),
            Some(Entry {
                kind: Kind::File { .. },
                ..
            })
        )
    }

    /// What is copied.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.nodes.iter().map(|node| &node.entry)
    }

    /// Opens the source itself, which must be a regular file, for reading.
    ///
    /// # Errors
    /// [`Error::NotRegular`], without opening it; [`Error::Changed`].
    pub fn open(&self, source: &Source) -> Result<OwnedFd> {
        let path = self.base.clone();
        match self.nodes.first() {
            Some(root) if self.is_file() => {
                let (file, stat) = source.open_file(&path)?;
                if Identity::of(&stat) == root.identity {
                    Ok(file)
                } else {
                    Err(Error::Changed { path })
                }
            }
            _ => Err(Error::NotRegular { path }),
        }
    }

    /// Whether anything but the root and passages is in it.
    pub(crate) fn has_own_entries(&self) -> bool {
        self.entries()
            .any(|entry| !entry.path.is_root() && entry.kind != Kind::Passage)
    }
}

impl Identity {
    pub(crate) fn of(stat: &Stat) -> Self {
        Self {
            device: stat.st_dev,
            inode: stat.st_ino,
            size: stat.st_size.cast_unsigned(),
            mtime: mtime(stat),
            ctime: Time {
                seconds: stat.st_ctime,
                nanoseconds: stat.st_ctime_nsec as u32,
            },
        }
    }
}

impl Node {
    /// Owners of a context are those of this machine, and say nothing.
    pub(crate) fn new(path: TreePath, kind: Kind, stat: &Stat, is_context: bool) -> Self {
        let (uid, gid) = if is_context {
            (0, 0)
        } else {
            (stat.st_uid, stat.st_gid)
        };
        Self {
            identity: Identity::of(stat),
            has_other_names: false,
            entry: Entry {
                path,
                kind,
                mode: stat.st_mode & 0o7777,
                uid,
                gid,
                mtime: Some(mtime(stat)),
                xattrs: Xattrs::new(),
            },
        }
    }
}

fn mtime(stat: &Stat) -> Time {
    Time {
        seconds: stat.st_mtime,
        nanoseconds: stat.st_mtime_nsec as u32,
    }
}

/// What a look at something says about its kind. The target of a link is not in it.
pub(crate) fn kind_of(stat: &Stat) -> Kind {
    let device = stat.st_rdev;
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::Directory => Kind::Directory,
        FileType::Symlink => Kind::Symlink { target: Vec::new() },
        FileType::Fifo => Kind::Fifo,
        FileType::Socket => Kind::Socket,
        FileType::CharacterDevice => Kind::CharacterDevice { device },
        FileType::BlockDevice => Kind::BlockDevice { device },
        FileType::RegularFile | FileType::Unknown => Kind::File {
            size: stat.st_size.cast_unsigned(),
        },
    }
}
