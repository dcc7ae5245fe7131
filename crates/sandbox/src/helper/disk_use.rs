//! How much of the disk a step's upper folder takes.

use std::collections::HashSet;
use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags};
use rustix::io::Errno;

/// Bytes and files of a folder, itself not counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct DiskUse {
    pub(super) bytes: u64,
    pub(super) files: u64,
}

impl DiskUse {
    const ENDLESS: Self = Self {
        bytes: u64::MAX,
        files: u64::MAX,
    };

    pub(super) fn encode(self) -> Vec<u8> {
        [self.bytes.to_ne_bytes(), self.files.to_ne_bytes()].concat()
    }

    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let (bytes, files) = bytes.split_at_checked(8)?;
        Some(Self {
            bytes: u64::from_ne_bytes(bytes.try_into().ok()?),
            files: u64::from_ne_bytes(files.try_into().ok()?),
        })
    }
}

/// Folders within folders. Each keeps a descriptor open, of which a process usually has 1024; no build goes so deep.
const MAX_DEPTH: usize = 900;

/// Adds up a folder. Names are not followed, files are not opened; what vanishes meanwhile is left out.
///
/// A tree too deep to look into counts as endless: nothing that a build makes on purpose is a thousand folders deep.
pub(super) fn measure(folder: &OwnedFd) -> DiskUse {
    let mut total = DiskUse::default();
    let mut linked = HashSet::new();
    let mut open: Vec<Dir> = open_folder(folder, c".").into_iter().flatten().collect();
    loop {
        let depth = open.len();
        let Some(current) = open.last_mut() else {
            return total;
        };
        let Some(Ok(entry)) = current.read() else {
            open.pop();
            continue;
        };
        let name = entry.file_name();
        if name == c"." || name == c".." {
            continue;
        }
        let Ok(folder) = current.fd() else {
            continue;
        };
        let Ok(stat) = rustix::fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) else {
            continue;
        };
        let is_folder = FileType::from_raw_mode(stat.st_mode) == FileType::Directory;
        if !is_folder && stat.st_nlink > 1 && !linked.insert((stat.st_dev, stat.st_ino)) {
            continue;
        }
        total.files += 1;
        total.bytes += stat.st_blocks as u64 * 512;
        if is_folder && depth >= MAX_DEPTH {
            return DiskUse::ENDLESS;
        }
        if is_folder {
            let below = open_folder(folder, name);
            match below {
                Ok(below) => open.extend(below),
                Err(TooDeep) => return DiskUse::ENDLESS,
            }
        }
    }
}

struct TooDeep;

fn open_folder(parent: impl AsFd, name: &std::ffi::CStr) -> Result<Option<Dir>, TooDeep> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    match rustix::fs::openat(parent, name, flags, Mode::empty()).and_then(Dir::new) {
        Ok(folder) => Ok(Some(folder)),
        Err(Errno::MFILE | Errno::NFILE) => Err(TooDeep),
        Err(_) => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hard_link_is_counted_once_and_a_hole_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a"), vec![1; 100_000]).unwrap();
        std::fs::create_dir(folder.path().join("d")).unwrap();
        std::fs::hard_link(folder.path().join("a"), folder.path().join("d/b")).unwrap();
        let hole = std::fs::File::create(folder.path().join("hole")).unwrap();
        hole.set_len(1 << 40).unwrap();
        let fd = OwnedFd::from(std::fs::File::open(folder.path()).unwrap());
        let total = measure(&fd);
        assert_eq!(total.files, 3);
        assert!((100_000..300_000).contains(&total.bytes), "{total:?}");
        assert_eq!(DiskUse::decode(&total.encode()), Some(total));
    }

    #[test]
    fn a_tree_that_is_too_deep_counts_as_endless() {
        let folder = tempfile::tempdir().unwrap();
        let mut here = OwnedFd::from(std::fs::File::open(folder.path()).unwrap());
        for _ in 0..=MAX_DEPTH {
            rustix::fs::mkdirat(&here, c"d", Mode::from_raw_mode(0o755)).unwrap();
            here = rustix::fs::openat(&here, c"d", OFlags::RDONLY, Mode::empty()).unwrap();
        }
        let fd = OwnedFd::from(std::fs::File::open(folder.path()).unwrap());
        assert_eq!(measure(&fd), DiskUse::ENDLESS);
    }
}
