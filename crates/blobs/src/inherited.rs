//! Staged blobs that an earlier process left. Power may have been lost since, and then their files may hold anything,
//! so the first use of each hashes it; what is not whole is unlinked and was never there.

use std::sync::Arc;

use wharf_oci::Digest;

use crate::disk;
use crate::error::{IoContext, Result};
use crate::pending::{Inherited, Staged};
use crate::store::{Inner, run_blocking};

impl Inner {
    /// Decides whether the blob is whole; afterwards its entry is an ordinary staged one, or gone. One flight per blob.
    pub(crate) async fn check_inherited(
        self: &Arc<Self>,
        digest: &Digest,
        inherited: Arc<Inherited>,
    ) -> Result<()> {
        inherited
            .checked
            .get_or_try_init(|| {
                let (inner, digest) = (Arc::clone(self), *digest);
                let inherited = Arc::clone(&inherited);
                run_blocking(move || inner.decide_inherited(&digest, &inherited))
            })
            .await?;
        Ok(())
    }

    fn decide_inherited(&self, digest: &Digest, inherited: &Arc<Inherited>) -> Result<()> {
        let path = self.layout.staged_blob(digest);
        let whole = match disk::open_existing(&path, "open the staged blob")? {
            None => None,
            Some(file) => self
                .is_whole(&file, digest)
                .context("read the staged blob", &path)?
                .then_some(file),
        };
        let _names = self.pending.lock_names(digest);
        if !self.pending.is_unchecked(digest, inherited) {
            // Uploaded again, or removed, while we were reading.
            return Ok(());
        }
        match whole {
            Some(file) => {
                let size = file.metadata().context("look at", &path)?.len();
                let file = Arc::new(file);
                self.pending.insert(*digest, Staged { file, size });
            }
            None => {
                tracing::warn!(blob.digest = %digest, "a staged blob did not survive; it has to be uploaded again");
                self.pending.remove(digest);
                disk::unlink(&path)?;
            }
        }
        Ok(())
    }

    /// Reads what is on disk, not what memory pretends: a sync that failed before the restart left clean pages behind.
    fn is_whole(&self, file: &std::fs::File, digest: &Digest) -> std::io::Result<bool> {
        if self
            .faults
            .before_sync()
            .and_then(|()| file.sync_data())
            .is_err()
        {
            return Ok(false);
        }
        disk::forget_pages(file);
        disk::file_matches(file, digest)
    }
}
