//! Uploads: sessions bound to a repository and a principal, from the first byte to a verified and visible blob.

use super::outcome::unknown_upload;
use crate::{App, Error, stats::RepositoryTraffic};
use bytes::Bytes;
use serde_json::json;
use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};
use wharf_blobs::{FinishError, SavedUpload, Upload, UploadId};
use wharf_db::{Durability, Order, blobs, uploads};
use wharf_model::{Caller, Granted, UploadKey, rights::Push};
use wharf_oci::{Algorithm, Digest, ErrorCode, RegistryError};

/// A file without a session is swept only when it is older than this: its row may be on the way.
const SWEEP_AGE: Duration = Duration::from_secs(3600);

/// Where a session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UploadProgress {
    /// The session.
    pub key: UploadKey,
    /// Bytes received so far.
    pub received: u64,
}

/// A session that one request holds open.
pub struct UploadSession {
    app: App,
    granted: Granted<Push>,
    traffic: Arc<RepositoryTraffic>,
    upload: Upload,
    key: UploadKey,
    /// A single POST needs no row: nobody can come back to it.
    has_row: bool,
}

impl App {
    /// Opens a session. Answers `TOOMANYREQUESTS` when the principal has too many open.
    pub async fn start_upload(
        &self,
        caller: &Caller,
        granted: &Granted<Push>,
        algorithm: Algorithm,
    ) -> Result<UploadProgress, Error> {
        let key = UploadKey::new();
        let mut upload = self.blobs.create_upload(id_of(key), algorithm)?;
        let new = row_of(key, upload.save().await?);
        let (right, principal, now) = (granted.clone(), caller.principal(), self.clock.now());
        let allowed = self.settings.upload_sessions_per_principal;
        let opened = self
            .db
            .write_in_order(Durability::Relaxed, Order::Statements, move |tx| {
                if uploads::count_uploads(tx, &principal)? >= allowed {
                    return Err(Error::from(too_many_sessions(allowed)));
                }
                uploads::insert_upload(tx, &right, &principal, &new, now)?;
                Ok(())
            });
        if let Err(error) = opened.await {
            self.blobs.discard_upload(id_of(key))?;
            return Err(error);
        }
        Ok(UploadProgress { key, received: 0 })
    }

    /// Where a session of this caller in this repository stands.
    pub async fn stat_upload(
        &self,
        caller: &Caller,
        granted: &Granted<Push>,
        key: &str,
    ) -> Result<UploadProgress, Error> {
        let row = self.find_upload(caller, granted, key).await?;
        Ok(UploadProgress {
            key: row.key,
            received: row.received,
        })
    }

    /// Opens a session of this caller in this repository for writing. Another request that holds it: 409.
    pub async fn open_upload(
        &self,
        caller: &Caller,
        granted: &Granted<Push>,
        key: &str,
    ) -> Result<UploadSession, Error> {
        let row = self.find_upload(caller, granted, key).await?;
        let id = id_of(row.key);
        let saved = SavedUpload {
            algorithm: row.algorithm,
            offset: row.received,
            hash_state: row.hash_state,
        };
        let upload = self.blobs.resume_upload(id, &saved).await?;
        Ok(UploadSession {
            app: self.clone(),
            granted: granted.clone(),
            traffic: self.traffic.of(granted.subject()),
            upload,
            key: row.key,
            has_row: true,
        })
    }

    /// Opens a session for one request that brings the whole blob (distribution-spec end-4b).
    pub fn begin_single_upload(
        &self,
        granted: &Granted<Push>,
        algorithm: Algorithm,
    ) -> Result<UploadSession, Error> {
        let key = UploadKey::new();
        Ok(UploadSession {
            app: self.clone(),
            granted: granted.clone(),
            traffic: self.traffic.of(granted.subject()),
            upload: self.blobs.create_upload(id_of(key), algorithm)?,
            key,
            has_row: false,
        })
    }

    /// Gives up a session of this caller in this repository.
    pub async fn cancel_upload(
        &self,
        caller: &Caller,
        granted: &Granted<Push>,
        key: &str,
    ) -> Result<(), Error> {
        let row = self.find_upload(caller, granted, key).await?;
        self.drop_upload(row.key).await
    }

    async fn find_upload(
        &self,
        caller: &Caller,
        granted: &Granted<Push>,
        key: &str,
    ) -> Result<uploads::UploadRow, Error> {
        let key: UploadKey = key.parse().map_err(|_| unknown_upload())?;
        let (right, principal) = (granted.clone(), caller.principal());
        let found = self
            .db
            .look_up(move |tx| uploads::find_upload(tx, &right, &principal, key))
            .await
            .map_err(Error::from)?;
        found.ok_or_else(|| unknown_upload().into())
    }

