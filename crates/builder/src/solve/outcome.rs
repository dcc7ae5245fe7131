//! From a finished step to a state: the snapshot is kept, its layer is written beside the next steps, then recorded.

use std::collections::{BTreeSet, HashSet};
use std::path::PathBuf;
use std::sync::{Arc, MutexGuard, PoisonError};

use futures_util::FutureExt;
use jiff::Timestamp;
use tokio::sync::OwnedMutexGuard;
use wharf_image::BuiltLayer;
use wharf_layer::Compression;
use wharf_oci::Descriptor;
use wharf_sandbox::Tree;

use super::Solver;
use super::layer::{FileState, Layer};
use crate::cache::{Key, LayerRecord, Record};
use crate::error::{Attempt, BuildError, Result};
use crate::jobs::{DiffCall, DiffDone, JobCall, run_job};
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

impl Solver {
    /// An earlier result, if there is one that counts.
    pub(crate) fn find_result(
        self: &Arc<Self>,
        key: &Key,
        base: &FileState,
        ignore_cache: bool,
    ) -> Option<FileState> {
        if ignore_cache && !self.fresh().contains(key) {
            return None;
        }
        let record = self.cache.find(key)?;
        let layer = record.layer.to_layer()?;
        let folder = self.trusted_folder(&record);
        let has_blob = self
            .parts
            .content
            .open(&layer.descriptor.digest)
            .ok()?
            .is_some();
        if !has_blob {
            return None;
        }
        let built = std::future::ready(Ok(layer)).boxed().shared();
        let layer = Layer::new(folder, built, record.created);
        Some(base.with(record.result, layer))
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
            let record = Record {
                result,
                parent: Some(parent),
                snapshot: done.snapshot,
                boot: solver.parts.state.boot().to_owned(),
                layer: LayerRecord::new(&layer),
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
        let nonsense = || BuildError::step("a file job answered with no digest");
        let digest = written.digest.parse().map_err(|_| nonsense())?;
        let layer = BuiltLayer {
            descriptor: Descriptor {
                media_type: media_type(compression).to_owned(),
                digest,
                size: written.size,
                urls: Vec::new(),
                annotations: Default::default(),
                data: None,
                artifact_type: None,
                platform: None,
            },
            diff_id: written.diff_id.parse().map_err(|_| nonsense())?,
        };
        self.parts
            .content
            .commit(blob, &layer.descriptor.digest, written.size)
            .attempt(|| "keep a layer".to_owned())?;
        Ok((layer, written.content))
    }
}

fn media_type(compression: Compression) -> &'static str {
    compression.media_type()
}
