//! Base images: from the local store what is there, from registries what is not.

use std::fs::File;
use std::io::Write;
use std::sync::Arc;

use async_trait::async_trait;
use wharf_client::{Client, ClientError, ImageName, Progress, ResolvedManifest, select_platform};
use wharf_image::{
    Content, ImageError, ImageSource, LayoutImages, LocalStore, PullPolicy, ResolvedImage,
    Transfer, pair_layers,
};
use wharf_oci::{Descriptor, Digest, MAX_MANIFEST_BYTES, Platform, media_type};

use crate::explain::explain_error;

/// The images of this machine and of all registries.
#[derive(Clone)]
pub struct Images {
    store: Arc<LocalStore>,
    client: Client,
    /// For `oci-layout://…`, which named contexts use.
    layouts: Arc<LayoutImages>,
}

/// How a reference to a layout on the disk begins.
const LAYOUT: &str = "oci-layout://";

impl Images {
    /// Images of `store`, and of registries by way of `client`.
    pub fn new(store: LocalStore, client: Client) -> Self {
        let content: Arc<dyn Content> = Arc::new(store.clone());
        let select = Arc::new(|entries: &[Descriptor], platform: &Platform| {
            select_platform(entries, platform).map(|entry| entry.digest)
        });
        Images {
            store: Arc::new(store),
            client,
            layouts: Arc::new(LayoutImages::new(content, select)),
        }
    }

    /// What is here under this name for the platform.
    async fn find_here(
        &self,
        name: &ImageName,
        platform: &Platform,
    ) -> Result<Option<ResolvedImage>, ImageError> {
        let own: wharf_image::ImageName = name.to_string().parse()?;
        let platform = platform.clone();
        self.work(move |store| {
            store.resolve(&own, &platform, &|entries, platform| {
                select_platform(entries, platform).map(|entry| entry.digest)
            })
        })
        .await
    }

    /// What the registry has under this name; its documents are here afterwards, under the name.
    async fn pull(
        &self,
        name: &ImageName,
        platform: &Platform,
    ) -> Result<ResolvedImage, ImageError> {
        let root = self.client.resolve(name).await.map_err(explain_error)?;
        let found = match root.manifest.kind.is_index() {
            true => {
                let entry = choose_entry(name, &root, platform)?;
                let named = name.with_digest(entry);
                Some(self.client.resolve(&named).await.map_err(explain_error)?)
            }
            false => None,
        };
        let image = found.as_ref().unwrap_or(&root);
        let described = image.manifest.config.clone();
        let config = described
            .filter(|config| config.media_type != media_type::OCI_EMPTY)
            .ok_or_else(|| ImageError::new(format!("{name} is an artifact, not an image")))?;
        let config = self
            .client
            .fetch_bytes(&name.repository, &config, MAX_MANIFEST_BYTES)
            .await
            .map_err(explain_error)?
            .to_vec();
        let layers = pair_layers(&name.to_string(), &image.manifest, &config)?;
        let digest = image.descriptor.digest;
        self.keep(name, root, found, config.clone()).await?;
        Ok(ResolvedImage {
            name: name.to_string(),
            digest,
            config,
            layers,
        })
    }

    /// Keeps the documents. The name stands for what it stands for in the registry, so that other platforms are found
    /// missing and not taken for this one.
    async fn keep(
        &self,
        name: &ImageName,
        root: ResolvedManifest,
        image: Option<ResolvedManifest>,
        config: Vec<u8>,
    ) -> Result<(), ImageError> {
        let own: wharf_image::ImageName = name.to_string().parse()?;
        // A digest is found by itself.
        let names = match name.digest {
            Some(_) => Vec::new(),
            None => vec![own],
        };
        self.work(move |store| {
            store.put(media_type::OCI_CONFIG, &config)?;
            if let Some(image) = image {
                store.put(&image.descriptor.media_type, &image.bytes)?;
            }
            let root = store.put(&root.descriptor.media_type, &root.bytes)?;
            store.tag(&names, &root)
        })
        .await
    }

    /// The store blocks, so it is used on threads for that.
    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&LocalStore) -> Result<T, ImageError> + Send + 'static,
    ) -> Result<T, ImageError> {
        let store = Arc::clone(&self.store);
        let done = tokio::task::spawn_blocking(move || work(&store)).await;
        done.map_err(|error| ImageError::new("the image store was not read").with_source(error))?
    }

    async fn open_here(&self, layer: &Descriptor) -> Result<Option<File>, ImageError> {
        let digest = layer.digest;
        self.work(move |store| {
            store.open(&digest).map_err(|error| {
                ImageError::new(format!("cannot read the layer {digest}")).with_source(error)
            })
        })
        .await
    }

    async fn fetch_layer(
        &self,
        name: &ImageName,
        layer: &Descriptor,
        transfer: &dyn Transfer,
    ) -> Result<(), ImageError> {
        let digest = layer.digest;
        let fail = move |error: std::io::Error| {
            ImageError::new(format!("cannot keep the layer {digest}")).with_source(error)
        };
        let mut reader = self
            .client
            .fetch_blob(&name.repository, layer, Progress::none())
            .await
            .map_err(explain_error)?;
        let mut blob = self.work(move |store| store.create().map_err(fail)).await?;
        let item = digest.to_string();
        let mut moved = 0;
        while let Some(chunk) = reader.next_chunk().await.map_err(explain_error)? {
            moved += chunk.len() as u64;
            // Into the page cache: shorter than handing it to another thread.
            blob.file.write_all(&chunk).map_err(fail)?;
            transfer.moved(&item, moved, Some(layer.size));
        }
        let size = layer.size;
        self.work(move |store| store.commit(blob, &digest, size).map_err(fail))
            .await
    }
}

#[async_trait]
impl ImageSource for Images {
    async fn resolve(
        &self,
        reference: &str,
        platform: &Platform,
        policy: PullPolicy,
    ) -> Result<ResolvedImage, ImageError> {
        if reference.starts_with(LAYOUT) {
            return self.layouts.resolve(reference, platform, policy).await;
        }
        let name: ImageName = reference.parse().map_err(explain_error)?;
        if policy == PullPolicy::Missing
            && let Some(found) = self.find_here(&name, platform).await?
        {
            return Ok(found);
        }
        self.pull(&name, platform).await
    }

    async fn open_layer(
        &self,
        image: &ResolvedImage,
        layer: &Descriptor,
        transfer: &dyn Transfer,
    ) -> Result<File, ImageError> {
        if let Some(file) = self.open_here(layer).await? {
            return Ok(file);
        }
        if image.name.starts_with(LAYOUT) {
            return self.layouts.open_layer(image, layer, transfer).await;
        }
        let name: ImageName = image.name.parse().map_err(explain_error)?;
        self.fetch_layer(&name, layer, transfer).await?;
        let file = self.open_here(layer).await?;
        file.ok_or_else(|| {
            ImageError::new(format!("the layer {} was removed at once", layer.digest))
                .with_hint("another process cleans the same store; build again")
        })
    }
}

fn choose_entry(
    name: &ImageName,
    root: &ResolvedManifest,
    platform: &Platform,
) -> Result<Digest, ImageError> {
    let entries = &root.manifest.children;
    if let Some(entry) = select_platform(entries, platform) {
        return Ok(entry.digest);
    }
    let platforms = entries.iter().filter_map(|entry| entry.platform.as_ref());
    let available: Vec<String> = platforms.map(ToString::to_string).collect();
    Err(explain_error(ClientError::NoPlatform {
        image: name.to_string(),
        wanted: platform.to_string(),
        available: available.join(", "),
    }))
}

#[cfg(test)]
mod tests;
