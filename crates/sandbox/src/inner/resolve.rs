//! Paths of an untrusted root: every component is looked at, links lead only within the root, missing parts can be made.
//!
//! The kernel never follows a link here, so neither `..` nor a magic link of /proc leads out (CVE-2024-23651,
//! CVE-2025-31133). What is found is a descriptor, and stays the same file whatever happens to the path.

use std::collections::VecDeque;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{AtFlags, FileType, Mode, OFlags, Stat, Timespec, Timestamps};
use rustix::io::Errno;

/// As many as the kernel follows (`MAXSYMLINKS`).
const MAX_LINKS: usize = 40;

/// What to do about a path that is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Missing {
    Fail,
    MakeFolder,
    MakeFile,
}

/// A file or folder beneath a root.
pub(crate) struct Found {
    /// Opened with `O_PATH`.
    pub(crate) fd: OwnedFd,
    pub(crate) stat: Stat,
    /// From the root, without links, with a leading slash.
    pub(crate) path: String,
    /// What was made on the way, in that order.
    pub(crate) made: Vec<String>,
}

impl Found {
    pub(crate) fn is_folder(&self) -> bool {
        FileType::from_raw_mode(self.stat.st_mode) == FileType::Directory
    }
}

const LOOK: OFlags = OFlags::PATH.union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// Resolves `path` beneath `root`, as if `root` were `/`.
pub(crate) fn resolve(
    root: BorrowedFd<'_>,
    path: &str,
    missing: Missing,
) -> rustix::io::Result<Found> {
    let mut walk = Walk {
        root,
        trail: Vec::new(),
        made: Vec::new(),
        links: 0,
    };
    let mut rest = split(path);
    while let Some(name) = rest.pop_front() {
        match name.as_str() {
            "." => {}
            ".." => {
                walk.trail.pop();
            }
            _ => walk.enter(name, &mut rest, missing)?,
        }
    }
    walk.finish()
}

fn split(path: &str) -> VecDeque<String> {
    path.split('/')
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

struct Walk<'root> {
    root: BorrowedFd<'root>,
    trail: Vec<(OwnedFd, String)>,
    made: Vec<String>,
    links: usize,
}

impl Walk<'_> {
    fn here(&self) -> BorrowedFd<'_> {
        self.trail.last().map_or(self.root, |(fd, _)| fd.as_fd())
    }

    fn path(&self) -> String {
        let mut path: String = self
            .trail
            .iter()
            .flat_map(|(_, name)| ["/", name])
            .collect();
        if path.is_empty() {
            path.push('/');
        }
        path
    }

    fn enter(
        &mut self,
        name: String,
        rest: &mut VecDeque<String>,
        missing: Missing,
    ) -> rustix::io::Result<()> {
        let fd = match rustix::fs::openat(self.here(), &name, LOOK, Mode::empty()) {
            Err(Errno::NOENT) if missing != Missing::Fail => {
                let as_file = rest.is_empty() && missing == Missing::MakeFile;
                self.make(&name, as_file)?;
                rustix::fs::openat(self.here(), &name, LOOK, Mode::empty())?
            }
            other => other?,
        };
        let stat = rustix::fs::fstat(&fd)?;
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::Symlink => {
                self.links += 1;
                if self.links > MAX_LINKS {
                    return Err(Errno::LOOP);
                }
                let target = rustix::fs::readlinkat(&fd, c"", Vec::new())?;
                let target = target.to_str().map_err(|_| Errno::INVAL)?;
                if target.starts_with('/') {
                    self.trail.clear();
                }
                for name in split(target).into_iter().rev() {
                    rest.push_front(name);
                }
            }
            FileType::Directory => self.trail.push((fd, name)),
            _ if rest.is_empty() => self.trail.push((fd, name)),
            _ => return Err(Errno::NOTDIR),
        }
        Ok(())
    }

    /// Makes a stub, and leaves its folder's times as they were: the folder would be in the layer otherwise.
    fn make(&mut self, name: &str, as_file: bool) -> rustix::io::Result<()> {
        let folder = self.here();
        let before = rustix::fs::fstat(folder)?;
        if as_file {
            let flags = OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::CLOEXEC;
            rustix::fs::openat(folder, name, flags, Mode::from_raw_mode(0o644))?;
        } else {
            rustix::fs::mkdirat(folder, name, Mode::from_raw_mode(0o755))?;
        }
        let times = Timestamps {
            last_access: Timespec {
                tv_sec: before.st_atime,
                tv_nsec: before.st_atime_nsec as _,
            },
            last_modification: Timespec {
                tv_sec: before.st_mtime,
                tv_nsec: before.st_mtime_nsec as _,
            },
        };
        rustix::fs::utimensat(folder, c".", &times, AtFlags::empty())?;
        // What is made within another mount, such as a cache folder, is not in the layer.
        if before.st_dev == rustix::fs::fstat(self.root)?.st_dev {
            let folder = self.path();
            self.made
                .push(format!("{}/{name}", folder.trim_end_matches('/')));
        }
        Ok(())
    }

    fn finish(mut self) -> rustix::io::Result<Found> {
        let path = self.path();
        let fd = match self.trail.pop() {
            Some((fd, _)) => fd,
            None => rustix::io::fcntl_dupfd_cloexec(self.root, 0)?,
        };
        let stat = rustix::fs::fstat(&fd)?;
        Ok(Found {
            fd,
            stat,
            path,
            made: self.made,
        })
    }
}
