//! Upload sessions: bound to a repository and a principal, resumable after a restart.

use crate::{DbError, Row, Tx, params};
use wharf_model::{Granted, Timestamp, UploadKey, rights::Push};
use wharf_oci::Algorithm;

/// A session as it was after its last finished request.
#[derive(Debug, Clone)]
pub struct UploadRow {
    /// The session.
    pub key: UploadKey,
    /// What the bytes are hashed with.
    pub algorithm: Algorithm,
    /// Bytes received so far.
    pub received: u64,
    /// The hash of these bytes, to go on with.
    pub hash_state: Vec<u8>,
}

/// Opens a session.
pub fn insert_upload(
    tx: &mut Tx<'_>,
    granted: &Granted<Push>,
    principal: &str,
    new: &UploadRow,
    at: Timestamp,
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO uploads (id, repository_id, principal, algorithm, received, hash_state, created_at, touched_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $7)",
        params![
            new.key,
            granted.repository(),
            principal,
            new.algorithm,
            new.received,
            new.hash_state,
            at
        ],
    )
    .map(drop)
}

/// Open sessions of a principal.
pub fn count_uploads(tx: &mut Tx<'_>, principal: &str) -> Result<u64, DbError> {
    let row = tx.query_first(
        "SELECT COUNT(*) FROM uploads WHERE principal = $1",
        params![principal],
    )?;
    row.map_or(Ok(0), |mut row| row.take(0))
}

/// Finds a session of this repository and principal; another one's session is not found.
pub fn find_upload(
    tx: &mut Tx<'_>,
    granted: &Granted<Push>,
    principal: &str,
    key: UploadKey,
) -> Result<Option<UploadRow>, DbError> {
    let row = tx.query_first(
        "SELECT id, algorithm, received, hash_state FROM uploads
         WHERE id = $1 AND repository_id = $2 AND principal = $3",
        params![key, granted.repository(), principal],
    )?;
    row.map(read_upload).transpose()
}

fn read_upload(mut row: Row) -> Result<UploadRow, DbError> {
    Ok(UploadRow {
        key: row.take(0)?,
        algorithm: row.take(1)?,
        received: row.take(2)?,
        hash_state: row.take(3)?,
    })
}

/// Keeps what a finished request received. Answers whether the session still existed.
pub fn save_progress(
    tx: &mut Tx<'_>,
    key: UploadKey,
    received: u64,
    hash_state: &[u8],
    at: Timestamp,
) -> Result<bool, DbError> {
    let saved = tx.execute(
        "UPDATE uploads SET received = $2, hash_state = $3, touched_at = $4 WHERE id = $1",
        params![key, received, hash_state, at],
    )?;
    Ok(saved == 1)
}

/// Ends a session. Answers whether it existed.
pub fn delete_upload(tx: &mut Tx<'_>, key: UploadKey) -> Result<bool, DbError> {
    Ok(tx.execute("DELETE FROM uploads WHERE id = $1", params![key])? == 1)
}

/// Sessions that nobody touched since `before`, at most `limit`.
pub fn list_stale_uploads(
    tx: &mut Tx<'_>,
    before: Timestamp,
    limit: usize,
) -> Result<Vec<UploadKey>, DbError> {
    let rows = tx.query(
        "SELECT id FROM uploads WHERE touched_at < $1 ORDER BY touched_at LIMIT $2",
        params![before, limit],
    )?;
    rows.into_iter().map(|mut row| row.take(0)).collect()
}

/// Whether a session exists, whoever owns it: files of sessions that do not are swept at start.
pub fn exists(tx: &mut Tx<'_>, key: UploadKey) -> Result<bool, DbError> {
    let row = tx.query_first("SELECT 1 FROM uploads WHERE id = $1", params![key])?;
    Ok(row.is_some())
}
