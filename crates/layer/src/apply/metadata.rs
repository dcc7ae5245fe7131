//! Owner, attributes, mode and time of what was made, in the order in which one does not undo the other: changing the
//! owner clears setuid bits and file capabilities, so it comes first.

use std::os::fd::{AsFd as _, OwnedFd};

use rustix::fs::{
    AtFlags, Gid, Mode, Timespec, Timestamps, Uid, chownat, fchmod, fchown, utimensat,
};
use rustix::io::Errno;

use super::{Applier, Ownership};
use crate::error::CHOWN;
use crate::tar::{Entry, Time};
use crate::xattrs::{is_taken_from_layer, set_xattr};
use crate::{Error, Result};

impl Applier<'_> {
    /// Owner and attributes of an open file or directory, then its mode.
    pub(super) fn dress(
        &mut self,
        path: &[u8],
        file: &OwnedFd,
        entry: &Entry,
        mode: u32,
    ) -> Result<()> {
        if let Some((uid, gid)) = self.owner(entry) {
            fchown(file, Some(uid), Some(gid)).map_err(|error| Error::io(CHOWN, path, error))?;
        }
        self.set_xattrs(path, file, entry)?;
        fchmod(file, Mode::from_raw_mode(mode))
            .map_err(|error| Error::io("change the mode of", path, error))
    }

    /// Owner and time of a name that cannot be opened: a link, a device, a fifo.
    pub(super) fn dress_name(
        &mut self,
        path: &[u8],
        parent: &OwnedFd,
        name: &[u8],
        entry: &Entry,
    ) -> Result<()> {
        self.applied.skipped_xattrs += entry.xattrs.len() as u64;
        self.chown_name(path, parent, name, entry)?;
        set_time_of_name(path, parent, name, entry.mtime)
    }

    pub(super) fn chown_name(
        &self,
        path: &[u8],
        parent: &OwnedFd,
        name: &[u8],
        entry: &Entry,
    ) -> Result<()> {
        let Some((uid, gid)) = self.owner(entry) else {
            return Ok(());
        };
        chownat(
            parent,
            name,
            Some(uid),
            Some(gid),
            AtFlags::SYMLINK_NOFOLLOW,
        )
        .map_err(|error| Error::io(CHOWN, path, error))
    }

    pub(super) fn set_xattrs(&mut self, path: &[u8], file: &OwnedFd, entry: &Entry) -> Result<()> {
        for (name, value) in &entry.xattrs {
            let is_lenient =
                !self.options.is_layer || self.options.ownership == Ownership::Unchanged;
            let result = if is_taken_from_layer(name) {
                set_xattr(file.as_fd(), name, value)
            } else {
                Err(Errno::NOTSUP)
            };
            match result {
                Ok(()) => {}
                Err(Errno::NOTSUP) => self.applied.skipped_xattrs += 1,
                Err(Errno::PERM) if is_lenient => self.applied.skipped_xattrs += 1,
                Err(error) => return Err(Error::io("set an attribute of", path, error)),
            }
        }
        Ok(())
    }

    pub(super) fn owner(&self, entry: &Entry) -> Option<(Uid, Gid)> {
        let (uid, gid) = match self.options.ownership {
            Ownership::Archive => (entry.uid, entry.gid),
            Ownership::Fixed { uid, gid } => (uid, gid),
            Ownership::Unchanged => return None,
        };
        Some((Uid::from_raw(uid), Gid::from_raw(gid)))
    }
}

pub(super) fn set_time_of_name(
    path: &[u8],
    parent: &OwnedFd,
    name: &[u8],
    time: Time,
) -> Result<()> {
    utimensat(parent, name, &make_times(time), AtFlags::SYMLINK_NOFOLLOW)
        .map_err(|error| Error::io("set the time of", path, error))
}

/// Both times; a time of access that depends on when a layer was unpacked would be the only thing that does. Times before
/// 1970 or after what nanoseconds count in 63 bits become 1970, as with containerd and moby.
pub(super) fn make_times(time: Time) -> Timestamps {
    let is_representable = (0..i64::MAX / 1_000_000_000).contains(&time.seconds);
    let spec = Timespec {
        tv_sec: if is_representable { time.seconds } else { 0 },
        tv_nsec: if is_representable {
            i64::from(time.nanoseconds)
        } else {
            0
        },
    };
    Timestamps {
        last_access: spec,
        last_modification: spec,
    }
}
