//! Removing, after a step, the empty files and folders that were made for its mounts.

use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::{AtFlags, Timespec, Timestamps};

use crate::inner::{Missing, resolve};

/// Removes those that are still empty, the last made first, and leaves their folders' times alone.
///
/// `/proc`, `/sys` and `/dev` stay, as the reference leaves them.
pub(super) fn remove_stubs(folder: &OwnedFd, stubs: &[String]) {
    let Ok(upper) = resolve(folder.as_fd(), "upper", Missing::Fail) else {
        return;
    };
    for stub in stubs.iter().rev() {
        if ["/proc", "/sys", "/dev"].contains(&stub.as_str()) {
            continue;
        }
        // One that stays is in the list that the layer leaves out.
        let _ = remove_stub(&upper.fd, stub);
    }
}

fn remove_stub(upper: &OwnedFd, stub: &str) -> rustix::io::Result<()> {
    let Some((parent, name)) = stub.rsplit_once('/') else {
        return Ok(());
    };
    let found = resolve(upper.as_fd(), parent, Missing::Fail)?;
    if found.path.trim_end_matches('/') != parent {
        return Ok(());
    }
    let stat = rustix::fs::statat(&found.fd, name, AtFlags::SYMLINK_NOFOLLOW)?;
    match rustix::fs::FileType::from_raw_mode(stat.st_mode) {
        rustix::fs::FileType::RegularFile if stat.st_size == 0 => {
            rustix::fs::unlinkat(&found.fd, name, AtFlags::empty())?;
        }
        rustix::fs::FileType::Directory => {
            rustix::fs::unlinkat(&found.fd, name, AtFlags::REMOVEDIR)?;
        }
        _ => return Ok(()),
    }
    let times = Timestamps {
        last_access: Timespec {
            tv_sec: found.stat.st_atime,
            tv_nsec: found.stat.st_atime_nsec as _,
        },
        last_modification: Timespec {
            tv_sec: found.stat.st_mtime,
            tv_nsec: found.stat.st_mtime_nsec as _,
        },
    };
    rustix::fs::utimensat(&found.fd, c".", &times, AtFlags::empty())
}
