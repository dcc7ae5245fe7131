//! Into the local store under its names, or into a folder of its own.

use std::fs;
use std::path::Path;

use super::names::name_descriptors;
use crate::{ArchiveOptions, Assembled, Content, ImageError, ImageName, LocalStore};

impl LocalStore {
    /// Keeps an image whose layers are in `content`, which may be this store, and makes names stand for it; without
    /// names it is there by its digest. Afterwards it survives a power loss, all of it.
    ///
    /// # Errors
    /// A layer that is not in `content`, see [`fetch_missing`](super::fetch_missing); the file system's.
    pub fn keep(
        &self,
        image: &Assembled,
        content: &dyn Content,
        names: &[ImageName],
    ) -> Result<(), ImageError> {
        self.copy_blobs(image, content)?;
        self.tag(names, &image.root)
    }

    fn copy_blobs(&self, image: &Assembled, content: &dyn Content) -> Result<(), ImageError> {
        for layer in image.layers() {
            let digest = layer.descriptor.digest;
            let fail =
                |error| ImageError::new(format!("cannot keep layer {digest}")).with_source(error);
            if self.open(&digest).map_err(fail)?.is_some() {
                continue;
            }
            match content.open(&digest).map_err(fail)? {
                Some(file) => super::copy_into(self, file, &digest).map_err(fail)?,
                None => {
                    return Err(ImageError::new(format!("layer {digest} is not here"))
                        .with_hint("build again: it was removed while it was needed"));
                }
            }
        }
        for document in &image.documents {
            self.put(&document.descriptor.media_type, &document.bytes)?;
        }
        Ok(())
    }
}

/// Writes an image as an OCI layout into a folder (`type=oci,tar=false`), beside the images that are there already.
///
/// # Errors
/// As [`LocalStore::keep`].
pub fn write_oci_folder(
    folder: &Path,
    image: &Assembled,
    content: &dyn Content,
    options: &ArchiveOptions,
) -> Result<(), ImageError> {
    let fail = |error| {
        let message = format!("cannot write an image layout into {}", folder.display());
        ImageError::new(message).with_source(error)
    };
    // A store keeps its folder to itself; an output is as readable as the user's files are.
    fs::create_dir_all(folder).map_err(fail)?;
    let layout = LocalStore::open(folder)?;
    layout.copy_blobs(image, content)?;
    let named = name_descriptors(&image.root, &options.names, options.created.as_deref());
    layout.finish_layout(&named).map_err(fail)
}
