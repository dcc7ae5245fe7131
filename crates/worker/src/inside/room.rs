//! Folders of the worker, and clearing away what nobody needs: its own, and what killed ones left.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rustix::fs::{FlockOperation, Mode, OFlags, flock};
use wharf_builder::BuilderFolder;
use wharf_image::LocalStore;
use wharf_sandbox::{CELL_FOLDER, Host};

use super::failure::describe;

/// Folders of workers, each with the name of one.
pub(crate) const WORK: &str = "work";

/// Lets root of steps, who is somebody else, pass through to what is its own. Nobody else can come by: outside, the folder
/// lies below one that is the server's alone.
pub(super) fn open_state() -> io::Result<()> {
    fs::set_permissions(CELL_FOLDER, fs::Permissions::from_mode(0o711))
}

/// Layers that were read or written within this are kept, whatever refers to them: another worker may be about to pass
/// them on. Shorter than a build may take would let it lose one.
const GRACE: Duration = Duration::from_secs(2 * 3600);

/// Snapshots and results.
pub(super) fn builder_folder() -> PathBuf {
    Path::new(CELL_FOLDER).join("builder")
}

/// The workers' own store of layers.
pub(super) fn store_folder() -> PathBuf {
    Path::new(CELL_FOLDER).join("store")
}

/// A folder that goes away with the value, or with the next worker that finds it without its owner.
pub(super) struct WorkFolder {
    path: PathBuf,
    _lock: File,
}

