//! Layers of base images that nobody needed until an image is given out.

use std::fs::File;
use std::io;
use std::sync::Arc;

use async_trait::async_trait;
use wharf_oci::{Algorithm, Digest};

use crate::{Assembled, BuiltLayer, Content, ImageError, ImageSource, ResolvedImage, Transfer};

/// Has the bytes of layers that are not in a content store.
#[async_trait]
pub trait LayerSource: Send + Sync {
    /// The bytes of a layer: complete, verified, at their start.
    ///
    /// # Errors
    /// See [`ImageError`].
    async fn open_layer(
        &self,
        layer: &BuiltLayer,
        transfer: &dyn Transfer,
    ) -> Result<File, ImageError>;
}

/// The layers of base images, by way of where the images came from.
pub struct BaseLayers<'a> {
    /// Where they came from.
    pub source: &'a dyn ImageSource,
    /// All that the build started from.
    pub images: &'a [ResolvedImage],
}

#[async_trait]
impl LayerSource for BaseLayers<'_> {
    async fn open_layer(
        &self,
        layer: &BuiltLayer,
        transfer: &dyn Transfer,
    ) -> Result<File, ImageError> {
        let digest = layer.descriptor.digest;
        // By its own descriptor: the wanted one may have another media type by now.
        let own = self.images.iter().find_map(|image| {
            let layers = &mut image.layers.iter();
            Some((image, layers.find(|own| own.descriptor.digest == digest)?))
        });
        match own {
            Some((image, own)) => {
                self.source
                    .open_layer(image, &own.descriptor, transfer)
                    .await
            }
            None => Err(ImageError::new(format!(
                "layer {digest} is not here and belongs to no base image"
            ))
            .with_hint("build again: it was removed while it was needed")),
        }
    }
}

/// Brings every layer of an image into a content store.
///
/// # Errors
/// A layer that cannot be had, or the content store's.
pub async fn fetch_missing(
    image: &Assembled,
    content: &Arc<dyn Content>,
    source: &dyn LayerSource,
    transfer: &dyn Transfer,
) -> Result<(), ImageError> {
    for layer in image.layers() {
        let digest = layer.descriptor.digest;
        if run_blocking(content, digest, |content, digest| {
            Ok(content.open(&digest)?.is_some())
        })
        .await?
        {
            continue;
        }
        let file = source.open_layer(layer, transfer).await?;
        // The source may have put it there itself.
        run_blocking(content, digest, move |content, digest| {
            match content.open(&digest)? {
                Some(_) => Ok(()),
                None => copy_into(content, file, &digest),
            }
        })
        .await?;
    }
    Ok(())
}

/// Runs what blocks on a thread for that.
async fn run_blocking<T: Send + 'static>(
    content: &Arc<dyn Content>,
    digest: Digest,
    work: impl FnOnce(&dyn Content, Digest) -> io::Result<T> + Send + 'static,
) -> Result<T, ImageError> {
    let content = Arc::clone(content);
    let done = tokio::task::spawn_blocking(move || work(&*content, digest)).await;
    done.map_err(io::Error::other)
        .and_then(|outcome| outcome)
        .map_err(|error| ImageError::new(format!("cannot keep layer {digest}")).with_source(error))
}

/// Copies a blob of another store; nothing but the digest's own bytes gets in.
pub(crate) fn copy_into(
    content: &dyn Content,
    mut file: impl io::Read,
    digest: &Digest,
) -> io::Result<()> {
    let mut blob = content.create()?;
    let (found, size) = copy_and_hash(&mut file, &mut blob.file, digest.algorithm())?;
    if found != *digest {
        let message = format!("its bytes have the digest {found}");
        return Err(io::Error::new(io::ErrorKind::InvalidData, message));
    }
    content.commit(blob, digest, size)
}

/// Copies all of `from`, and gives the digest and the number of its bytes.
fn copy_and_hash(
    from: &mut dyn io::Read,
    to: &mut File,
    algorithm: Algorithm,
) -> io::Result<(Digest, u64)> {
    match algorithm {
        Algorithm::Sha256 => copy_with::<sha2::Sha256>(from, to, algorithm),
        Algorithm::Sha512 => copy_with::<sha2::Sha512>(from, to, algorithm),
    }
}

fn copy_with<H: sha2::Digest>(
    from: &mut dyn io::Read,
    to: &mut File,
    algorithm: Algorithm,
) -> io::Result<(Digest, u64)> {
    use io::Write;
    // Large enough that system calls do not show, small enough for the second-level cache.
    let mut buffer = vec![0; 128 * 1024];
    let (mut hasher, mut size) = (H::new(), 0);
    loop {
        let count = match from.read(&mut buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            other => other?,
        };
        if count == 0 {
            break;
        }
        hasher.update(&buffer[..count]);
        to.write_all(&buffer[..count])?;
        size += count as u64;
    }
    let digest = Digest::from_raw(algorithm, &hasher.finalize()).map_err(io::Error::other)?;
    Ok((digest, size))
}
