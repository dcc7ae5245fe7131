//! Directories at the end of a part, when nothing more is put into them.

use rustix::fs::{Mode, Timespec, Timestamps, fchmod, futimens};

use super::Placer;
use crate::source::open_directory;
use crate::{Error, Result, Time};

impl Placer<'_> {
    /// The innermost first, as a mode may close the way.
    pub(super) fn finish_part(&mut self) -> Result<()> {
        let Some(part) = self.part.take() else {
            return Ok(());
        };
        for last in part.finals.into_iter().rev() {
            let directory = open_directory(self.root, &last.path)
                .map_err(|error| Error::io("open", &last.path, error))?;
            if let Some(mode) = last.mode {
                fchmod(&directory, Mode::from_raw_mode(mode))
                    .map_err(|error| Error::io("change the mode of", &last.path, error))?;
            }
            if let Some(mtime) = last.mtime {
                futimens(&directory, &make_times(mtime))
                    .map_err(|error| Error::io("set the time of", &last.path, error))?;
            }
        }
        Ok(())
    }
}

/// Both times: one of access that depends on the build would be the only thing that does.
pub(super) fn make_times(time: Time) -> Timestamps {
    let spec = Timespec {
        tv_sec: time.seconds,
        tv_nsec: time.nanoseconds.into(),
    };
    Timestamps {
        last_access: spec,
        last_modification: spec,
    }
}
