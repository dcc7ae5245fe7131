//! How much folders take.

use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, ResolveFlags, openat2, statat};
use rustix::io::Errno;
use serde::{Deserialize, Serialize};
use wharf_sandbox::JobContext;

/// Measures each tree.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct MeasureCall;

/// Bytes on the disk, in the order of the trees.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct MeasureDone {
    pub(crate) bytes: Vec<u64>,
}

impl MeasureCall {
    pub(super) fn run(self, context: JobContext) -> Result<MeasureDone, String> {
        let measure = |tree: &OwnedFd| measure_tree(tree);
        let bytes: Result<Vec<u64>, Errno> = context.trees.iter().map(measure).collect();
        Ok(MeasureDone {
            bytes: bytes.map_err(|error| format!("measure a folder: {error}"))?,
        })
    }
}

/// Blocks of everything beneath. Folders are opened by their path from the root, so that a deep tree takes no deep stack
/// and no many descriptors; what lies deeper than a path can be long, or went away meanwhile, is not counted.
fn measure_tree(root: &OwnedFd) -> Result<u64, Errno> {
    let mut bytes = 0;
    let mut open = vec![Vec::new()];
    while let Some(path) = open.pop() {
        let name = if path.is_empty() {
            b".".to_vec()
        } else {
            path.clone()
        };
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let beneath = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
        let folder = match openat2(root, name, flags, Mode::empty(), beneath) {
            Ok(folder) => folder,
            Err(Errno::NAMETOOLONG | Errno::NOENT | Errno::NOTDIR) => continue,
            Err(error) => return Err(error),
        };
        for entry in Dir::read_from(&folder)? {
            let entry = entry?;
            let name = entry.file_name();
            if matches!(name.to_bytes(), b"." | b"..") {
                continue;
            }
            let Ok(stat) = statat(folder.as_fd(), name, AtFlags::SYMLINK_NOFOLLOW) else {
                continue;
            };
            // A block is 512 bytes here, whatever the file system's are (stat(2)).
            bytes += u64::try_from(stat.st_blocks).unwrap_or_default() * 512;
            if FileType::from_raw_mode(stat.st_mode) == FileType::Directory {
                let mut deeper = path.clone();
                if !deeper.is_empty() {
                    deeper.push(b'/');
                }
                deeper.extend_from_slice(name.to_bytes());
                open.push(deeper);
            }
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_beneath_counts_and_links_are_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("a/b")).unwrap();
        std::fs::write(folder.path().join("a/b/f"), vec![1; 1 << 20]).unwrap();
        std::os::unix::fs::symlink("/usr", folder.path().join("link")).unwrap();
        let root = std::fs::File::open(folder.path()).unwrap().into();
        let bytes = measure_tree(&root).unwrap();
        assert!((1 << 20..2 << 20).contains(&bytes), "{bytes}");
    }
}