    /// Removes a session and its file.
    pub(crate) async fn drop_upload(&self, key: UploadKey) -> Result<(), Error> {
        self.db
            .write_in_order(Durability::Relaxed, Order::Statements, move |tx| {
                uploads::delete_upload(tx, key)
            })
            .await
            .map_err(Error::from)?;
        self.blobs.discard_upload(id_of(key)).map_err(Error::from)
    }

    /// Removes files whose sessions are gone: of single uploads that broke, and of crashes between file and row.
    pub(crate) async fn sweep_upload_files(&self) -> Result<(), Error> {
        let store = self.blobs.clone();
        let files = tokio::task::spawn_blocking(move || store.list_uploads())
            .await
            .map_err(Error::internal)??;
        for file in files {
            let age = SystemTime::now().duration_since(file.modified);
            if age.unwrap_or_default() < SWEEP_AGE {
                continue;
            }
            let Ok(key) = file.id.to_string().parse() else {
                continue;
            };
            let known = self.db.look_up(move |tx| uploads::exists(tx, key)).await;
            if !known.map_err(Error::from)? {
                self.blobs.discard_upload(file.id)?;
            }
        }
        Ok(())
    }
}

impl UploadSession {
    /// Bytes received so far.
    pub fn received(&self) -> u64 {
        self.upload.offset()
    }

    /// Tells how many bytes this request will bring, so that their place on disk is found in one piece.
    pub fn expect(&mut self, bytes: u64) {
        self.upload
            .expect_size(self.upload.offset().saturating_add(bytes));
    }

    /// Takes the next bytes.
    pub async fn write(&mut self, bytes: Bytes) -> Result<(), Error> {
        self.traffic.count_received(bytes.len() as u64);
        self.upload.write(bytes).await.map_err(Error::from)
    }

    /// Keeps what was received; the session can be continued from there, also after a restart of the server.
    pub async fn save(mut self) -> Result<UploadProgress, Error> {
        let key = self.key;
        if !self.has_row {
            self.app.blobs.discard_upload(id_of(key))?;
            return Ok(UploadProgress { key, received: 0 });
        }
        let saved = self.upload.save().await?;
        let (received, now) = (saved.offset, self.app.clock.now());
        let kept = self
            .app
            .db
            .write_in_order(Durability::Relaxed, Order::Statements, move |tx| {
                uploads::save_progress(tx, key, received, &saved.hash_state, now)
            });
        if !kept.await.map_err(Error::from)? {
            // Cancelled meanwhile.
            self.app.blobs.discard_upload(id_of(key))?;
            return Err(unknown_upload().into());
        }
        Ok(UploadProgress { key, received })
    }

    /// Ends the session: the bytes are verified against `digest`, then visible in the repository. Answers their number.
    ///
    /// Bytes with another digest are thrown away with the session (`DIGEST_INVALID`).
    pub async fn finish(self, digest: &Digest) -> Result<u64, Error> {
        let (app, key, granted, has_row) = (self.app, self.key, self.granted, self.has_row);
        let staged = match self.upload.finish(digest).await {
            Ok(staged) => staged,
            Err(FinishError::DigestMismatch { expected, actual }) => {
                app.drop_upload(key).await?;
                return Err(wrong_digest(&expected, &actual).into());
            }
            Err(FinishError::Store(error)) => return Err(error.into()),
        };
        wharf_blobs::failpoint("before-blob-commit");
        let now = app.clock.now();
        let linked = app
            .db
            .write_in_order(Durability::Relaxed, Order::Statements, move |tx| {
                blobs::link_uploaded_blob(tx, &granted, &staged.digest, staged.size, now)?;
                if has_row {
                    uploads::delete_upload(tx, key)?;
                }
                Ok::<_, Error>(())
            });
        linked.await?;
        wharf_blobs::failpoint("after-blob-commit");
        Ok(staged.size)
    }
}

fn row_of(key: UploadKey, saved: SavedUpload) -> uploads::UploadRow {
    uploads::UploadRow {
        key,
        algorithm: saved.algorithm,
        received: saved.offset,
        hash_state: saved.hash_state,
    }
}

fn id_of(key: UploadKey) -> UploadId {
    UploadId::new(key.as_uuid())
}

fn wrong_digest(expected: &Digest, actual: &Digest) -> RegistryError {
    RegistryError::new(
        ErrorCode::DigestInvalid,
        "the bytes received have another digest; they were thrown away, upload them again",
    )
    .with_detail(json!({ "expected": expected.to_string(), "received": actual.to_string() }))
}

fn too_many_sessions(allowed: u64) -> RegistryError {
    RegistryError::new(
        ErrorCode::TooManyRequests,
        format!(
            "{allowed} uploads of yours are open; finish or cancel some (unused ones end after a day)"
        ),
    )
}
