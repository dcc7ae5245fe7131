//! Writing a snapshot's changes as a layer.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::os::fd::AsFd;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use wharf_layer::{Compression, DiffOptions, LayerWriter, write_diff};
use wharf_sandbox::JobContext;

use super::{explain, explain_layer, take_file};

/// Writes the changes in tree 0, a snapshot's plain upper folder, over tree 1, what lay below (if anything did), to
/// descriptor 0.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct DiffCall {
    pub(crate) compression: LayerForm,
    /// Paths that mounts left behind.
    pub(crate) excluded: BTreeSet<PathBuf>,
    pub(crate) clamp_mtime: Option<i64>,
    pub(crate) max_bytes: Option<u64>,
}

/// [`Compression`], in a form that travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum LayerForm {
    Plain,
    Gzip(i32),
    Zstd(i32),
}

impl From<Compression> for LayerForm {
    fn from(compression: Compression) -> Self {
        match compression {
            Compression::None => Self::Plain,
            Compression::Gzip { level } => Self::Gzip(level),
            Compression::Zstd { level } => Self::Zstd(level),
        }
    }
}

impl From<LayerForm> for Compression {
    fn from(form: LayerForm) -> Self {
        match form {
            LayerForm::Plain => Self::None,
            LayerForm::Gzip(level) => Self::Gzip { level },
            LayerForm::Zstd(level) => Self::Zstd { level },
        }
    }
}

/// The layer, as the image names it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct DiffDone {
    pub(crate) diff_id: String,
    pub(crate) digest: String,
    pub(crate) size: u64,
    /// Bytes of content, for the cache's budget.
    pub(crate) content: u64,
}

impl DiffCall {
    pub(super) fn run(self, context: JobContext) -> Result<DiffDone, String> {
        let mut fds: Vec<_> = context.fds.into_iter().map(Some).collect();
        let output = take_file(&mut fds, 0)?;
        let threads = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        let options = DiffOptions {
            excluded: self.excluded,
            clamp_mtime: self.clamp_mtime,
            max_bytes: self.max_bytes,
        };
        let mut trees = context.trees.iter();
        let upper = trees.next().ok_or("the snapshot's folder is missing")?;
        let lower = trees.next().map(AsFd::as_fd);
        let mut writer = LayerWriter::new(output, self.compression.into(), threads)
            .map_err(|error| explain(&error))?;
        let stats = write_diff(upper.as_fd(), lower, &options, &mut writer)
            .map_err(|error| explain_layer(&error))?;
        let (written, _) = writer.finish().map_err(|error| explain(&error))?;
        Ok(DiffDone {
            diff_id: written.diff_id.to_string(),
            digest: written.digest.to_string(),
            size: written.size,
            content: stats.bytes,
        })
    }
}
