//! Context archives that were uploaded for a build that is not started yet. The files are the application's.

use crate::{DbError, Tx, params};
use wharf_model::{ContextId, Granted, RepositoryId, Timestamp, rights::StartBuild};

/// Notes an archive.
pub fn insert_context(
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

/// How many archives of a principal wait.
pub fn count_contexts(tx: &mut Tx<'_>, principal: &str) -> Result<u64, DbError> {
    let row = tx.query_first(
        "SELECT COUNT(*) FROM build_contexts WHERE principal = $1",
        params![principal],
    )?;
    row.map_or(Ok(0), |mut row| row.take(0))
}

/// Takes an archive for a build, once; answers whether the principal uploaded it for this repository.
pub fn take_context(
    tx: &mut Tx<'_>,
    granted: &Granted<StartBuild>,
    id: ContextId,
    principal: &str,
) -> Result<bool, DbError> {
    let taken = tx.execute(
        "DELETE FROM build_contexts WHERE id = $1 AND repository_id = $2 AND principal = $3",
        params![id, granted.repository(), principal],
    )?;
    Ok(taken == 1)
}

/// Gives up archives that nobody took until `before`; answers their ids.
pub fn give_up_contexts(tx: &mut Tx<'_>, before: Timestamp) -> Result<Vec<ContextId>, DbError> {
    let rows = tx.query(
        "SELECT id FROM build_contexts WHERE created_at < $1",
        params![before],
    )?;
    let old: Result<Vec<ContextId>, DbError> =
        rows.into_iter().map(|mut row| row.take(0)).collect();
    tx.execute(
        "DELETE FROM build_contexts WHERE created_at < $1",
        params![before],
    )?;
    old
}

/// Whether an archive still waits: a file without a row is garbage.
pub fn is_waiting(
    tx: &mut Tx<'_>,
    id: ContextId,
    repository: Option<RepositoryId>,
) -> Result<bool, DbError> {
    let row = tx.query_first(
        "SELECT repository_id FROM build_contexts WHERE id = $1",
        params![id],
    )?;
    let found: Option<RepositoryId> = row.map(|mut row| row.take(0)).transpose()?;
    Ok(found.is_some_and(|found| repository.is_none_or(|wanted| wanted == found)))
}
