//! A known layer in another compression: written again from its blob, without running its step again.
//!
//! Called for results of the cache. Nothing happens before somebody wants the layer: most are those of stages that do not
//! become part of an image.

use std::sync::Arc;

use futures_util::FutureExt;
use wharf_image::BuiltLayer;

use super::Solver;
use super::layer::BuiltSoon;
use crate::cache::{Key, LayerRecord, Record};
use crate::error::{Attempt, BuildError, Result};
use crate::jobs::{JobCall, RecompressCall, RecompressDone, run_job};

impl Solver {
    /// Names the compression that this build wants.
    pub(super) fn compression(&self) -> String {
        format!("{:?}", self.request.compression)
    }

    /// The layer `from` as this build wants it, once somebody waits for it; noted in the record then.
    pub(super) fn recompress(
        self: &Arc<Self>,
        key: Key,
        record: Record,
        from: BuiltLayer,
    ) -> BuiltSoon {
        let solver = Arc::clone(self);
        let begin = async move {
            let own = Arc::clone(&solver);
            let task = tokio::task::spawn_blocking(move || own.write_again(&key, record, &from));
            let written: BuiltSoon = async move {
                task.await
                    .attempt(|| "write a layer again".to_owned())
                    .and_then(|written| written)
            }
            .boxed()
            .shared();
            // It goes on when its waiter leaves, so the build's end waits for it.
            solver.lock_rewritten().push(written.clone());
            written.await
        };
        begin.boxed().shared()
    }

    fn write_again(&self, key: &Key, record: Record, from: &BuiltLayer) -> Result<BuiltLayer> {
        let content = &self.parts.content;
        let digest = from.descriptor.digest;
        let input = content
            .open(&digest)
            .attempt(|| format!("open the layer {digest}"))?
            .ok_or_else(|| BuildError::step(format!("the layer {digest} is gone")))?;
        let blob = content
            .create()
            .attempt(|| "make room for a layer".to_owned())?;
        let output = blob
            .file
            .try_clone()
            .attempt(|| "share a layer's file".to_owned())?;
        let compression = self.request.compression;
        let call = JobCall::Recompress(RecompressCall {
            diff_id: from.diff_id.to_string(),
            compression: compression.into(),
        });
        let fds = vec![input.into(), output.into()];
        let done: RecompressDone = run_job(&self.parts.sandbox, &self.ids, &call, Vec::new(), fds)?;
        let written = LayerRecord {
            media_type: compression.media_type().to_owned(),
            digest: done.digest,
            size: done.size,
            diff_id: record.layer.diff_id.clone(),
        };
        let layer = written
            .to_layer()
            .ok_or_else(|| BuildError::step("a file job answered with no digest"))?;
        content
            .commit(blob, &layer.descriptor.digest, done.size)
            .attempt(|| "keep a layer".to_owned())?;
        let mut record = record;
        record.others.insert(self.compression(), written);
        self.cache
            .save(key, &record)
            .attempt(|| "keep a step's result".to_owned())?;
        Ok(layer)
    }
}
