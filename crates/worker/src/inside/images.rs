//! Base images, by way of the server.

use std::fs::File;
use std::sync::Arc;

use async_trait::async_trait;
use parking_lot::Mutex;
use wharf_image::{ImageError, ImageSource, PullPolicy, ResolvedImage, Transfer};
use wharf_oci::{Descriptor, Platform};

use super::desk::{Desk, confused};
use crate::wire::{FromWorker, Refusal, ToWorker};

/// Asks the server for images and their layers.
pub(super) struct ServerImages {
    desk: Arc<Desk>,
    /// Names in full, each once.
    found: Mutex<Vec<String>>,
}

impl ServerImages {
    pub(super) fn new(desk: Arc<Desk>) -> Self {
        Self {
            desk,
            found: Mutex::default(),
        }
    }

    /// All images that were asked for and found.
    pub(super) fn names(&self) -> Vec<String> {
        self.found.lock().clone()
    }
}

#[async_trait]
impl ImageSource for ServerImages {
    async fn resolve(
        &self,
        reference: &str,
        platform: &Platform,
        policy: PullPolicy,
    ) -> Result<ResolvedImage, ImageError> {
        let mut answers = self.desk.ask(|ask| FromWorker::Resolve {
            ask,
            reference: reference.to_owned(),
            platform: platform.clone(),
            is_always: policy == PullPolicy::Always,
        });
        match answers.recv().await {
            Some((ToWorker::Resolved { outcome, .. }, _)) => {
                let image = ResolvedImage::from(outcome.map_err(explain)?);
                let mut found = self.found.lock();
                if !found.contains(&image.name) {
                    found.push(image.name.clone());
                }
                Ok(image)
            }
            _ => Err(explain(confused())),
        }
    }

    async fn open_layer(
        &self,
        image: &ResolvedImage,
        layer: &Descriptor,
        transfer: &dyn Transfer,
    ) -> Result<File, ImageError> {
        let mut answers = self.desk.ask(|ask| FromWorker::OpenLayer {
            ask,
            image: image.digest,
            layer: layer.digest,
        });
        while let Some((answer, fds)) = answers.recv().await {
            match answer {
                ToWorker::Moved {
                    item,
                    current,
                    total,
                    ..
                } => transfer.moved(&item, current, total),
                ToWorker::Opened { outcome, .. } => {
                    outcome.map_err(explain)?;
                    let file = fds.into_iter().next();
                    return file.map(File::from).ok_or_else(|| explain(confused()));
                }
                _ => break,
            }
        }
        Err(explain(confused()))
    }
}

fn explain(refusal: Refusal) -> ImageError {
    let error = ImageError::new(refusal.message);
    match refusal.hint {
        Some(hint) => error.with_hint(hint),
        None => error,
    }
}
