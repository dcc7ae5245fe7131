//! Room in the builder's folder: what takes it, and making it.
//!
//! Nothing is removed while any build, shell or export uses the folder, in this process or in another. Called after
//! builds, if they have left anything, and by `wharf builder prune`.

mod growth;
mod inventory;
mod mounts;
mod order;

use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime};

use wharf_oci::Digest;
use wharf_sandbox::Tree;

pub use growth::has_grown;
pub use inventory::{Usage, UsageKind};

use self::inventory::{Item, Place, last_change, list, list_items, list_layers, list_leftovers};
use crate::debug::FailedStep;
use crate::error::{Attempt, BuildError, Result};
use crate::folder::BuilderFolder;
use crate::jobs::{JobCall, RemoveCall, run_job};
use crate::state::{Alone, make_name};

/// How long small notes are kept: hashes of files, failed builds. Shorter makes the first build after a holiday read
/// everything again; longer lets the notes of forgotten projects pile up.
const NOTES_KEPT: Duration = Duration::from_secs(30 * 86_400);

/// What was removed, and what stays.
#[derive(Debug)]
pub struct Pruned {
    /// What went, without leftovers of steps that failed or were canceled.
    pub removed: Vec<Usage>,
    /// What stays.
    pub kept: Vec<Usage>,
    /// Layers of results that stay: they have to stay in the content store too. Until this value is dropped no build
    /// begins, so the store can be cleaned meanwhile.
    pub layers: BTreeSet<Digest>,
    _alone: Alone,
}

impl BuilderFolder {
    /// What takes room, the least recently used last.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn list_usage(&self) -> Result<Vec<Usage>> {
        let _hold = self
            .state
            .hold()
            .attempt(|| "lock the builder's folder".to_owned())?;
        Ok(list_usage(list_items(self, false)?))
    }

    /// Bytes on the disk of snapshots and cache mounts, whatever notes say about them. Blocks.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn measure(&self) -> Result<u64> {
        let _hold = self
            .state
            .hold()
            .attempt(|| "lock the builder's folder".to_owned())?;
        mounts::measure_all(self)
    }

    /// Removes what was used least recently until the rest fits into `budget` bytes, and everything that is of no use;
    /// with a budget of 0 all that is there. `None` when the folder is in use: then nothing is removed. Blocks.
    ///
    /// # Errors
    /// When something cannot be removed; what was removed before stays removed, and no result is ever half there.
    pub fn prune(&self, budget: u64, now: SystemTime) -> Result<Option<Pruned>> {
        let alone = self
            .state
            .take_alone()
            .attempt(|| "lock the builder's folder".to_owned())?;
        let Some(alone) = alone else {
            return Ok(None);
        };
        let mut items = list_items(self, true)?;
        let candidates: Vec<_> = items.iter().map(Item::candidate).collect();
        let chosen: HashSet<usize> = order::choose(&candidates, budget).into_iter().collect();
        let mut place = 0..;
        let (removed, kept): (Vec<Item>, Vec<Item>) = items
            .drain(..)
            .partition(|_| place.next().is_some_and(|place| chosen.contains(&place)));
        // Records go first: a record without files costs time, files without a record are found by the next prune.
        for item in &removed {
            self.forget(item)
                .attempt(|| format!("remove {}", item.usage.id))?;
        }
        let cleaned = || "clean the builder's folder".to_owned();
        let leftovers = list_leftovers(self, &kept).attempt(cleaned)?;
        self.remove_snapshots(leftovers)?;
        let oldest = match budget {
            0 => now + Duration::from_secs(1),
            _ => now
                .checked_sub(NOTES_KEPT)
                .unwrap_or(SystemTime::UNIX_EPOCH),
        };
        for part in ["sums", "stats", "downloads", "builds"] {
            remove_old(&self.state.part(part), oldest).attempt(cleaned)?;
        }
        FailedStep::remove_dead(&self.state).attempt(cleaned)?;
        growth::note_pruned(&self.state, budget);
        Ok(Some(Pruned {
            layers: list_layers(&kept),
            removed: list_usage(removed),
            kept: list_usage(kept),
            _alone: alone,
        }))
    }

    /// Takes an item away from builds; its files become leftovers.
    fn forget(&self, item: &Item) -> io::Result<()> {
        match &item.place {
            Place::Record { path, .. } => fs::remove_file(path),
            Place::Mount(path) => {
                fs::rename(path.join("content"), self.state.snapshot(&make_name()))?;
                fs::remove_dir_all(path)?;
                match path.parent().map(fs::remove_dir) {
                    // Others of the same name are still there.
                    Some(Err(error)) if error.kind() != io::ErrorKind::DirectoryNotEmpty => {
                        Err(error)
                    }
                    _ => Ok(()),
                }
            }
        }
    }

    fn remove_snapshots(&self, names: Vec<String>) -> Result<()> {
        if names.is_empty() {
            return Ok(());
        }
        let ids = self
            .sandbox
            .lease_ids()
            .map_err(|error| BuildError::sandbox("remove the files of steps", error))?;
        let call = JobCall::Remove(RemoveCall { names });
        let tree = Tree::in_place(self.state.part("snapshots"));
        run_job(&self.sandbox, &ids, &call, vec![tree], Vec::new())
    }
}

fn list_usage(items: Vec<Item>) -> Vec<Usage> {
    let mut listed: Vec<Usage> = items.into_iter().map(|item| item.usage).collect();
    listed.sort_by_key(|usage| std::cmp::Reverse(usage.last_used));
    listed
}

/// Removes files that were last written before `oldest`.
fn remove_old(folder: &Path, oldest: SystemTime) -> io::Result<()> {
    for path in list(folder)? {
        if last_change(&path) < oldest && path.is_file() {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}
