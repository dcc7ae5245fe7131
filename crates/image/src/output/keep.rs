//! Into the local store, under its names.

use crate::{Assembled, Content, ImageError, ImageName, LocalStore};

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
        self.tag(names, &image.root)
    }
}
