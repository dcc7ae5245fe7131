//! Making, finding again and dropping uploads. Knows files only; whose upload it is stands in the caller's rows.

use std::fs::{File, OpenOptions};
use std::io;
use std::sync::Arc;
use std::time::SystemTime;

use wharf_oci::Algorithm;

use crate::disk;
use crate::error::{Error, IoContext, Result};
use crate::faults::failpoint;
use crate::hasher::Hasher;
use crate::layout::Layout;
use crate::store::run_blocking;
use crate::upload::Claim;
use crate::{SavedUpload, Store, Upload, UploadId};

/// An upload's file, found on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadFile {
    /// The session it was made for.
    pub id: UploadId,
    /// When bytes last arrived. A row may be on its way for a young file, so only old ones may be reaped.
    pub modified: SystemTime,
}

impl Store {
    /// Starts an upload whose bytes will be hashed by this algorithm.
    ///
    /// # Errors
    /// [`Error::UploadBusy`] when the id is in use by a request, [`Error::Io`] when it has a file already or none can be made.
    pub fn create_upload(&self, id: UploadId, algorithm: Algorithm) -> Result<Upload> {
        let claim = Claim::take(self, id)?;
        let path = self.inner.layout.upload(&id);
        let file = disk::create_file(&path).context("create the upload", &path)?;
        failpoint("after-session-file");
        Ok(Upload::new(
            claim,
            path,
            Arc::new(file),
            0,
            Hasher::new(algorithm),
        ))
    }

    /// Opens an upload again as it stood when it was saved; bytes that arrived later are cut off.
    ///
    /// An upload that an earlier process left is read and hashed once, because power may have been lost in between: what
    /// its file holds must be what was received.
    ///
    /// # Errors
    /// [`Error::UploadBusy`] while another request holds it, [`Error::UploadMissing`], [`Error::UploadDamaged`] when the
    /// file is shorter or different, [`Error::HashState`], [`Error::Io`].
    pub async fn resume_upload(&self, id: UploadId, saved: &SavedUpload) -> Result<Upload> {
        let claim = Claim::take(self, id)?;
        let hasher =
            Hasher::restore(saved.algorithm, &saved.hash_state).ok_or(Error::HashState { id })?;
        let path = self.inner.layout.upload(&id);
        let file = match OpenOptions::new().read(true).write(true).open(&path) {
            Ok(file) => Arc::new(file),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(Error::UploadMissing { id });
            }
            Err(error) => return Err(error).context("open the upload", &path),
        };
        let found = file.metadata().context("look at the upload", &path)?.len();
        if found < saved.offset {
            return Err(Error::UploadDamaged { id });
        }
        if self.inner.uploads.lock().inherited.contains(&id) {
            check_bytes(id, &file, saved).await?;
            self.inner.uploads.lock().inherited.remove(&id);
        }
        if found > saved.offset {
            file.set_len(saved.offset)
                .context("cut the upload", &path)?;
        }
        Ok(Upload::new(claim, path, file, saved.offset, hasher))
    }

    /// Deletes the upload's file, if there is one. A request that holds it open fails when it finishes.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn discard_upload(&self, id: UploadId) -> Result<()> {
        disk::unlink(&self.inner.layout.upload(&id))?;
        self.inner.uploads.lock().inherited.remove(&id);
        Ok(())
    }

    /// Every upload that has a file, for reaping those whose session is gone. Blocks.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn list_uploads(&self) -> Result<Vec<UploadFile>> {
        list_upload_files(&self.inner.layout)
    }
}

async fn check_bytes(id: UploadId, file: &Arc<File>, saved: &SavedUpload) -> Result<()> {
    let (file, saved) = (Arc::clone(file), saved.clone());
    run_blocking(move || {
        match disk::hash_prefix(&file, saved.algorithm, saved.offset) {
            Ok(hasher) if hasher.save() == saved.hash_state => Ok(()),
            // EIO on bytes of our own: as lost as if they were different.
            Ok(_) | Err(_) => Err(Error::UploadDamaged { id }),
        }
    })
    .await
}

pub(crate) fn list_upload_files(layout: &Layout) -> Result<Vec<UploadFile>> {
    let directory = layout.uploads();
    let mut files = Vec::new();
    for entry in std::fs::read_dir(&directory).context("list", &directory)? {
        let entry = entry.context("list", &directory)?;
        let Some(id) = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok())
        else {
            continue;
        };
        match entry.metadata().and_then(|metadata| metadata.modified()) {
            Ok(modified) => files.push(UploadFile { id, modified }),
            // Finished while we were listing.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error).context("look at", entry.path()),
        }
    }
    Ok(files)
}
