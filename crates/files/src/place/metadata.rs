//! Owner, attributes and mode of what was made, in the order in which one does not undo the other.

use std::os::fd::{AsFd as _, OwnedFd};

use rustix::fs::{Mode, fchmod, fstat};

use super::Placer;
use crate::source::set_xattr;
use crate::{Entry, Error, Result, TreePath};

/// Set-id and sticky bits. Changing the owner takes some of them away, and capabilities too, so it comes first.
const SPECIAL_BITS: u32 = 0o7000;

impl Placer<'_> {
    /// Changes only what differs: what was just made has most of it, and each change is written to the file system's
    /// journal, through an overlay, file for file.
    pub(super) fn dress(
        &mut self,
        file: &OwnedFd,
        path: &TreePath,
        entry: &Entry,
        mode: u32,
    ) -> Result<()> {
        let stat = fstat(file).map_err(|error| Error::io("look at", path, error))?;
        let ids = self.ids(entry);
        if (stat.st_uid, stat.st_gid) != (ids.uid, ids.gid) {
            ids.set(file, path)?;
        }
        self.set_xattrs(file, entry);
        if mode & SPECIAL_BITS != 0 || stat.st_mode & 0o7777 != mode {
            fchmod(file, Mode::from_raw_mode(mode))
                .map_err(|error| Error::io("change the mode of", path, error))?;
        }
        Ok(())
    }

    /// What the destination's file system does not take is left out, as with BuildKit.
    fn set_xattrs(&mut self, file: &OwnedFd, entry: &Entry) {
        for (name, value) in &entry.xattrs {
            if set_xattr(file.as_fd(), name, value).is_err() {
                self.placed.skipped_xattrs += 1;
            }
        }
    }
}
