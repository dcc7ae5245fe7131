//! An archive into a directory: a layer into a snapshot's upper directory, or `ADD`'s archive into a tree.
//!
//! Entries are taken in order, later ones replace earlier ones, and nothing is resolved except beneath the root's
//! descriptor: parents with `RESOLVE_IN_ROOT`, where a link that points to `/` or climbs by `..` stays inside as it would
//! after a chroot, and last components never through a link. What the archive claims is bounded by [`Limits`] before
//! anything is written.

mod below;
mod create;
mod directories;
mod finish;
mod link;
mod metadata;
mod remove;
mod whiteout;

use std::collections::BTreeMap;
use std::io::Read;
use std::os::fd::BorrowedFd;

use crate::path::LayerPath;
use crate::tar::{Entry, Kind, TarReader};
use crate::{Limits, Result};
pub use below::Below;
use directories::Directories;
use finish::Final;

/// Whose files the entries become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ownership {
    /// Those the archive names.
    Archive,
    /// One owner for all, as `ADD --chown` wants it. Parents that the archive does not mention stay the caller's.
    Fixed {
        /// User.
        uid: u32,
        /// Group.
        gid: u32,
    },
    /// The caller's, for a user who has no other ids.
    Unchanged,
}

/// How an archive is read.
#[derive(Debug, Clone)]
pub struct ApplyOptions<'l> {
    /// Whose the files become.
    pub ownership: Ownership,
    /// What lies below the root in the overlay, for layers.
    pub below: Below<'l>,
    /// Whether `.wh.` names and attributes have the meaning that layers give them.
    is_layer: bool,
}

impl<'l> ApplyOptions<'l> {
    /// A layer into an upper directory: `.wh.` names become whiteouts, `.wh..wh..opq` an opaque directory, an attribute
    /// that cannot be set is an error.
    ///
    /// With [`Below::Tree`], directories that the layer does not mention but puts something in look as they do below;
    /// otherwise they are 0755.
    pub fn layer(below: Below<'l>) -> Self {
        Self {
            ownership: Ownership::Archive,
            below,
            is_layer: true,
        }
    }

    /// `ADD archive`: all names are files, attributes that the system refuses are left out, directories that the archive
    /// does not mention are 0755.
    pub fn archive() -> Self {
        Self {
            ownership: Ownership::Archive,
            below: Below::Unknown,
            is_layer: false,
        }
    }
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Applied {
    /// Entries that were applied, whiteouts among them.
    pub entries: u64,
    /// Bytes of content.
    pub bytes: u64,
    /// Whiteouts and opaque marks.
    pub whiteouts: u64,
    /// Devices that this user may not make (in a user namespace: all); containerd and moby leave them out as well.
    pub skipped_devices: u64,
    /// Attributes that were left out: the host's, the overlay's, and those the file system does not take.
    pub skipped_xattrs: u64,
}

struct Applier<'a> {
    directories: Directories<'a>,
    options: &'a ApplyOptions<'a>,
    applied: Applied,
    /// What directories get when nothing more is put into them.
    finals: BTreeMap<Vec<u8>, Final>,
    is_root_hidden: bool,
}

/// Unpacks a decompressed tar beneath `root`.
///
/// A layer is read to the end of the stream, padding included, so that a digest over `reader` is that of the whole; an
/// archive to its end mark. On an error the root holds a part of it and must be thrown away.
///
/// # Errors
/// [`Error::InvalidLayer`](crate::Error::InvalidLayer) for what breaks the format or leaves the root,
/// [`Error::TooLarge`](crate::Error::TooLarge) when `limits` are used up, [`Error::Read`](crate::Error::Read) of
/// `reader`, [`Error::Io`](crate::Error::Io) of the file system.
pub fn apply(
    reader: impl Read,
    root: BorrowedFd<'_>,
    options: &ApplyOptions<'_>,
    limits: &mut Limits,
) -> Result<Applied> {
    let mut tar = TarReader::new(reader);
    let mut applier = Applier {
        directories: Directories::new(root)?,
        options,
        applied: Applied::default(),
        finals: BTreeMap::new(),
        is_root_hidden: false,
    };
    while let Some(entry) = tar.next_entry()? {
        let path = LayerPath::parse(&entry.path)?;
        limits.take_file()?;
        limits.check_depth(path.depth())?;
        let attributes = entry.xattrs.iter().map(|(_, value)| value.len() as u64);
        limits.take_bytes(entry.size.saturating_add(attributes.sum()))?;
        applier.apply_entry(&path, &entry, &mut tar)?;
    }
    if options.is_layer {
        tar.drain(|count| limits.take_bytes(count))?;
    }
    applier.finish_directories()?;
    Ok(applier.applied)
}

impl Applier<'_> {
    fn apply_entry<R: Read>(
        &mut self,
        path: &LayerPath,
        entry: &Entry,
        tar: &mut TarReader<R>,
    ) -> Result<()> {
        // The root is the snapshot's; no builder takes its metadata from a layer.
        let Some((parent, name)) = path.split() else {
            return Ok(());
        };
        if self.options.is_layer && name.starts_with(b".wh.") {
            return self.apply_whiteout(path, parent, name);
        }
        let parent = self.make_parent(path, parent)?;
        match &entry.kind {
            Kind::Directory => self.make_directory(path, &parent, name, entry)?,
            Kind::File => self.write_file(path, &parent, name, entry, tar)?,
            Kind::Symlink(target) => self.make_symlink(path, &parent, name, target, entry)?,
            Kind::Hardlink(target) => self.make_hardlink(path, &parent, name, target, entry)?,
            Kind::Char(..) | Kind::Block(..) | Kind::Fifo => {
                self.make_node(path, &parent, name, entry)?;
            }
        }
        self.applied.entries += 1;
        self.applied.bytes += entry.size;
        Ok(())
    }
}
