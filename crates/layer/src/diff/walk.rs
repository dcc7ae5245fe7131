//! The walk over an upper directory, with the lower tree beside it where it has the same directory.

use std::collections::BTreeSet;
use std::io::Write;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};

use rustix::fs::FileType;
use rustix::io::Errno;

use super::DiffStats;
use super::compare::is_unchanged;
use super::emit::Emitter;
use super::node::{Node, list_names};
use crate::limits::{MAX_DEPTH, check_depth};
use crate::xattrs::{Found, read_xattrs};
use crate::{Error, Result};

pub(super) struct Walk<W> {
    emitter: Emitter<W>,
    excluded: BTreeSet<Vec<u8>>,
    /// Whether the overlay's marks mean something.
    reads_marks: bool,
    path: Vec<u8>,
    depth: usize,
}

/// A directory of the upper tree and what is known about it.
struct Place<'d> {
    upper: &'d OwnedFd,
    /// The same directory below, when it is one there.
    lower: Option<&'d OwnedFd>,
    /// Nothing below shines through: what the upper tree does not have is deleted.
    hides_lower: bool,
    /// Empty files with the right attribute are whiteouts here (`overlay.opaque=x`, kernel documentation, overlayfs).
    has_xattr_whiteouts: bool,
}

impl<W: Write> Walk<W> {
    pub(super) fn new(emitter: Emitter<W>, excluded: BTreeSet<Vec<u8>>, reads_marks: bool) -> Self {
        Self {
            emitter,
            excluded,
            reads_marks,
            path: Vec::new(),
            depth: 0,
        }
    }

    pub(super) fn run(
        mut self,
        upper: BorrowedFd<'_>,
        lower: Option<BorrowedFd<'_>>,
    ) -> Result<DiffStats> {
        // Opened again, so that reading the directory does not move the caller's position.
        let upper = self.reopen(upper)?;
        let lower = lower.map(|lower| self.reopen(lower)).transpose()?;
        let marks = self.read_marks(&upper)?;
        let place = Place {
            upper: &upper,
            lower: lower.as_ref(),
            hides_lower: marks.opaque.as_deref() == Some(b"y"),
            has_xattr_whiteouts: marks.opaque.as_deref() == Some(b"x"),
        };
        self.visit_directory(&place)?;
        self.emitter.finish()
    }

    fn visit_directory(&mut self, place: &Place<'_>) -> Result<()> {
        self.depth += 1;
        let mut names = list_names(place.upper).map_err(|error| self.fail("list", error))?;
        if let (true, Some(lower)) = (place.hides_lower, place.lower) {
            names.extend(list_names(lower).map_err(|error| self.fail("list", error))?);
            names.sort_unstable();
            names.dedup();
        }
        for name in &names {
            let length = self.path.len();
            if length > 0 {
                self.path.push(b'/');
            }
            self.path.extend_from_slice(name);
            self.visit_name(place, name)?;
            self.path.truncate(length);
        }
        self.depth -= 1;
        Ok(())
    }

    fn visit_name(&mut self, place: &Place<'_>, name: &[u8]) -> Result<()> {
        check_depth(self.depth, MAX_DEPTH)?;
        let find = |dir| Node::find(dir, name);
        let upper = find(place.upper.as_fd()).map_err(|error| self.fail("look at", error))?;
        let lower = match place.lower {
            Some(dir) => find(dir.as_fd()).map_err(|error| self.fail("look at", error))?,
            None => None,
        };
        let Some(node) = upper else {
            return self.record_deletion(lower.is_some());
        };
        if self.reads_marks && node.is_whiteout_device() {
            return self.record_deletion(lower.is_some());
        }
        match node.file_type() {
            FileType::Directory => self.visit_child(place, &node, lower.as_ref()),
            _ => self.record_node(place, &node, lower.as_ref()),
        }
    }

    fn visit_child(
        &mut self,
        place: &Place<'_>,
        node: &Node<'_>,
        lower: Option<&Node<'_>>,
    ) -> Result<()> {
        let upper = node.open().map_err(|error| self.fail("open", error))?;
        let found = read_xattrs(upper.as_fd())
            .map_err(|error| self.fail("read the attributes of", error))?;
        let is_changed = !self.is_excluded()
            && match lower {
                Some(lower) => !is_unchanged(node, &found.kept, lower)
                    .map_err(|error| Error::io("compare", &self.path, error))?,
                None => true,
            };
        let below = match lower {
            Some(lower) if lower.file_type() == FileType::Directory => {
                Some(lower.open().map_err(|error| self.fail("open", error))?)
            }
            _ => None,
        };
        let entry = self.emitter.describe(node, &self.path, found.kept);
        self.emitter.enter_directory(entry, is_changed)?;
        let opaque = found.opaque.filter(|_| self.reads_marks);
        self.visit_directory(&Place {
            upper: &upper,
            lower: below.as_ref(),
            hides_lower: place.hides_lower || opaque.as_deref() == Some(b"y"),
            has_xattr_whiteouts: opaque.as_deref() == Some(b"x"),
        })?;
        self.emitter.leave_directory();
        Ok(())
    }

    fn record_node(
        &mut self,
        place: &Place<'_>,
        node: &Node<'_>,
        lower: Option<&Node<'_>>,
    ) -> Result<()> {
        let mut found = Found::default();
        let mut file = None;
        if node.file_type() == FileType::RegularFile {
            let open = node.open().map_err(|error| self.fail("open", error))?;
            found = read_xattrs(open.as_fd())
                .map_err(|error| self.fail("read the attributes of", error))?;
            file = Some(open);
        }
        if place.has_xattr_whiteouts && found.whiteout && node.size() == 0 {
            return self.record_deletion(lower.is_some());
        }
        if self.is_excluded() {
            return Ok(());
        }
        let is_unchanged = match lower {
            Some(lower) => is_unchanged(node, &found.kept, lower)
                .map_err(|error| Error::io("compare", &self.path, error))?,
            None => false,
        };
        let entry = self.emitter.describe(node, &self.path, found.kept);
        match is_unchanged {
            false => self.emitter.write_node(node, entry, file.as_ref()),
            // Copied up by a change that was taken back, or made anew in an opaque directory.
            true if place.hides_lower => self.emitter.keep_unchanged(node, entry),
            true => Ok(()),
        }
    }

    /// A name that the lower tree does not have cannot be deleted from it.
    fn record_deletion(&mut self, exists_below: bool) -> Result<()> {
        if !exists_below || self.is_excluded() {
            return Ok(());
        }
        self.emitter.write_whiteout(&self.path)
    }

    fn is_excluded(&self) -> bool {
        self.excluded.contains(&self.path)
    }

    fn read_marks(&self, dir: &OwnedFd) -> Result<Found> {
        if !self.reads_marks {
            return Ok(Found::default());
        }
        read_xattrs(dir.as_fd()).map_err(|error| self.fail("read the attributes of", error))
    }

    fn reopen(&self, dir: BorrowedFd<'_>) -> Result<OwnedFd> {
        let node = Node::find(dir, b".").and_then(|node| node.ok_or(Errno::NOENT)?.open());
        node.map_err(|error| self.fail("open", error))
    }

    fn fail(&self, action: &'static str, error: Errno) -> Error {
        Error::io(action, &self.path, error)
    }
}
