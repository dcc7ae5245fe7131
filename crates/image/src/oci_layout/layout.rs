//! The files of a layout, in a folder or in a tar.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use wharf_oci::Digest;

use super::archive::Archive;
use crate::ImageError;
use crate::document::{has_digest, read_bounded};
use crate::store::{IMAGE_NAME, Index, REF_NAME};

/// An opened layout.
pub(super) struct Layout {
    path: PathBuf,
    files: Files,
}

enum Files {
    Folder,
    Archive(Archive),
}

impl Layout {
    /// # Errors
    /// Nothing is there, or no layout.
    pub(super) fn open(path: &Path) -> Result<Self, ImageError> {
        let open = || -> io::Result<Self> {
            let files = match path.metadata()?.is_dir() {
                true => Files::Folder,
                false => Files::Archive(Archive::open(path)?),
            };
            Ok(Self {
                path: path.to_owned(),
                files,
            })
        };
        open().map_err(|error| {
            ImageError::new(format!("cannot open the image layout {}", path.display()))
                .with_source(error)
        })
    }

    /// The digest that a tag stands for; without a tag, that of `latest`, or of the only image.
    pub(super) fn find_tag(&self, tag: Option<&str>) -> Result<Digest, ImageError> {
        let place = self.path.display();
        let fail = |error: io::Error| {
            ImageError::new(format!(
                "cannot read index.json of the image layout {place}"
            ))
            .with_source(error)
        };
        let file = self.open_file("index.json").map_err(fail)?.ok_or_else(|| {
            ImageError::new(format!("{place} is no image layout: it has no index.json"))
                .with_hint("a layout is what --output type=oci or skopeo copy … oci:PATH writes")
        })?;
        let index = Index::parse(&read_bounded(file).map_err(fail)?).map_err(fail)?;
        let wanted = tag.unwrap_or("latest");
        let is_named = |key: &str| {
            index
                .manifests
                .iter()
                .find(|entry| entry.annotation(key) == Some(wanted))
        };
        let entry = match (
            is_named(IMAGE_NAME).or_else(|| is_named(REF_NAME)),
            &index.manifests[..],
            tag,
        ) {
            (Some(entry), _, _) | (None, [entry], None) => entry,
            (None, _, _) => {
                let names = index
                    .manifests
                    .iter()
                    .filter_map(|entry| entry.annotation(REF_NAME));
                let names: Vec<_> = names.collect();
                return Err(ImageError::new(format!(
                    "the image layout {place} has no image {wanted:?}"
                ))
                .with_hint(format!("it has: {}", names.join(", "))));
            }
        };
        Ok(entry.descriptor().map_err(fail)?.digest)
    }

    /// The verified bytes of a document.
    pub(super) fn read_document(&self, digest: &Digest) -> Result<Option<Vec<u8>>, ImageError> {
        let place = self.path.display();
        let bytes = self
            .open_blob(digest)
            .and_then(|blob| blob.map(read_bounded).transpose());
        let bytes = bytes.map_err(|error| {
            ImageError::new(format!("cannot read {digest} of the image layout {place}"))
                .with_source(error)
        })?;
        match bytes {
            Some(bytes) if !has_digest(&bytes, digest) => Err(ImageError::new(format!(
                "{digest} in the image layout {place} is damaged"
            ))),
            other => Ok(other),
        }
    }

    /// The bytes under a digest, not verified.
    pub(super) fn open_blob(&self, digest: &Digest) -> io::Result<Option<impl Read + use<>>> {
        self.open_file(&format!("blobs/{}/{}", digest.algorithm(), digest.hex()))
    }

    fn open_file(&self, name: &str) -> io::Result<Option<io::Take<File>>> {
        match &self.files {
            Files::Archive(archive) => archive.open_file(name),
            Files::Folder => match File::open(self.path.join(name)) {
                Ok(file) => Ok(Some(file.take(u64::MAX))),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
                Err(error) => Err(error),
            },
        }
    }
}
