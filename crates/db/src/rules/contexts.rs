//! Context archives that were uploaded for a build. The files are the application's.
//!
//! A row comes before the bytes and says how many there may be, so that what waits is bounded whoever uploads at once. It
//! stays for as long as the bytes may be on the disk, which is at least until the build that took the archive is over.

use crate::{DbError, Tx, params};
use wharf_model::{BuildId, ContextId, Granted, NamespaceId, Timestamp, rights::StartBuild};

/// Notes an archive of at most `size` bytes that is about to come.
pub fn reserve_context(
    tx: &mut Tx<'_>,
    granted: &Granted<StartBuild>,
    id: ContextId,
    principal: &str,
    size: u64,
    at: Timestamp,
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO build_contexts (id, repository_id, principal, size, created_at) VALUES ($1, $2, $3, $4, $5)",
        params![id, granted.repository(), principal, size, at],
    )
    .map(drop)
}

/// The archive is here, with so many bytes. Answers whether it was still waited for.
pub fn keep_context(tx: &mut Tx<'_>, id: ContextId, size: u64) -> Result<bool, DbError> {
    let kept = tx.execute(
        "UPDATE build_contexts SET size = $2 WHERE id = $1 AND build_id IS NULL",
        params![id, size],
    )?;
    Ok(kept == 1)
}

/// The archive did not come.
pub fn drop_context(tx: &mut Tx<'_>, id: ContextId) -> Result<(), DbError> {
    tx.execute("DELETE FROM build_contexts WHERE id = $1", params![id])
        .map(drop)
}

/// How many archives of a principal wait that no build took.
pub fn count_contexts(tx: &mut Tx<'_>, principal: &str) -> Result<u64, DbError> {
    let row = tx.query_first(
        "SELECT COUNT(*) FROM build_contexts WHERE principal = $1 AND build_id IS NULL",
        params![principal],
    )?;
    row.map_or(Ok(0), |mut row| row.take(0))
}

/// How many bytes the archives of a namespace have or may come to, with those of its open builds.
pub fn measure_contexts(tx: &mut Tx<'_>, namespace: NamespaceId) -> Result<u64, DbError> {
    let row = tx.query_first(
        "SELECT CAST(COALESCE(SUM(c.size), 0) AS BIGINT) FROM build_contexts c
            JOIN repositories r ON r.id = c.repository_id
         WHERE r.namespace_id = $1 AND (c.build_id IS NULL OR EXISTS (
            SELECT 1 FROM builds b WHERE b.id = c.build_id AND b.state IN ('queued', 'running')))",
        params![namespace],
    )?;
    row.map_or(Ok(0), |mut row| row.take(0))
}

/// Takes an archive for a build, once; answers whether the principal uploaded it for this repository.
pub fn take_context(
    tx: &mut Tx<'_>,
    granted: &Granted<StartBuild>,
    id: ContextId,
    principal: &str,
    build: BuildId,
) -> Result<bool, DbError> {
    let taken = tx.execute(
        "UPDATE build_contexts SET build_id = $4
         WHERE id = $1 AND repository_id = $2 AND principal = $3 AND build_id IS NULL",
        params![id, granted.repository(), principal, build],
    )?;
    Ok(taken == 1)
}

/// The bytes of the archive that a build took, while they are kept.
pub fn find_size(tx: &mut Tx<'_>, build: BuildId) -> Result<Option<u64>, DbError> {
    let row = tx.query_first(
        "SELECT size FROM build_contexts WHERE build_id = $1",
        params![build],
    )?;
    row.map(|mut row| row.take(0)).transpose()
}

/// Counts what a build took for one that repeats it as well: either's file keeps the bytes on the disk.
pub fn repeat_context(
    tx: &mut Tx<'_>,
    first: BuildId,
    again: BuildId,
    at: Timestamp,
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO build_contexts (id, repository_id, principal, size, created_at, build_id)
         SELECT CAST($1 AS TEXT), repository_id, principal, size, CAST($4 AS BIGINT), CAST($3 AS TEXT)
         FROM build_contexts WHERE build_id = $2",
        params![ContextId::new(), first, again, at],
    )
    .map(drop)
}

/// An archive whose build is over. Its file may still be there, for the build to be tried again.
#[derive(Debug, Clone)]
pub struct SettledContext {
    /// The archive.
    pub id: ContextId,
    /// The build that took it.
    pub build: BuildId,
    /// Its bytes.
    pub size: u64,
}

/// Archives whose builds are over, of one namespace or of all, the oldest first.
pub fn list_settled(
    tx: &mut Tx<'_>,
    namespace: Option<NamespaceId>,
) -> Result<Vec<SettledContext>, DbError> {
    let namespace = namespace.map(|id| id.to_string()).unwrap_or_default();
    let rows = tx.query(
        "SELECT c.id, c.build_id, c.size FROM build_contexts c JOIN repositories r ON r.id = c.repository_id
         WHERE c.build_id IS NOT NULL AND ($1 = '' OR r.namespace_id = $1) AND NOT EXISTS (
            SELECT 1 FROM builds b WHERE b.id = c.build_id AND b.state IN ('queued', 'running'))
         ORDER BY c.created_at, c.id",
        params![namespace],
    )?;
    let read = |mut row: crate::Row| {
        Ok(SettledContext {
            id: row.take(0)?,
            build: row.take(1)?,
            size: row.take(2)?,
        })
    };
    rows.into_iter().map(read).collect()
}

/// Gives up archives that nobody took until `before`.
pub fn give_up_contexts(tx: &mut Tx<'_>, before: Timestamp) -> Result<(), DbError> {
    tx.execute(
        "DELETE FROM build_contexts WHERE build_id IS NULL AND created_at < $1",
        params![before],
    )
    .map(drop)
}

/// Whether an archive waits for a build: the file of one that does not is garbage.
pub fn is_waiting(tx: &mut Tx<'_>, id: ContextId) -> Result<bool, DbError> {
    let row = tx.query_first(
        "SELECT 1 FROM build_contexts WHERE id = $1 AND build_id IS NULL",
        params![id],
    )?;
    Ok(row.is_some())
}
