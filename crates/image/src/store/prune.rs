//! Removing what nobody refers to.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime};

use rustix::fs::{FlockOperation, flock};
use wharf_oci::{Algorithm, Digest};

use super::LocalStore;
use super::content::{remove_existing, sweep_abandoned};
use super::layout::{INGEST, blob_folder};
use super::lock::lock_index;
use crate::ImageError;

/// What a removal freed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Removed {
    /// Files.
    pub blobs: u64,
    /// Their sizes together.
    pub bytes: u64,
}

impl LocalStore {
    /// Removes blobs that no name leads to, that `keep` does not ask for, and that were neither written nor read for
    /// `grace` before `now`. Builds may run meanwhile: one that used a blob within `grace` finds it. Waits for changes of
    /// names, and they for it.
    ///
    /// # Errors
    /// The file system's, or an entry or manifest that cannot be understood: then nothing is removed.
    pub fn remove_unreferenced(
        &self,
        grace: Duration,
        now: SystemTime,
        keep: &dyn Fn(&Digest) -> bool,
    ) -> Result<Removed, ImageError> {
        let fail = |error| self.fail("cannot clean the image store", error);
        let _lock = lock_index(self.folder()).map_err(fail)?;
        let referenced = self.mark_referenced()?;
        let mut removed = Removed::default();
        // A clock before 1970 plus the grace: everything is young.
        let oldest_kept = now.checked_sub(grace).unwrap_or(SystemTime::UNIX_EPOCH);
        for algorithm in Algorithm::ALL {
            let folder = blob_folder(self.folder(), algorithm);
            for entry in fs::read_dir(&folder).map_err(fail)? {
                let path = entry.map_err(fail)?.path();
                let hex = path
                    .file_name()
                    .and_then(|name| name.to_str())
                    .unwrap_or_default();
                // Whatever else lies here is not this store's.
                let Ok(digest) = format!("{algorithm}:{hex}").parse::<Digest>() else {
                    continue;
                };
                if referenced.contains(&digest) || keep(&digest) {
                    continue;
                }
                if let Some(size) =
                    remove_old(&path, &self.folder().join(INGEST), oldest_kept).map_err(fail)?
                {
                    removed.blobs += 1;
                    removed.bytes += size;
                }
            }
        }
        sweep_abandoned(self.folder()).map_err(fail)?;
        Ok(removed)
    }
}

/// Removes a file that was last used before `oldest_kept`, and gives its size. It is taken away first and looked at again:
/// somebody who opened it in between has touched it, and gets it back.
pub(super) fn remove_old(
    path: &Path,
    aside: &Path,
    oldest_kept: SystemTime,
) -> io::Result<Option<u64>> {
    let file = match File::open(path) {
        // Somebody else was quicker.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other?,
    };
    let is_old = || -> io::Result<bool> { Ok(file.metadata()?.modified()? < oldest_kept) };
    // Locked, so that a sweep of unfinished files leaves it alone while it is away.
    if !is_old()? || flock(&file, FlockOperation::NonBlockingLockExclusive).is_err() {
        return Ok(None);
    }
    let away = aside.join(path.file_name().unwrap_or_default());
    fs::rename(path, &away)?;
    let stays_away = is_old()?;
    if !stays_away {
        match fs::hard_link(&away, path) {
            // The same bytes were written anew.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            other => other?,
        }
    }
    remove_existing(&away)?;
    Ok(stays_away.then_some(file.metadata()?.len()))
}
