//! Folders of layers: those that are there, and those that have to be unpacked first.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use wharf_image::BuiltLayer;
use wharf_sandbox::Tree;

use super::Solver;
use super::layer::{FileState, Layer};
use crate::cache::{Key, KeyMaker, LayerRecord, Record};
use crate::error::{Attempt, BuildError, Result};
use crate::jobs::{JobCall, UnpackCall, UnpackLimits, run_job};
use crate::state::make_name;

impl Solver {
    /// The `upper` folders of a state, top first, as an overlay wants them. What is only a blob yet is unpacked.
    pub(crate) async fn folders(self: &Arc<Self>, state: &FileState) -> Result<Vec<PathBuf>> {
        let mut folders = Vec::with_capacity(state.layers.len());
        let mut chain = String::new();
        for layer in &state.layers {
            // Which folder a blob unpacks to depends on what is below: parents that it does not mention look as they do
            // there.
            if layer.folder.get().is_none() {
                let built = layer.built().await?;
                chain = chain_of(&chain, &built);
                let below = &folders;
                let folder = layer
                    .folder
                    .get_or_try_init(|| self.unpack(layer, &built, &chain, below))
                    .await?;
                folders.push(folder.join("upper"));
            } else if let Some(folder) = layer.folder.get() {
                folders.push(folder.join("upper"));
                if layer.image.is_some() {
                    chain = chain_of(&chain, &layer.built().await?);
                } else {
                    chain = format!("{chain} {}", folder.display());
                }
            }
        }
        folders.reverse();
        Ok(folders)
    }

    /// A state as a tree that cannot be changed.
    pub(crate) async fn tree(self: &Arc<Self>, state: &FileState) -> Result<Tree> {
        Ok(Tree::read_only(self.folders(state).await?))
    }

    async fn unpack(
        self: &Arc<Self>,
        layer: &Layer,
        built: &BuiltLayer,
        chain: &str,
        below: &[PathBuf],
    ) -> Result<PathBuf> {
        let key = KeyMaker::new("unpacked").with("chain", chain).make();
        let _alone = self.parts.gates.enter(key.as_str()).await;
        if let Some(folder) = self.find_unpacked(&key) {
            return Ok(folder);
        }
        let name = match &layer.image {
            Some(image) => format!("unpacking {} {}", image.name, built.descriptor.digest),
            None => format!("unpacking {}", built.descriptor.digest),
        };
        let report = self.reporter.start(name);
        let unpacked = self.unpack_blob(layer, built, below, &report).await;
        report.done(&unpacked);
        let (snapshot, bytes) = unpacked?;
        self.budget.charge(bytes)?;
        let record = Record {
            result: make_name(),
            parent: None,
            snapshot: snapshot.clone(),
            boot: self.parts.state.boot().to_owned(),
            layer: LayerRecord::new(built),
            // That of the image; base layers are never written again.
            form: String::new(),
            others: BTreeMap::new(),
            bytes,
            created: Timestamp::now(),
            description: format!("base layer {}", built.diff_id),
        };
        self.bases
            .save(&key, &record)
            .attempt(|| "keep a record of a base layer".to_owned())?;
        Ok(self.parts.state.snapshot(&snapshot))
    }

    fn find_unpacked(&self, key: &Key) -> Option<PathBuf> {
        let record = self.bases.find(key)?;
        self.trusted_folder(&record)
    }

    /// A record's snapshot, if it is there and whole for certain.
    pub(crate) fn trusted_folder(&self, record: &Record) -> Option<PathBuf> {
        let folder = self.parts.state.snapshot(&record.snapshot);
        let is_whole = record.boot == self.parts.state.boot() && folder.join("upper").is_dir();
        is_whole.then_some(folder)
    }

    async fn unpack_blob(
        self: &Arc<Self>,
        layer: &Layer,
        built: &BuiltLayer,
        below: &[PathBuf],
        report: &crate::reporter::StepReport,
    ) -> Result<(String, u64)> {
        let digest = built.descriptor.digest;
        let blob = match &layer.image {
            Some(image) => self
                .parts
                .source
                .open_layer(image, &built.descriptor, report)
                .await
                .map_err(|error| BuildError::Image {
                    name: image.name.clone(),
                    error: Arc::new(error),
                    excerpt: None,
                })?,
            None => self
                .parts
                .content
                .open(&digest)
                .attempt(|| format!("open the layer {digest}"))?
                .ok_or_else(|| BuildError::step(format!("the layer {digest} is gone")))?,
        };
        let snapshot = self
            .parts
            .state
            .make_snapshot()
            .attempt(|| "make a snapshot".to_owned())?;
        let call = JobCall::Unpack(UnpackCall {
            diff_id: built.diff_id.to_string(),
            limits: UnpackLimits {
                bytes: self.request.limits.unpacked_bytes,
                files: self.request.limits.unpacked_files,
            },
        });
        let mut trees = vec![Tree::in_place(snapshot.upper())];
        if !below.is_empty() {
            trees.push(Tree::read_only(below.iter().rev().cloned().collect()));
        }
        let (parts, ids) = (Arc::clone(&self.parts), Arc::clone(&self.ids));
        tokio::task::spawn_blocking(move || {
            let done: Unpacked = run_job(&parts.sandbox, &ids, &call, trees, vec![blob.into()])?;
            Ok((snapshot.keep(), done.bytes))
        })
        .await
        .attempt(|| "unpack a layer".to_owned())?
    }
}

#[derive(serde::Deserialize)]
struct Unpacked {
    bytes: u64,
}

fn chain_of(chain: &str, built: &BuiltLayer) -> String {
    format!("{chain} {}", built.diff_id)
}
