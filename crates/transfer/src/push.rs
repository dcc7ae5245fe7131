//! An image to the registry of its name: blobs first, documents after them.

use std::io;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use tokio::io::{AsyncSeekExt, SeekFrom};
use wharf_client::{BlobBytes, BlobSource, Client, ImageName, Opening, Progress};
use wharf_image::{Content, ImageError, ResolvedImage, Transfer};
use wharf_oci::{Descriptor, Digest, RepositoryName};

use crate::explain::explain_error;

/// What is to be pushed.
pub struct Pushing<'a> {
    /// Blobs, with where they may already be in the same registry.
    pub layers: &'a [Descriptor],
    /// Configurations: bytes that are sent as blobs.
    pub configs: &'a [(Descriptor, Vec<u8>)],
    /// Manifests, each after what it refers to; the last one gets the name.
    pub manifests: &'a [(Descriptor, Vec<u8>)],
    /// Where the bytes of the layers are.
    pub content: Arc<dyn Content>,
    /// Base images: what the same registry has in their repositories need not be sent again.
    pub bases: &'a [ResolvedImage],
}

/// Blobs of one image in flight. One after the other wastes the line; registries slow down or refuse more.
const PARALLEL_BLOBS: usize = 4;

/// Pushes an image under one name and gives the digest that the registry has it by.
///
/// # Errors
/// The registry's, with what to do; a layer that is not in the content store.
pub async fn push_image(
    client: &Client,
    name: &ImageName,
    image: &Pushing<'_>,
    transfer: Arc<dyn Transfer>,
) -> Result<Digest, ImageError> {
    use futures_util::{
        future::BoxFuture,
        stream::{self, StreamExt, TryStreamExt},
    };

    let layers = image.layers.iter().map(|layer| {
        let source = StoredBlob {
            content: Arc::clone(&image.content),
            digest: layer.digest,
        };
        (layer, Arc::new(source) as Arc<dyn BlobSource>)
    });
    let configs = image.configs.iter().map(|(config, bytes)| {
        let source = Bytes::from(bytes.clone());
        (config, Arc::new(source) as Arc<dyn BlobSource>)
    });
    // Boxed one by one: callers on many threads could not prove that a mapped stream of these may move between them.
    let mut pushes: Vec<BoxFuture<'_, Result<bool, ImageError>>> = Vec::new();
    for (blob, source) in layers.chain(configs) {
        let near = find_near(image.bases, name, blob);
        let transfer = Arc::clone(&transfer);
        pushes.push(Box::pin(push_blob(
            client, name, blob, near, source, transfer,
        )));
    }
    let were_there: Vec<bool> = stream::iter(pushes)
        .buffer_unordered(PARALLEL_BLOBS)
        .try_collect()
        .await?;
    // What was never pushed need not be asked for.
    let may_be_there = were_there.into_iter().all(|was_there| was_there);
    let last = image.manifests.len().saturating_sub(1);
    let mut digest = None;
    for (index, (manifest, bytes)) in image.manifests.iter().enumerate() {
        let target = match index == last {
            true => name.clone(),
            // By its digest alone: the name stands for the whole image.
            false => ImageName {
                tag: None,
                digest: Some(manifest.digest),
                ..name.clone()
            },
        };
        if may_be_there
            && client
                .has_manifest(&target, &manifest.digest)
                .await
                .map_err(explain_error)?
        {
            digest = Some(manifest.digest);
            continue;
        }
        let bytes = Bytes::from(bytes.clone());
        let pushed = client.push_manifest(&target, &manifest.media_type, bytes);
        digest = Some(pushed.await.map_err(explain_error)?);
    }
    digest.ok_or_else(|| ImageError::new(format!("there is nothing to push to {name}")))
}

/// Whether the registry had the blob already.
async fn push_blob(
    client: &Client,
    name: &ImageName,
    blob: &Descriptor,
    near: Option<RepositoryName>,
    source: Arc<dyn BlobSource>,
    transfer: Arc<dyn Transfer>,
) -> Result<bool, ImageError> {
    let item = blob.digest.to_string();
    let total = blob.size;
    let there = client.has_blob(&name.repository, &blob.digest).await;
    let mut is_there = there.map_err(explain_error)?;
    if let (false, Some(near)) = (is_there, near) {
        let mounted = client
            .mount_blob(&name.repository, &blob.digest, &near)
            .await;
        is_there = mounted.map_err(explain_error)?;
    }
    if is_there {
        transfer.moved(&item, total, Some(total));
        return Ok(true);
    }
    transfer.moved(&item, 0, Some(total));
    let progress = Progress::new(move |moved| transfer.moved(&item, moved, Some(total)));
    client
        .push_blob(&name.repository, blob, &*source, &progress)
        .await
        .map_err(explain_error)?;
    Ok(false)
}

/// Another repository of the same registry that has the blob.
fn find_near(
    bases: &[ResolvedImage],
    name: &ImageName,
    blob: &Descriptor,
) -> Option<RepositoryName> {
    let has_blob = |image: &&ResolvedImage| {
        let mut layers = image.layers.iter();
        layers.any(|layer| layer.descriptor.digest == blob.digest)
    };
    bases
        .iter()
        .filter(has_blob)
        .filter_map(|image| image.name.parse::<ImageName>().ok())
        .find(|base| {
            base.repository.registry == name.repository.registry
                && base.repository.name != name.repository.name
        })
        .map(|base| base.repository.name)
}

/// A blob of a content store.
struct StoredBlob {
    content: Arc<dyn Content>,
    digest: Digest,
}

impl BlobSource for StoredBlob {
    fn open(&self, offset: u64) -> Opening {
        let (content, digest) = (Arc::clone(&self.content), self.digest);
        let open = async move {
            let found = tokio::task::spawn_blocking(move || content.open(&digest)).await;
            let file = found.map_err(io::Error::other)??;
            let file = file.ok_or(io::ErrorKind::NotFound)?;
            let mut file = tokio::fs::File::from_std(file);
            file.seek(SeekFrom::Start(offset)).await?;
            Ok(Box::new(file) as BlobBytes)
        };
        Box::pin(open) as Pin<Box<_>>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wharf_image::BuiltLayer;
    use wharf_oci::Algorithm;

    #[test]
    fn a_layer_of_a_base_image_is_near_in_its_own_registry_alone() {
        let digest = Digest::of(Algorithm::Sha256, b"layer");
        let layer = Descriptor {
            media_type: String::new(),
            digest,
            size: 5,
            urls: Vec::new(),
            annotations: Default::default(),
            data: None,
            artifact_type: None,
            platform: None,
        };
        let base = ResolvedImage {
            name: "reg.example/base/os:1".to_owned(),
            digest,
            config: Vec::new(),
            layers: vec![BuiltLayer {
                descriptor: layer.clone(),
                diff_id: digest,
            }],
        };
        let near = |name: &str| {
            let name = name.parse().expect("a name");
            let near = find_near(std::slice::from_ref(&base), &name, &layer);
            near.map(|name| name.to_string())
        };
        assert_eq!(near("reg.example/app:1").as_deref(), Some("base/os"));
        assert_eq!(near("other.example/app:1"), None);
        assert_eq!(near("reg.example/base/os:2"), None);
    }
}
