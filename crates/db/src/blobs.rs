//! Blobs, and the links that let a repository's readers see them.

use crate::{DbError, FromValue, Tx, Value, params};
use wharf_model::{
    Granted, RepositoryId, Timestamp,
    rights::{Delete, Pull, Push},
};
use wharf_oci::Digest;

/// Whether a blob's bytes would survive a power loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlobState {
    /// Verified and visible, not yet durable.
    Staged,
    /// Durable and whole.
    Present,
}

/// A blob as a repository's reader sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkedBlob {
    /// Bytes.
    pub size: u64,
    /// Durability.
    pub state: BlobState,
}

impl FromValue for BlobState {
    fn from_value(value: Value<'static>) -> Option<Self> {
        Some(match String::from_value(value)?.as_str() {
            "present" => Self::Present,
            _ => Self::Staged,
        })
    }
}

fn find(
    tx: &mut Tx<'_>,
    repository: RepositoryId,
    digest: &Digest,
) -> Result<Option<LinkedBlob>, DbError> {
    let row = tx.query_first(
        "SELECT b.size, b.state FROM repository_blobs l JOIN blobs b ON b.digest = l.digest
         WHERE l.repository_id = $1 AND l.digest = $2",
        params![repository, digest],
    )?;
    row.map(|mut row| {
        Ok(LinkedBlob {
            size: row.take(0)?,
            state: row.take(1)?,
        })
    })
    .transpose()
}

/// Finds a blob through its link to a repository that the caller may read.
pub fn find_linked_blob(
    tx: &mut Tx<'_>,
    granted: &Granted<Pull>,
    digest: &Digest,
) -> Result<Option<LinkedBlob>, DbError> {
    find(tx, granted.repository(), digest)
}

/// The same for a repository that the caller may push to.
pub fn find_pushed_blob(
    tx: &mut Tx<'_>,
    granted: &Granted<Push>,
    digest: &Digest,
) -> Result<Option<LinkedBlob>, DbError> {
    find(tx, granted.repository(), digest)
}

/// Notes that a verified blob is in the store, and links it to the repository it was pushed to.
pub fn link_uploaded_blob(
    tx: &mut Tx<'_>,
    granted: &Granted<Push>,
    digest: &Digest,
    size: u64,
    at: Timestamp,
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO blobs (digest, size, state, created_at) VALUES ($1, $2, 'staged', $3)
         ON CONFLICT (digest) DO NOTHING",
        params![digest, size, at],
    )?;
    link(tx, granted, digest, size, at)
}

/// Links a blob that another repository has, seen through the right to read that one.
pub fn mount_blob(
    tx: &mut Tx<'_>,
    granted: &Granted<Push>,
    source: &Granted<Pull>,
    digest: &Digest,
    at: Timestamp,
) -> Result<Option<LinkedBlob>, DbError> {
    let Some(blob) = find(tx, source.repository(), digest)? else {
        return Ok(None);
    };
    link(tx, granted, digest, blob.size, at)?;
    Ok(Some(blob))
}

fn link(
    tx: &mut Tx<'_>,
    granted: &Granted<Push>,
    digest: &Digest,
    size: u64,
    at: Timestamp,
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO repository_blobs (repository_id, digest, size, linked_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (repository_id, digest) DO NOTHING",
        params![granted.repository(), digest, size, at],
    )
    .map(drop)
}

/// Removes the link; the bytes stay until they are collected. Answers whether there was one.
pub fn unlink_blob(
    tx: &mut Tx<'_>,
    granted: &Granted<Delete>,
    digest: &Digest,
) -> Result<bool, DbError> {
    let removed = tx.execute(
        "DELETE FROM repository_blobs WHERE repository_id = $1 AND digest = $2",
        params![granted.repository(), digest],
    )?;
    Ok(removed == 1)
}

/// Notes that the bytes survive a power loss from now on. Answers whether the blob still had its row: it may have been
/// forgotten meanwhile.
pub fn mark_present(tx: &mut Tx<'_>, digest: &Digest) -> Result<bool, DbError> {
    let marked = tx.execute(
        "UPDATE blobs SET state = 'present' WHERE digest = $1",
        params![digest],
    )?;
    Ok(marked == 1)
}

/// Forgets a staged blob whose bytes were lost: nobody hears again that it is there. A `present` blob stays, its loss
/// is damage for `wharf fsck` to report.
pub fn forget_staged_blob(tx: &mut Tx<'_>, digest: &Digest) -> Result<(), DbError> {
    let staged = "SELECT digest FROM blobs WHERE digest = $1 AND state = 'staged'";
    tx.execute(
        &format!("DELETE FROM repository_blobs WHERE digest IN ({staged})"),
        params![digest],
    )?;
    tx.execute(
        "DELETE FROM blobs WHERE digest = $1 AND state = 'staged'",
        params![digest],
    )
    .map(drop)
}

/// Repositories that have a blob, for a mount that names no source; at most `limit`.
pub fn list_holders(
    tx: &mut Tx<'_>,
    digest: &Digest,
    limit: usize,
) -> Result<Vec<wharf_model::Facts>, DbError> {
    let rows = tx.query(
        "SELECT r.id, r.namespace_id, r.name, r.public FROM repository_blobs l
         JOIN repositories r ON r.id = l.repository_id WHERE l.digest = $1 ORDER BY r.id LIMIT $2",
        params![digest, limit],
    )?;
    rows.into_iter()
        .map(|mut row| {
            Ok(wharf_model::Facts {
                repository: row.take(0)?,
                namespace: row.take(1)?,
                name: row.take(2)?,
                public: row.take(3)?,
            })
        })
        .collect()
}

/// One page of all blob rows after `after`, for `wharf fsck`.
pub fn list_blobs(
    tx: &mut Tx<'_>,
    after: &str,
    limit: usize,
) -> Result<Vec<(Digest, u64, BlobState)>, DbError> {
    let rows = tx.query(
        "SELECT digest, size, state FROM blobs WHERE digest > $1 ORDER BY digest LIMIT $2",
        params![after, limit],
    )?;
    rows.into_iter()
        .map(|mut row| Ok((row.take(0)?, row.take(1)?, row.take(2)?)))
        .collect()
}

/// Whether a row says that the blob is there.
pub fn is_known(tx: &mut Tx<'_>, digest: &Digest) -> Result<bool, DbError> {
    let row = tx.query_first("SELECT 1 FROM blobs WHERE digest = $1", params![digest])?;
    Ok(row.is_some())
}
