//! States of files: stacks of layers, each a folder to mount and a blob to ship, either of which may be yet to come.

use std::path::PathBuf;
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use jiff::Timestamp;
use tokio::sync::OnceCell;
use wharf_image::{BuiltLayer, ResolvedImage};

use crate::error::Result;

/// A state of files. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct FileState {
    /// Names exactly these files; what stands on them has it in its key.
    pub(crate) id: String,
    /// Bottom first.
    pub(crate) layers: Vec<Arc<Layer>>,
}

/// The blob of a layer, once it is written.
pub(crate) type BuiltSoon = Shared<BoxFuture<'static, Result<BuiltLayer>>>;

/// One layer.
pub(crate) struct Layer {
    /// Where its blob comes from if this is a base image's.
    pub(crate) image: Option<Arc<ResolvedImage>>,
    /// Its folder with `upper`, once there is one.
    pub(crate) folder: OnceCell<PathBuf>,
    built: BuiltSoon,
    /// When the step was done; nothing for base images, whose history tells.
    pub(crate) created: Option<Timestamp>,
}

impl std::fmt::Debug for Layer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Layer")
            .field("folder", &self.folder)
            .finish_non_exhaustive()
    }
}

impl FileState {
    /// No files.
    pub(crate) fn empty() -> Self {
        Self {
            id: "scratch".to_owned(),
            layers: Vec::new(),
        }
    }

    /// A base image's files, not fetched yet. Named by content: the same layers under another name are the same.
    pub(crate) fn of_image(image: &Arc<ResolvedImage>) -> Self {
        let mut id = "image".to_owned();
        let mut layers = Vec::new();
        for layer in &image.layers {
            id.push(' ');
            id.push_str(&layer.diff_id.to_string());
            layers.push(Arc::new(Layer {
                image: Some(Arc::clone(image)),
                folder: OnceCell::new(),
                built: std::future::ready(Ok(layer.clone())).boxed().shared(),
                created: None,
            }));
        }
        Self { id, layers }
    }

    /// This and one more layer.
    pub(crate) fn with(&self, id: String, layer: Arc<Layer>) -> Self {
        let mut layers = self.layers.clone();
        layers.push(layer);
        Self { id, layers }
    }
}

impl Layer {
    /// A step's layer, whose blob will come.
    pub(crate) fn new(folder: Option<PathBuf>, built: BuiltSoon, created: Timestamp) -> Arc<Self> {
        Arc::new(Self {
            image: None,
            folder: match folder {
                Some(folder) => OnceCell::new_with(Some(folder)),
                None => OnceCell::new(),
            },
            built,
            created: Some(created),
        })
    }

    /// Waits for the blob.
    pub(crate) async fn built(&self) -> Result<BuiltLayer> {
        self.built.clone().await
    }
}
