//! Where images come from and where bytes go: the two doors that the caller implements.

use std::fs::File;
use std::path::PathBuf;

use async_trait::async_trait;
use wharf_oci::{Descriptor, Digest, Platform};

use crate::built::BuiltLayer;

/// When a reference is looked up again although the image is here.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PullPolicy {
    /// What is here is good; only what is missing is asked for.
    #[default]
    Missing,
    /// The registry is asked what the name means now (`--pull`).
    Always,
}

/// An image of one platform, found and verified down to its configuration.
#[derive(Debug, Clone)]
pub struct ResolvedImage {
    /// The reference in full, with host and tag, as messages name it.
    pub name: String,
    /// The manifest of this platform.
    pub digest: Digest,
    /// The configuration's bytes.
    pub config: Vec<u8>,
    /// Bottom first. Their bytes may still be elsewhere.
    pub layers: Vec<BuiltLayer>,
}

/// Where base images come from.
#[async_trait]
pub trait ImageSource: Send + Sync {
    /// Finds the image that a reference names for a platform.
    ///
    /// # Errors
    /// See [`ImageError`]; the text names the setting that would help.
    async fn resolve(
        &self,
        reference: &str,
        platform: &Platform,
        policy: PullPolicy,
    ) -> Result<ResolvedImage, ImageError>;

    /// The bytes of one layer as the registry has them: complete, digest verified, at their start. Fetches what is
    /// missing and keeps it in the content store.
    ///
    /// # Errors
    /// See [`ImageError`].
    async fn open_layer(
        &self,
        image: &ResolvedImage,
        layer: &Descriptor,
        transfer: &dyn Transfer,
    ) -> Result<File, ImageError>;
}

/// Why an image could not be had. The text is for people and ends with what to do.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct ImageError {
    message: String,
    hint: Option<String>,
    #[source]
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl ImageError {
    /// `message` says what was attempted on what; the source is not repeated in it.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            hint: None,
            source: None,
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Why.
    #[must_use]
    pub fn with_source(
        mut self,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        self.source = Some(source.into());
        self
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }
}

/// Bytes on their way into a content store. Dropped without a commit, they are gone.
#[derive(Debug)]
pub struct PendingBlob {
    /// Open for writing, empty. A file job gets a copy of the descriptor.
    pub file: File,
    /// Where it is until it is committed, for the store that made it; `None` for a file without a name.
    pub path: Option<PathBuf>,
}

/// Hears how a transfer goes.
pub trait Transfer: Send + Sync {
    /// `current` bytes of `total` are here. `item` is what moves, mostly a digest.
    fn moved(&self, item: &str, current: u64, total: Option<u64>);
}

/// A store of bytes by digest. Its methods block; call them off the async threads.
pub trait Content: Send + Sync {
    /// A new place for bytes.
    ///
    /// # Errors
    /// The file system's.
    fn create(&self) -> std::io::Result<PendingBlob>;

    /// Makes the bytes visible under their digest, which the caller computed while writing them; they survive a crash of
    /// the process from here on. The same digest twice is fine.
    ///
    /// # Errors
    /// The file system's.
    fn commit(&self, blob: PendingBlob, digest: &Digest, size: u64) -> std::io::Result<()>;

    /// The bytes under a digest, at their start, if they are here.
    ///
    /// # Errors
    /// The file system's.
    fn open(&self, digest: &Digest) -> std::io::Result<Option<File>>;
}
