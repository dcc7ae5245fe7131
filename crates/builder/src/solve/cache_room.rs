//! What the cache mounts of a build may hold: together as much as the build may add to the disk besides.
//!
//! They outlive the build and what is in them is not the build's alone, so they are counted for themselves, with all that is
//! in them. The sandbox looks while a step runs; afterwards they are measured, for what the next step's may hold. Those that
//! hold too much are emptied: nothing may stand on what is in a cache, and the next build would fail by it as well.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};

use wharf_sandbox::{Mount, Tree};

use super::Solver;
use super::mounts::discard;
use crate::error::{Attempt, BuildError, Result};
use crate::jobs::{JobCall, MeasureCall, MeasureDone, run_job};

/// The folders of cache mounts that a step can write to.
pub(super) fn list_caches(mounts: &[Mount]) -> Vec<PathBuf> {
    let folders = mounts.iter().filter_map(|mount| match mount {
        // Beneath what pruning and emptying take away as a whole.
        Mount::Cache {
            folder,
            read_only: false,
            ..
        } => folder.parent().map(Path::to_owned),
        _ => None,
    });
    let mut folders: Vec<_> = folders.collect();
    folders.sort_unstable();
    folders.dedup();
    folders
}

impl Solver {
    /// What these caches may hold together: what the build's others leave. `None` without a bound, or without a cache.
    pub(super) fn cache_room(&self, caches: &[PathBuf]) -> Option<u64> {
        let limit = self.request.limits.build_disk?;
        let held = self.caches.lock().unwrap_or_else(PoisonError::into_inner);
        let others = held.iter().filter(|(folder, _)| !caches.contains(folder));
        let others: u64 = others.map(|(_, bytes)| bytes).sum();
        (!caches.is_empty()).then(|| limit.saturating_sub(others))
    }

    /// Counts what the caches of a step hold now.
    ///
    /// # Errors
    /// Those of the build hold more than they may; then these are empty afterwards.
    pub(super) async fn charge_caches(self: &Arc<Self>, caches: &[PathBuf]) -> Result<()> {
        let Some(room) = self.cache_room(caches) else {
            return Ok(());
        };
        let measuring = || "measure cache mounts".to_owned();
        let (parts, ids) = (Arc::clone(&self.parts), Arc::clone(&self.ids));
        let trees = caches.iter().cloned().map(Tree::in_place).collect();
        let done = tokio::task::spawn_blocking(move || {
            let call = JobCall::Measure(MeasureCall);
            run_job::<MeasureDone>(&parts.sandbox, &ids, &call, trees, Vec::new())
        });
        let done = done.await.attempt(measuring)??;
        let mut held = self.caches.lock().unwrap_or_else(PoisonError::into_inner);
        held.extend(caches.iter().cloned().zip(done.bytes.iter().copied()));
        drop(held);
        if done.bytes.iter().sum::<u64>() <= room {
            return Ok(());
        }
        self.empty_caches(caches)?;
        let limit = self.request.limits.build_disk.unwrap_or_default();
        Err(BuildError::Step {
            message: format!(
                "the cache mounts of the build hold more than {limit} bytes (disk limit) and were emptied"
            ),
            hint: Some(
                "keep less in them, or raise the limit: of the rule, or [build] step_disk where that is the bound"
                    .to_owned(),
            ),
            excerpt: None,
        })
    }

    /// Takes away all that is in these caches.
    pub(super) fn empty_caches(&self, caches: &[PathBuf]) -> Result<()> {
        for content in caches {
            discard(&self.parts.state, content).attempt(|| "empty a cache mount".to_owned())?;
        }
        let mut held = self.caches.lock().unwrap_or_else(PoisonError::into_inner);
        held.retain(|folder, _| !caches.contains(folder));
        Ok(())
    }
}
