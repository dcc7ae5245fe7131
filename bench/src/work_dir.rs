//! The folder in which every server of a run keeps its data, on one disk, and which is empty before and after.
//! Refuses to be shared by two runs at once: they would measure each other.
//! Called by the entry point and by everything that starts servers.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use rustix::fs::FlockOperation;

use crate::remove::remove_folder;

/// The smallest blob of the bulk measures.
const LARGE: u64 = 1_000_000;

/// Claimed by this run until it is dropped.
pub(crate) struct WorkDir {
    folder: PathBuf,
    homes: std::cell::Cell<u32>,
    /// Holds the lock; the file stays, as removing it would let two runs lock different files.
    _lock: File,
}

/// The folder of one server or builder: it may be started there again and finds its data.
#[derive(Clone, Debug)]
pub(crate) struct Home {
    folder: PathBuf,
}

impl WorkDir {
    /// Empties `parent/run` and claims it.
    ///
    /// # Errors
    /// Another run has it, or it cannot be written.
    pub(crate) fn claim(parent: &Path) -> Result<WorkDir> {
        let context = || format!("use {} as work folder", parent.display());
        fs::create_dir_all(parent).with_context(context)?;
        let lock = File::create(parent.join("lock")).with_context(context)?;
        rustix::fs::flock(&lock, FlockOperation::NonBlockingLockExclusive)
            .with_context(|| format!("another run uses {}", parent.display()))?;
        let folder = parent.join("run");
        remove_folder(&folder)?;
        fs::create_dir(&folder).with_context(context)?;
        Ok(WorkDir {
            folder,
            homes: std::cell::Cell::new(0),
            _lock: lock,
        })
    }

    /// A new, empty home.
    ///
    /// # Errors
    /// It cannot be created.
    pub(crate) fn make_home(&self) -> Result<Home> {
        let number = self.homes.get();
        self.homes.set(number + 1);
        let folder = self.folder.join(format!("server-{number}"));
        fs::create_dir_all(folder.join("data")).context("create a server's folder")?;
        Ok(Home { folder })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.folder
    }
}

impl Drop for WorkDir {
    fn drop(&mut self) {
        if let Err(error) = remove_folder(&self.folder) {
            eprintln!("{error:#}");
        }
    }
}

impl Home {
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Removes all of it.
    ///
    /// # Errors
    /// Something in it cannot be removed.
    pub(crate) fn remove(self) -> Result<()> {
        remove_folder(&self.folder)
    }

    /// Deletes the large files of a server that is not needed again, which makes room and leaves warm memory to the next.
    /// Small ones stay until the whole run ends: where the disk discards freed blocks at once, each costs milliseconds.
    ///
    /// # Errors
    /// A file cannot be removed.
    pub(crate) fn release(self) -> Result<()> {
        let mut folders = vec![self.folder];
        while let Some(folder) = folders.pop() {
            let context = || format!("clear {}", folder.display());
            for entry in fs::read_dir(&folder).with_context(context)? {
                let entry = entry.with_context(context)?;
                // Does not follow symbolic links, of which a peer's seeded folder is full.
                let metadata = entry.metadata().with_context(context)?;
                if metadata.is_dir() {
                    folders.push(entry.path());
                } else if metadata.len() >= LARGE {
                    fs::remove_file(entry.path()).with_context(context)?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_dir_is_claimed_once_and_emptied() {
        let parent = tempfile::tempdir().unwrap();
        let work = WorkDir::claim(parent.path()).unwrap();
        let home = work.make_home().unwrap();
        assert!(home.data().is_dir());
        let other = work.make_home().unwrap();
        assert_ne!(home.data(), other.data());
        assert!(WorkDir::claim(parent.path()).is_err());
        let (small, large) = (home.file("small"), home.data().join("large"));
        fs::write(&small, "x").unwrap();
        File::create(&large).unwrap().set_len(LARGE).unwrap();
        home.release().unwrap();
        assert!(small.exists() && !large.exists());
        let run = work.path().to_owned();
        drop(work);
        assert!(!run.exists());
        WorkDir::claim(parent.path()).unwrap();
    }
}
