//! Names: set, removed, listed, found.

use std::fs;
use std::io;

use wharf_oci::{Algorithm, Descriptor};

use super::LocalStore;
use super::index::{IMAGE_NAME, Index};
use super::layout::{INDEX, INGEST, blob_folder, blob_path, replace_file, sync_folder};
use super::lock::lock_index;
use crate::{FoundManifest, ImageError, ImageName};

/// A name in the store, or an image without one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredImage {
    /// `None` for an image that was kept without a name.
    pub name: Option<ImageName>,
    /// Of its manifest or index.
    pub descriptor: Descriptor,
}

impl LocalStore {
    /// Makes names stand for an image, all of them or none; without names the image is kept as it is. Afterwards names
    /// and bytes survive a power loss. Layers that are missing may follow later.
    ///
    /// # Errors
    /// The manifest itself is not in the store, or the file system's.
    pub fn tag(&self, names: &[ImageName], target: &Descriptor) -> Result<(), ImageError> {
        let fail = |error| self.fail("cannot name an image in the store", error);
        for algorithm in Algorithm::ALL {
            sync_folder(&blob_folder(self.folder(), algorithm)).map_err(fail)?;
        }
        let changed = self.change_index(|index| {
            if !blob_path(self.folder(), &target.digest).exists() {
                let message = format!("{} is not there", target.digest);
                return Err(io::Error::new(io::ErrorKind::NotFound, message));
            }
            if names.is_empty() {
                index.keep(target)?;
            }
            names
                .iter()
                .try_for_each(|name| index.set(&name.to_string(), target))
        });
        changed.map_err(fail)
    }

    /// Removes a name and tells whether it was there. Its bytes stay until
    /// [`remove_unreferenced`](LocalStore::remove_unreferenced).
    ///
    /// # Errors
    /// The file system's.
    pub fn untag(&self, name: &ImageName) -> Result<bool, ImageError> {
        self.change_index(|index| Ok(index.remove(&name.to_string())))
            .map_err(|error| self.fail("cannot remove a name from the store", error))
    }

    /// All images, in the order in which they came. What other tools put there in a form that is not understood is left
    /// out.
    ///
    /// # Errors
    /// The file system's.
    pub fn list(&self) -> Result<Vec<StoredImage>, ImageError> {
        let index = self
            .read_index()
            .map_err(|error| self.fail("cannot list the image store", error))?;
        let read = |entry: &super::index::Entry| {
            Some(StoredImage {
                name: entry.name().and_then(|name| name.parse().ok()),
                descriptor: entry.descriptor().ok()?,
            })
        };
        Ok(index.manifests.iter().filter_map(read).collect())
    }

    /// The manifest or index that a name stands for; with a digest in the name, the one of that digest, whatever the tag
    /// says. Its bytes have the digest.
    ///
    /// # Errors
    /// The file system's, or bytes that are not what they should be.
    pub fn find(&self, name: &ImageName) -> Result<Option<FoundManifest>, ImageError> {
        if let Some(digest) = name.digest() {
            return self.read_manifest(&digest);
        }
        let fail = |error| self.fail(&format!("cannot look up {}", name.familiar()), error);
        let index = self.read_index().map_err(fail)?;
        match index.find(&name.to_string()) {
            Some(entry) => self.read_manifest(&entry.descriptor().map_err(fail)?.digest),
            None => Ok(None),
        }
    }

    pub(super) fn read_index(&self) -> io::Result<Index> {
        Index::parse(&fs::read(self.folder().join(INDEX))?)
    }

    /// Names an image as its descriptors do, and leaves behind nothing but what a layout has: for a folder that is a
    /// build's output and no store.
    pub(crate) fn finish_layout(&self, named: &[Descriptor]) -> io::Result<()> {
        self.change_index(|index| {
            named.iter().try_for_each(|descriptor| {
                match descriptor.annotations.contains_key(IMAGE_NAME) {
                    true => index.put(descriptor),
                    false => index.keep(descriptor),
                }
            })
        })?;
        let lock = lock_index(self.folder())?;
        match fs::remove_dir(self.folder().join(INGEST)) {
            // Somebody else writes there, and will come by here.
            Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => {}
            other => other?,
        }
        lock.remove(self.folder())
    }

    /// Changes the names under the lock. What `change` refuses leaves them as they were.
    pub(super) fn change_index<T>(
        &self,
        change: impl FnOnce(&mut Index) -> io::Result<T>,
    ) -> io::Result<T> {
        let _lock = lock_index(self.folder())?;
        let before = fs::read(self.folder().join(INDEX))?;
        let mut index = Index::parse(&before)?;
        let outcome = change(&mut index)?;
        let after = index.render()?;
        // The same build again changes nothing, and waits for no disk.
        if after != before {
            replace_file(self.folder(), INDEX, &after)?;
        }
        Ok(outcome)
    }
}
