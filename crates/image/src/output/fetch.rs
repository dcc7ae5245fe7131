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

#[cfg(test)]
mod tests {
    use std::io::{Seek, Write};

    use wharf_oci::{Descriptor, Platform};

    use super::*;
    use crate::{AssembleOptions, Built, BuiltImage, LocalStore, PullPolicy, assemble};

    /// A registry that has one layer, which is not always what it should be.
    struct Registry(&'static [u8]);

    #[async_trait]
    impl ImageSource for Registry {
        async fn resolve(
            &self,
            name: &str,
            _: &Platform,
            _: PullPolicy,
        ) -> Result<ResolvedImage, ImageError> {
            Err(ImageError::new(format!("nobody asks for {name}")))
        }

        async fn open_layer(
            &self,
            image: &ResolvedImage,
            layer: &Descriptor,
            transfer: &dyn Transfer,
        ) -> Result<File, ImageError> {
            assert_eq!(
                *layer, image.layers[0].descriptor,
                "by the descriptor of its own image"
            );
            transfer.moved("layer", self.0.len() as u64, None);
            let mut file = tempfile::tempfile().expect("a file");
            file.write_all(self.0)
                .and_then(|()| file.rewind())
                .expect("room");
            Ok(file)
        }
    }

    struct Silent;

    impl Transfer for Silent {
        fn moved(&self, _: &str, _: u64, _: Option<u64>) {}
    }

    const LAYER: &[u8] = b"bytes of a layer";

    fn make_layer(media_type: &str) -> BuiltLayer {
        let digest = Digest::of(Algorithm::Sha256, LAYER);
        let descriptor = serde_json::json!({"schemaVersion": 2, "mediaType": wharf_oci::media_type::OCI_INDEX,
            "manifests": [{"mediaType": media_type, "digest": digest, "size": LAYER.len()}]});
        let index =
            wharf_oci::Manifest::parse(None, descriptor.to_string().as_bytes()).expect("an index");
        BuiltLayer {
            descriptor: index.children[0].clone(),
            diff_id: digest,
        }
    }

    async fn fetch(
        bytes: &'static [u8],
        bases: &[ResolvedImage],
    ) -> (Result<(), ImageError>, Option<File>) {
        let folder = tempfile::tempdir().expect("a folder");
        let content: Arc<dyn Content> = Arc::new(LocalStore::open(folder.path()).expect("a store"));
        let layer = make_layer("application/vnd.docker.image.rootfs.diff.tar.gzip");
        let digest = layer.descriptor.digest;
        let image = BuiltImage {
            platform: Platform::default(),
            config: b"{}".to_vec(),
            layers: vec![layer],
            tree: Vec::new(),
            annotations: Default::default(),
        };
        let image = assemble(
            &Built {
                images: vec![image],
            },
            &AssembleOptions::default(),
        )
        .expect("documents");
        let source = BaseLayers {
            source: &Registry(bytes),
            images: bases,
        };
        let outcome = fetch_missing(&image, &content, &source, &Silent).await;
        (outcome, content.open(&digest).expect("a look"))
    }

    #[tokio::test]
    async fn a_layer_of_a_base_is_fetched_verified_and_kept() {
        let base = ResolvedImage {
            name: "a".into(),
            digest: Digest::of(Algorithm::Sha256, b"manifest"),
            config: Vec::new(),
            layers: vec![make_layer(
                "application/vnd.docker.image.rootfs.diff.tar.gzip",
            )],
        };
        let (outcome, kept) = fetch(LAYER, std::slice::from_ref(&base)).await;
        outcome.expect("fetched");
        assert!(kept.is_some());
        let (outcome, kept) = fetch(b"bytes of a liar", &[base]).await;
        assert!(outcome.is_err() && kept.is_none());
        let (outcome, kept) = fetch(LAYER, &[]).await;
        assert!(outcome.expect_err("nobody has it").hint().is_some());
        assert!(kept.is_none());
    }
}
