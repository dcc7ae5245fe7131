//! Deleting what steps left.

use std::ffi::CString;
use std::os::fd::{AsFd, BorrowedFd};

use rustix::fs::{AtFlags, Dir, Mode, OFlags, openat, renameat, unlinkat};
use rustix::io::Errno;
use serde::{Deserialize, Serialize};
use wharf_sandbox::JobContext;

/// Removes entries of tree 0, whatever lies in them.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct RemoveCall {
    pub(crate) names: Vec<String>,
}

impl RemoveCall {
    pub(super) fn run(self, context: JobContext) -> Result<(), String> {
        let root = context.trees.first().ok_or("the tree is missing")?;
        for name in &self.names {
            remove_entry(root.as_fd(), name).map_err(|error| format!("remove {name}: {error}"))?;
        }
        Ok(())
    }
}

/// Folders with something in them are moved up beside the entry and emptied there: a step can make a tree deeper than any
/// path, stack or number of descriptors, and this needs none of them. What is left after a crash has a name of its own
/// and is removed the next time.
fn remove_entry(root: BorrowedFd<'_>, name: &str) -> Result<(), Errno> {
    let first = CString::new(name).map_err(|_| Errno::INVAL)?;
    let mut open = Vec::new();
    match unlink(root, &first)? {
        Unlinked::Done => return Ok(()),
        Unlinked::Full => open.push(first),
    }
    let mut count = 0_u64;
    while let Some(folder_name) = open.last().cloned() {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let folder = openat(root, &folder_name, flags, Mode::empty())?;
        let mut names = Vec::new();
        for entry in Dir::read_from(&folder)? {
            let entry = entry?;
            if !matches!(entry.file_name().to_bytes(), b"." | b"..") {
                names.push(entry.file_name().to_owned());
            }
        }
        open.pop();
        for inner in names {
            if let Unlinked::Full = unlink(folder.as_fd(), &inner)? {
                count += 1;
                let moved = CString::new(format!("{name}.{count}")).map_err(|_| Errno::INVAL)?;
                renameat(&folder, &inner, root, &moved)?;
                open.push(moved);
            }
        }
        unlinkat(root, &folder_name, AtFlags::REMOVEDIR)?;
    }
    Ok(())
}

enum Unlinked {
    Done,
    /// It is a folder that is not empty.
    Full,
}

fn unlink(folder: BorrowedFd<'_>, name: &CString) -> Result<Unlinked, Errno> {
    match unlinkat(folder, name, AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT) => Ok(Unlinked::Done),
        // Linux says ISDIR, POSIX PERM.
        Err(Errno::ISDIR | Errno::PERM) => match unlinkat(folder, name, AtFlags::REMOVEDIR) {
            Ok(()) | Err(Errno::NOENT) => Ok(Unlinked::Done),
            Err(Errno::NOTEMPTY | Errno::EXIST) => Ok(Unlinked::Full),
            Err(error) => Err(error),
        },
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_that_is_deeper_than_any_path_is_removed_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("other"), "").unwrap();
        std::os::unix::fs::symlink("other", folder.path().join("link")).unwrap();
        let root = std::fs::File::open(folder.path()).unwrap();
        let mut at: std::os::fd::OwnedFd = root.try_clone().unwrap().into();
        for _ in 0..1500 {
            rustix::fs::mkdirat(&at, "deep", Mode::RWXU).unwrap();
            rustix::fs::symlinkat("/", &at, "away").ok();
            at = openat(&at, "deep", OFlags::RDONLY, Mode::empty()).unwrap();
        }
        for name in ["deep", "link", "away", "missing"] {
            remove_entry(root.as_fd(), name).unwrap();
        }
        let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
        assert_eq!(left.len(), 1, "{left:?}");
        assert!(folder.path().join("other").exists());
    }
}