impl WorkFolder {
    pub(super) fn make(path: &Path) -> io::Result<Self> {
        let all = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
        fs::create_dir_all(all)?;
        // Until its own lock is held, a new folder looks like one whose owner is gone.
        let _entry = wait_for_entry(all)?;
        // One of this name is of an earlier server whose processes had the same numbers.
        match fs::remove_dir_all(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => fs::create_dir_all(path)?,
        }
        Ok(Self {
            path: path.to_owned(),
            _lock: lock_folder(path)?,
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for WorkFolder {
    fn drop(&mut self) {
        // What is left is found by the next worker.
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// Holds up whoever makes or clears away folders in `all`, until it is dropped. Nobody holds it for long: what is cleared
/// away is what killed workers left.
fn wait_for_entry(all: &Path) -> io::Result<File> {
    let folder = open_folder(all)?;
    flock(&folder, FlockOperation::LockExclusive)?;
    Ok(folder)
}

fn lock_folder(path: &Path) -> io::Result<File> {
    let folder = open_folder(path)?;
    flock(&folder, FlockOperation::NonBlockingLockExclusive)?;
    Ok(folder)
}

/// Refuses what is no folder. A worker that was taken over may have left anything: opening a pipe would wait for its other end.
fn open_folder(path: &Path) -> io::Result<File> {
    let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    Ok(File::from(rustix::fs::open(path, flags, Mode::empty())?))
}

/// Removes folders of workers that are gone.
pub(super) fn remove_dead_folders() -> io::Result<()> {
    remove_dead_folders_of(&Path::new(CELL_FOLDER).join(WORK))
}

fn remove_dead_folders_of(work: &Path) -> io::Result<()> {
    let _entry = wait_for_entry(work)?;
    let mut removed = Ok(());
    for entry in fs::read_dir(work)? {
        let path = entry?.path();
        // One that cannot be locked is in use, or no worker's; one that vanished was removed by its owner.
        if let Ok(_lock) = lock_folder(&path) {
            match fs::remove_dir_all(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    removed = removed.and(Err(error));
                }
                _ => {}
            }
        }
    }
    removed
}

/// Brings results back to their budget, unless other workers are building.
pub(super) fn make_room(budget: u64) -> Result<(), String> {
    let refused = |error: &dyn std::error::Error| describe(error);
    let host = Host::of_cell().map_err(|error| refused(&error))?;
    let folder =
        BuilderFolder::open_on(&builder_folder(), host).map_err(|error| refused(&error))?;
    let pruned = folder.prune(budget, SystemTime::now());
    let Some(pruned) = pruned.map_err(|error| refused(&error))? else {
        return Ok(());
    };
    if !pruned.removed.is_empty() {
        let store = LocalStore::open(store_folder()).map_err(|error| refused(&error))?;
        store
            .remove_unreferenced(GRACE, SystemTime::now(), &|digest| {
                pruned.layers.contains(digest)
            })
            .map_err(|error| refused(&error))?;
    }
    Ok(())
}

/// The whole life of a worker that only clears away; answers what is kept.
pub(super) fn clean(cache_bytes: Option<u64>) -> Result<u64, String> {
    let removed = match Path::new(CELL_FOLDER).join(WORK).is_dir() {
        true => remove_dead_folders(),
        false => Ok(()),
    };
    // What cannot be removed must not let the rest grow.
    make_room(cache_bytes.unwrap_or(u64::MAX))?;
    let host = Host::of_cell().map_err(|error| describe(&error))?;
    let folder =
        BuilderFolder::open_on(&builder_folder(), host).map_err(|error| describe(&error))?;
    let steps = folder.measure().map_err(|error| describe(&error))?;
    let layers = measure_files(&store_folder());
    let layers = layers.map_err(|error| format!("measure layers: {error}"))?;
    removed.map_err(|error| format!("remove what workers left: {error}"))?;
    Ok(steps + layers)
}

/// The whole life of a worker that leaves nothing.
pub(super) fn remove_all() -> Result<(), String> {
    // What steps wrote is removed as theirs; only then is the rest the worker's own.
    let cleaned = clean(Some(0));
    let remove = || -> io::Result<()> {
        for entry in fs::read_dir(CELL_FOLDER)? {
            let entry = entry?;
            match entry.file_type()?.is_dir() {
                true => fs::remove_dir_all(entry.path())?,
                false => fs::remove_file(entry.path())?,
            }
        }
        Ok(())
    };
    remove().map_err(|error| match cleaned {
        Ok(_) => format!("remove a cache: {error}"),
        Err(before) => format!("remove a cache: {error}, after: {before}"),
    })
}

/// Bytes of the worker's own files beneath.
fn measure_files(folder: &Path) -> io::Result<u64> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        entries => entries?,
    };
    let mut bytes = 0;
    for entry in entries {
        let entry = entry?;
        bytes += match entry.file_type()?.is_dir() {
            true => measure_files(&entry.path())?,
            // It may be gone by now.
            false => entry.metadata().map_or(0, |meta| meta.blocks() * 512),
        };
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_is_just_made_is_not_cleared_away_by_another_worker() {
        let work = tempfile::tempdir().unwrap();
        let makers: Vec<_> = (0..4)
            .map(|maker| {
                let work = work.path().to_owned();
                std::thread::spawn(move || {
                    for round in 0..200 {
                        let folder = WorkFolder::make(&work.join(format!("{maker}-{round}")));
                        let folder = folder.expect("nobody takes it away");
                        remove_dead_folders_of(&work).expect("the others' stay");
                        assert!(folder.path().is_dir(), "{:?}", folder.path());
                    }
                })
            })
            .collect();
        for maker in makers {
            maker.join().expect("no panic");
        }
        fs::create_dir(work.path().join("left")).unwrap();
        remove_dead_folders_of(work.path()).unwrap();
        assert_eq!(fs::read_dir(work.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_is_no_workers_folder_holds_nobody_up() {
        let (work, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let path = |name: &str| work.path().join(name);
        rustix::fs::mkfifoat(rustix::fs::CWD, path("a-pipe"), Mode::RWXU).unwrap();
        fs::write(path("b-file"), "").unwrap();
        std::os::unix::fs::symlink(other.path(), path("c-link")).unwrap();
        fs::create_dir(path("left")).unwrap();
        remove_dead_folders_of(work.path()).unwrap();
        assert!(!path("left").exists());
        assert!(other.path().is_dir());
    }
}
