//! From a finished step to a state: the snapshot is kept, its layer is written beside the next steps, then recorded.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::PathBuf;
use std::sync::{Arc, MutexGuard, PoisonError};

use futures_util::FutureExt;
use jiff::Timestamp;
use tokio::sync::{OwnedMutexGuard, SemaphorePermit};
use wharf_image::BuiltLayer;
use wharf_sandbox::Tree;

use super::Solver;
use super::layer::{FileState, Layer};
use crate::cache::{Key, LayerRecord, Record};
use crate::error::{Attempt, BuildError, Result};
use crate::jobs::{DiffCall, DiffDone, JobCall, run_job};
use crate::plan::NodeRef;
use crate::state::make_name;

/// A step that is done.
pub(crate) struct Finished {
    pub(crate) key: Key,
    /// The snapshot's name.
    pub(crate) snapshot: String,
    /// `upper` folders of what lies below, top first; empty for a layer on its own.
    pub(crate) below: Vec<PathBuf>,
    /// Paths that mounts left behind.
    pub(crate) stubs: BTreeSet<PathBuf>,
    pub(crate) description: String,
    /// Keeps equal steps waiting until the record is there.
    pub(crate) gate: OwnedMutexGuard<()>,
}

/// What a step finds before it does anything.
pub(crate) enum Claim {
    /// Somebody did it already.
    Known(FileState),
    /// It is ours to do: equal steps wait as long as this is held.
    Ours(OwnedMutexGuard<()>),
}

impl Solver {
    /// Looks for an earlier result, waiting for whoever makes it now.
    pub(crate) async fn claim(
        self: &Arc<Self>,
        node: &NodeRef,
        key: &Key,
        base: &FileState,
    ) -> Result<Claim> {
        if let Some(state) = self.reuse(node, key, base) {
            return Ok(Claim::Known(state));
        }
        let entered = self.unless_stopped(self.parts.gates.enter(key.as_str()));
        let gate = entered.await?;
        // Whoever was inside may have made it.
        Ok(match self.reuse(node, key, base) {
            Some(state) => Claim::Known(state),
            None => Claim::Ours(gate),
        })
    }

    fn reuse(self: &Arc<Self>, node: &NodeRef, key: &Key, base: &FileState) -> Option<FileState> {
        let state = self.find_result(key, base, node.ignore_cache)?;
        let report = self.reporter.start(node.name.clone());
        report.cached();
        report.done::<(), BuildError>(&Ok(()));
        Some(state)
    }

    /// Waits until fewer steps work than may.
    pub(crate) async fn take_turn(&self) -> Result<SemaphorePermit<'_>> {
        self.unless_stopped(self.slots.acquire())
            .await?
            .attempt(|| "wait for a turn".to_owned())
    }

    /// An earlier result, if there is one that counts.
    fn find_result(
        self: &Arc<Self>,
        key: &Key,
        base: &FileState,
        ignore_cache: bool,
    ) -> Option<FileState> {
        if ignore_cache && !self.fresh().contains(key) {
            return None;
        }
        let record = self.cache.find(key)?;
        let folder = self.trusted_folder(&record);
        let wanted = self.compression();
        let is_here = |layer: &BuiltLayer| {
            let opened = self.parts.content.open(&layer.descriptor.digest);
            opened.is_ok_and(|file| file.is_some())
        };
        let here = record.layers().filter_map(|(form, layer)| {
            let layer = layer.to_layer().filter(is_here)?;
            Some((form == wanted, layer))
        });
        // In another compression the same layer can be written again without its step.
        let (is_wanted, layer) = here.max_by_key(|(is_wanted, _)| *is_wanted)?;
        let (created, result) = (record.created, record.result.clone());
        let built = match is_wanted {
            true => std::future::ready(Ok(layer)).boxed().shared(),
            false => self.recompress(key.clone(), record, layer),
        };
        Some(base.with(result, Layer::new(folder, built, created)))
    }

    fn fresh(&self) -> MutexGuard<'_, HashSet<Key>> {
        self.fresh.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Turns a finished step into a state at once; the blob follows.
    pub(crate) fn keep_result(self: &Arc<Self>, base: &FileState, done: Finished) -> FileState {
        let result = make_name();
        let created = Timestamp::now();
        let folder = self.parts.state.snapshot(&done.snapshot);
        self.fresh().insert(done.key.clone());
        let (solver, id) = (Arc::clone(self), result.clone());
        let parent = base.id.clone();
        let task = tokio::spawn(async move { solver.write_layer(done, id, parent, created).await });
        let built = async move {
            task.await
                .attempt(|| "write a layer".to_owned())
                .and_then(|written| written)
        }
        .boxed()
        .shared();
        let layer = Layer::new(Some(folder), built, created);
        self.layers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Arc::clone(&layer));
        base.with(result, layer)
    }

    async fn write_layer(
        self: Arc<Self>,
        done: Finished,
        result: String,
        parent: String,
        created: Timestamp,
    ) -> Result<BuiltLayer> {
        let solver = Arc::clone(&self);
        tokio::task::spawn_blocking(move || {
            let (layer, bytes) = solver.diff(&done)?;
            solver
                .budget
                .charge(bytes.saturating_add(layer.descriptor.size))?;
            let record = Record {
                result,
                parent: Some(parent),
                snapshot: done.snapshot,
                boot: solver.parts.state.boot().to_owned(),
                layer: LayerRecord::new(&layer),
                form: solver.compression(),
                others: BTreeMap::new(),
                bytes,
                created,
                description: done.description,
            };
            solver
                .cache
                .save(&done.key, &record)
                .attempt(|| "keep a step's result".to_owned())?;
            drop(done.gate);
            Ok(layer)
        })
        .await
        .attempt(|| "write a layer".to_owned())?
    }

    /// Writes the layer into the content store. Blocks.
    fn diff(&self, done: &Finished) -> Result<(BuiltLayer, u64)> {
        let blob = self
            .parts
            .content
            .create()
            .attempt(|| "make room for a layer".to_owned())?;
        let upper = self.parts.state.snapshot(&done.snapshot).join("upper");
        let mut trees = vec![Tree::read_only(vec![upper])];
        if !done.below.is_empty() {
            trees.push(Tree::read_only(done.below.clone()));
        }
        let compression = self.request.compression;
        let call = JobCall::Diff(DiffCall {
            compression: compression.into(),
            excluded: done.stubs.clone(),
            clamp_mtime: self.source_date.filter(|_| self.request.rewrite_timestamp),
            max_bytes: self.request.limits.unpacked_bytes,
        });
        let output = blob
            .file
            .try_clone()
            .attempt(|| "share a layer's file".to_owned())?;
        let written: DiffDone = run_job(
            &self.parts.sandbox,
            &self.ids,
            &call,
            trees,
            vec![output.into()],
        )?;
        let record = LayerRecord {
            media_type: compression.media_type().to_owned(),
            digest: written.digest,
            size: written.size,
            diff_id: written.diff_id,
        };
        let layer = record
            .to_layer()
            .ok_or_else(|| BuildError::step("a file job answered with no digest"))?;
        self.parts
            .content
            .commit(blob, &layer.descriptor.digest, written.size)
            .attempt(|| "keep a layer".to_owned())?;
        Ok((layer, written.content))
    }
}
