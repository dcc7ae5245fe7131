//! Keeping a store that is a mere cache within a budget.
//!
//! [`LocalStore::remove_unreferenced`] is for stores whose names people gave; here names keep nothing alive.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::time::SystemTime;

use wharf_oci::{Algorithm, Digest};

use super::LocalStore;
use super::layout::{INGEST, blob_folder, blob_path};
use super::prune::{Removed, remove_old};
use crate::ImageError;

/// A blob with what decides whether it stays.
struct Held {
    path: PathBuf,
    size: u64,
    used: SystemTime,
}

impl LocalStore {
    /// How many bytes its blobs have together.
    ///
    /// # Errors
    /// The file system's.
    pub fn measure(&self) -> Result<u64, ImageError> {
        let held = self.list_held();
        let held = held.map_err(|error| self.fail("cannot measure the image store", error))?;
        Ok(held.iter().map(|blob| blob.size).sum())
    }

    /// Removes blobs that were not used since `oldest`, and then those that were used least recently until at most
    /// `budget` bytes are left. What was used since `in_use` stays, whatever that comes to. Names whose manifests are gone
    /// go too; that a name leads to a blob does not keep it.
    ///
    /// # Errors
    /// The file system's, or an index that cannot be read.
    pub fn trim(
        &self,
        budget: u64,
        oldest: SystemTime,
        in_use: SystemTime,
    ) -> Result<Removed, ImageError> {
        let fail = |error| self.fail("cannot trim the image store", error);
        let mut held = self.list_held().map_err(fail)?;
        held.sort_by_key(|blob| blob.used);
        let mut left: u64 = held.iter().map(|blob| blob.size).sum();
        let mut removed = Removed::default();
        for blob in held {
            if left <= budget && blob.used >= oldest {
                break;
            }
            let unused_since = match left > budget {
                true => in_use,
                false => oldest.min(in_use),
            };
            // It is looked at again when it is taken away: whoever used it meanwhile keeps it.
            let aside = self.folder().join(INGEST);
            if let Some(size) = remove_old(&blob.path, &aside, unused_since).map_err(fail)? {
                left = left.saturating_sub(size);
                removed.blobs += 1;
                removed.bytes += size;
            }
        }
        if removed.blobs > 0 {
            self.drop_dead_names().map_err(fail)?;
        }
        Ok(removed)
    }

    fn list_held(&self) -> io::Result<Vec<Held>> {
        let mut held = Vec::new();
        for algorithm in Algorithm::ALL {
            for entry in fs::read_dir(blob_folder(self.folder(), algorithm))? {
                let entry = entry?;
                let name = entry.file_name();
                let hex = name.to_str().unwrap_or_default();
                // Whatever else lies here is not this store's.
                if format!("{algorithm}:{hex}").parse::<Digest>().is_err() {
                    continue;
                }
                match entry.metadata() {
                    Ok(found) => held.push(Held {
                        path: entry.path(),
                        size: found.len(),
                        used: found.modified()?,
                    }),
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(held)
    }

    fn drop_dead_names(&self) -> io::Result<()> {
        self.change_index(|index| {
            index.manifests.retain(|entry| {
                let digest = entry.digest().and_then(|digest| digest.parse().ok());
                digest.is_some_and(|digest: Digest| blob_path(self.folder(), &digest).exists())
            });
            Ok(())
        })
    }
}
