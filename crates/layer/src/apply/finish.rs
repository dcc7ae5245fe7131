//! Directories at the end, when putting something into them no longer changes their time.

use std::os::fd::{AsFd as _, OwnedFd};

use rustix::fs::{Gid, Mode, Uid, fchmod, fchown, fstat, futimens};
use rustix::io::Errno;

use super::metadata::make_times;
use super::{Applier, Ownership};
use crate::error::CHOWN;
use crate::tar::Time;
use crate::xattrs::{read_xattrs, set_xattr};
use crate::{Error, Result};

/// What a directory gets at the end.
pub(super) struct Final {
    /// Where it differs from the one it was worked in with.
    pub(super) mode: Option<u32>,
    pub(super) mtime: Time,
}

impl Applier<'_> {
    /// Makes a directory that the archive does not mention look as it does below.
    pub(super) fn dress_implied(&mut self, path: &[u8], directory: &OwnedFd) -> Result<()> {
        let failed = |error: Errno| Error::io("copy the metadata of", path, error);
        let Some(below) = self.options.below.open_directory(path) else {
            return fchmod(directory, Mode::from_raw_mode(0o755)).map_err(failed);
        };
        let stat = fstat(&below).map_err(failed)?;
        if self.options.ownership != Ownership::Unchanged {
            let (uid, gid) = (Uid::from_raw(stat.st_uid), Gid::from_raw(stat.st_gid));
            fchown(directory, Some(uid), Some(gid))
                .map_err(|error| Error::io(CHOWN, path, error))?;
        }
        for (name, value) in read_xattrs(below.as_fd()).map_err(failed)?.kept {
            set_xattr(directory.as_fd(), &name, &value).map_err(failed)?;
        }
        let mode = stat.st_mode & 0o7777;
        fchmod(directory, Mode::from_raw_mode(mode | 0o700)).map_err(failed)?;
        let last = Final {
            mode: (mode & 0o700 != 0o700).then_some(mode),
            mtime: Time {
                seconds: stat.st_mtime,
                nanoseconds: stat.st_mtime_nsec as u32,
            },
        };
        self.finals.insert(path.to_vec(), last);
        Ok(())
    }

    /// Modes and times, the innermost first, as a mode may close the way.
    pub(super) fn finish_directories(&mut self) -> Result<()> {
        for (path, last) in std::mem::take(&mut self.finals).into_iter().rev() {
            let directory = match self.directories.open(&path) {
                Ok(directory) => directory,
                // A later entry took its place.
                Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => continue,
                Err(error) => return Err(Error::io("open", &path, error)),
            };
            if let Some(mode) = last.mode {
                fchmod(&*directory, Mode::from_raw_mode(mode))
                    .map_err(|error| Error::io("change the mode of", &path, error))?;
            }
            futimens(&*directory, &make_times(last.mtime))
                .map_err(|error| Error::io("set the time of", &path, error))?;
        }
        Ok(())
    }
}
