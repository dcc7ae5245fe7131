//! What the blob store's failures mean to a client, and errors that several operations answer.

use crate::Error;
use serde_json::json;
use wharf_blobs::Error as StoreError;
use wharf_oci::{Digest, ErrorCode, RegistryError};

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::UploadMissing { .. }
            | StoreError::UploadDamaged { .. }
            | StoreError::HashState { .. } => unknown_upload().into(),
            StoreError::UploadBusy { .. } => RegistryError::new(
                ErrorCode::BlobUploadInvalid,
                "another request is writing to this upload; wait for it, or start a new upload",
            )
            .with_status(409)
            .into(),
            StoreError::Stopping => Self::Unavailable(error.into()),
            _ if error.is_out_of_space() || error.is_read_only() || error.is_device_failure() => {
                Self::Unavailable(error.into())
            }
            _ => Self::Internal(error.into()),
        }
    }
}

pub(super) fn unknown_upload() -> RegistryError {
    RegistryError::new(
        ErrorCode::BlobUploadUnknown,
        "no such upload here; it may be finished, cancelled or too old: start a new one",
    )
}

pub(super) fn unknown_blob(digest: &Digest) -> RegistryError {
    RegistryError::new(ErrorCode::BlobUnknown, "this repository has no such blob")
        .with_detail(json!({ "digest": digest.to_string() }))
}

/// Deleting what a live manifest needs: 405, naming it (distribution-spec "Deleting Blobs").
pub(super) fn still_used(digest: &Digest, by: &Digest) -> RegistryError {
    RegistryError::new(
        ErrorCode::Unsupported,
        format!("{digest} is part of the manifest {by}; delete that first"),
    )
    .with_detail(json!({ "digest": digest.to_string(), "manifest": by.to_string() }))
}
