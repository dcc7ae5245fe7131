//! What the server does for a worker that can reach nothing by itself.

use std::fs::File;
use std::net::TcpStream;

use async_trait::async_trait;
use wharf_git::{DialError, Target};
use wharf_image::{ImageError, PullPolicy, ResolvedImage, Transfer};
use wharf_oci::{Descriptor, Platform};

/// Answers one build's questions. The caller knows whose build it is: credentials and rights are on this side alone.
#[async_trait]
pub trait WorkerServices: Send + Sync {
    /// Finds the image that a reference names for a platform, with the rights of the build's namespace.
    ///
    /// # Errors
    /// See [`ImageError`].
    async fn resolve_image(
        &self,
        reference: &str,
        platform: &Platform,
        policy: PullPolicy,
    ) -> Result<ResolvedImage, ImageError>;

    /// The bytes of one layer of an image that [`WorkerServices::resolve_image`] answered for this build: complete,
    /// digest verified, from their start, open for reading only.
    ///
    /// # Errors
    /// See [`ImageError`].
    async fn open_layer(
        &self,
        image: &ResolvedImage,
        layer: &Descriptor,
        transfer: &dyn Transfer,
    ) -> Result<File, ImageError>;

    /// A connection for a build. For a clone the target is where the job's repository is, which was made sure of; for
    /// everything else the policy of builds decides.
    ///
    /// # Errors
    /// See [`DialError`].
    async fn dial(&self, target: &Target, purpose: DialPurpose) -> Result<TcpStream, DialError>;
}

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DialPurpose {
    /// To the job's own repository, before anything of it runs.
    Clone,
    /// To what the Dockerfile names: ADD, contexts.
    Build,
}
