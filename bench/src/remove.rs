//! Removes a folder with everything in it, many entries at a time.
//! A disk that discards freed blocks at once takes milliseconds for each file, and a run leaves tens of thousands.
//! Refuses to follow symbolic links. Called by the work folder.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread;

use anyhow::{Context, Result};
use rustix::mount::{UnmountFlags, unmount};

/// Removals only wait for the disk, so there may be more of them than cores; more than 16 did not help.
const THREADS: usize = 16;

/// Removes `folder` and what is mounted in it; a missing one is fine.
///
/// # Errors
/// Something in it cannot be removed.
pub(crate) fn remove_folder(folder: &Path) -> Result<()> {
    let context = || format!("remove {}", folder.display());
    if !folder.exists() {
        return Ok(());
    }
    unmount_below(folder).with_context(context)?;
    let mut files = Vec::new();
    // Folders by depth: those of one depth do not hold each other.
    let mut levels = vec![vec![folder.to_owned()]];
    while let Some(level) = levels.last().filter(|level| !level.is_empty()) {
        let mut below = Vec::new();
        for parent in level {
            for entry in fs::read_dir(parent).with_context(context)? {
                let entry = entry.with_context(context)?;
                match entry.file_type().with_context(context)?.is_dir() {
                    true => below.push(entry.path()),
                    false => files.push(entry.path()),
                }
            }
        }
        levels.push(below);
    }
    remove_each(files, |path| fs::remove_file(path)).with_context(context)?;
    for level in levels.into_iter().rev() {
        remove_each(level, |path| fs::remove_dir(path)).with_context(context)?;
    }
    Ok(())
}

/// Detaches what builders left mounted below `folder`, the innermost first: buildah mounts its storage on itself, and a
/// killed daemon leaves what it had.
fn unmount_below(folder: &Path) -> io::Result<()> {
    let folder = folder.canonicalize()?;
    let mounts = fs::read_to_string("/proc/self/mountinfo")?;
    let points = mounts.lines().filter_map(find_mount_point);
    let mut points: Vec<_> = points.filter(|point| point.starts_with(&folder)).collect();
    // Of mounts on one another the last is the topmost.
    points.reverse();
    points.sort_by_key(|point| std::cmp::Reverse(point.components().count()));
    for point in points {
        unmount(&point, UnmountFlags::DETACH | UnmountFlags::NOFOLLOW)?;
    }
    Ok(())
}

/// The fifth field of a line of proc_pid_mountinfo(5); spaces in it are written `\040`.
fn find_mount_point(line: &str) -> Option<PathBuf> {
    let point = line.split(' ').nth(4)?;
    Some(PathBuf::from(point.replace("\\040", " ")))
}

fn remove_each(paths: Vec<PathBuf>, remove: fn(&Path) -> io::Result<()>) -> io::Result<()> {
    let threads = THREADS.min(paths.len());
    let paths = Mutex::new(paths.into_iter());
    let next = || {
        let mut paths = paths.lock().unwrap_or_else(|lock| lock.into_inner());
        paths.next()
    };
    let work = || -> io::Result<()> {
        while let Some(path) = next() {
            remove(&path)?;
        }
        Ok(())
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        for thread in threads {
            thread
                .join()
                .map_err(|_| io::Error::other("a removing thread panicked"))??;
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn mount_points_are_found_with_their_spaces() {
        let line = r"36 35 98:0 / /var/lib/a\040b/overlay rw,noatime shared:1 - ext4 /dev/root rw";
        let point = find_mount_point(line).unwrap();
        assert_eq!(point, Path::new("/var/lib/a b/overlay"));
        assert_eq!(find_mount_point("36 35"), None);
    }

    #[test]
    fn folder_goes_with_all_depths_and_links_keep_their_targets() {
        let parent = tempfile::tempdir().unwrap();
        let kept = parent.path().join("kept");
        fs::create_dir(&kept).unwrap();
        fs::write(kept.join("file"), "x").unwrap();
        let folder = parent.path().join("folder");
        for number in 0..40 {
            let deep = folder.join(format!("{number}/a/b"));
            fs::create_dir_all(&deep).unwrap();
            fs::write(deep.join("file"), "x").unwrap();
        }
        symlink(&kept, folder.join("link")).unwrap();
        remove_folder(&folder).unwrap();
        assert!(!folder.exists());
        assert!(kept.join("file").exists());
        remove_folder(&folder).unwrap();
    }
}
