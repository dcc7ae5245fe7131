//! Images in OCI layouts that somebody else made: folders and tars, as `--build-context NAME=oci-layout://PATH` names them.
//!
//! Only for paths that the operator of this machine names. Layouts are read and never changed; whatever comes out of one
//! has the digest it was asked for by.

mod address;
mod archive;
mod layout;

pub use address::LayoutAddress;

use std::fs::File;
use std::io;
use std::sync::Arc;

use async_trait::async_trait;
use wharf_oci::{Descriptor, Digest, Platform};

use crate::document::{FoundManifest, read_manifest, resolve_image};
use crate::{
    Content, ImageError, ImageSource, PullPolicy, ResolvedImage, SelectPlatform, Transfer,
};
use layout::Layout;

/// An [`ImageSource`] whose references are layouts (`[oci-layout://]PATH[:TAG][@DIGEST]`). Layers that are asked for are
/// kept in a content store.
pub struct LayoutImages {
    content: Arc<dyn Content>,
    select: Arc<SelectPlatform<'static>>,
}

impl LayoutImages {
    /// `select` chooses the entry of an index for a platform.
    pub fn new(content: Arc<dyn Content>, select: Arc<SelectPlatform<'static>>) -> Self {
        Self { content, select }
    }
}

#[async_trait]
impl ImageSource for LayoutImages {
    async fn resolve(
        &self,
        reference: &str,
        platform: &Platform,
        _policy: PullPolicy,
    ) -> Result<ResolvedImage, ImageError> {
        let address: LayoutAddress = reference.parse()?;
        let (platform, select) = (platform.clone(), Arc::clone(&self.select));
        run_blocking(move || resolve_in(&address, &platform, &*select)).await
    }

    async fn open_layer(
        &self,
        image: &ResolvedImage,
        layer: &Descriptor,
        transfer: &dyn Transfer,
    ) -> Result<File, ImageError> {
        let address: LayoutAddress = image.name.parse()?;
        let (content, digest) = (Arc::clone(&self.content), layer.digest);
        let file = run_blocking(move || copy_layer(&address, &*content, &digest)).await?;
        transfer.moved(&digest.to_string(), layer.size, Some(layer.size));
        Ok(file)
    }
}

fn resolve_in(
    address: &LayoutAddress,
    platform: &Platform,
    select: &SelectPlatform<'_>,
) -> Result<ResolvedImage, ImageError> {
    let layout = Layout::open(&address.path)?;
    let digest = match address.digest {
        Some(digest) => digest,
        None => layout.find_tag(address.tag.as_deref())?,
    };
    let read = |digest: &Digest| layout.read_document(digest);
    let missing = || ImageError::new(format!("{address} lacks parts of the image for {platform}"));
    let root = read_manifest(&digest, &read)?.ok_or_else(missing)?;
    let no_platform = describe_platforms(address, &root, platform);
    // By digest from here on: the tag may be moved while the build runs.
    let exact = LayoutAddress {
        digest: Some(digest),
        ..address.clone()
    };
    resolve_image(exact.to_string(), root, platform, select, &read)?.ok_or(no_platform)
}

fn describe_platforms(
    address: &LayoutAddress,
    root: &FoundManifest,
    platform: &Platform,
) -> ImageError {
    let entries = root
        .manifest
        .children
        .iter()
        .filter_map(|entry| entry.platform.as_ref());
    let platforms: Vec<_> = entries.map(ToString::to_string).collect();
    ImageError::new(format!("{address} has no complete image for {platform}"))
        .with_hint(format!("it has: {}", platforms.join(", ")))
}

fn copy_layer(
    address: &LayoutAddress,
    content: &dyn Content,
    digest: &Digest,
) -> Result<File, ImageError> {
    let fail = |error: io::Error| {
        ImageError::new(format!("cannot copy layer {digest} from {address}")).with_source(error)
    };
    if let Some(file) = content.open(digest).map_err(fail)? {
        return Ok(file);
    }
    let layout = Layout::open(&address.path)?;
    let missing = || ImageError::new(format!("{address} lacks layer {digest}"));
    let bytes = layout
        .open_blob(digest)
        .map_err(fail)?
        .ok_or_else(missing)?;
    crate::output::copy_into(content, bytes, digest).map_err(fail)?;
    content.open(digest).map_err(fail)?.ok_or_else(missing)
}

async fn run_blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ImageError> + Send + 'static,
) -> Result<T, ImageError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| ImageError::new("reading an image layout broke off").with_source(error))?
}

#[cfg(test)]
mod tests;
