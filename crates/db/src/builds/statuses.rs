//! What the code host shall show at a commit: the latest state wins, and it is told until the host took it.

use crate::{DbError, Tx, params};
use wharf_model::{BuildId, Timestamp, builds::BuildState};

/// A state to be told.
#[derive(Debug, Clone)]
pub struct StatusRow {
    /// Of which build.
    pub build: BuildId,
    /// What to tell.
    pub wanted: BuildState,
    /// How often it was tried in vain.
    pub attempts: u32,
}

/// Whether a build's states are shown on its code host.
pub fn has_status(tx: &mut Tx<'_>, build: BuildId) -> Result<bool, DbError> {
    let row = tx.query_first(
        "SELECT 1 FROM build_statuses WHERE build_id = $1",
        params![build],
    )?;
    Ok(row.is_some())
}

/// Asks for a build's state to be shown from now on.
pub fn want_status(
    tx: &mut Tx<'_>,
    build: BuildId,
    state: BuildState,
    at: Timestamp,
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO build_statuses (build_id, wanted, attempts, next_at) VALUES ($1, $2, 0, $3)
         ON CONFLICT (build_id) DO UPDATE SET wanted = excluded.wanted, attempts = 0, next_at = excluded.next_at",
        params![build, state, at],
    )
    .map(drop)
}

/// Asks for the new state to be shown, of a build whose states are.
pub(super) fn follow_status(
    tx: &mut Tx<'_>,
    build: BuildId,
    state: BuildState,
    at: Timestamp,
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE build_statuses SET wanted = $2, attempts = 0, next_at = $3 WHERE build_id = $1",
        params![build, state, at],
    )
    .map(drop)
}

/// States that are to be told now, at most `limit`.
pub fn find_due_statuses(
    tx: &mut Tx<'_>,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<StatusRow>, DbError> {
    let rows = tx.query(
        "SELECT build_id, wanted, attempts FROM build_statuses WHERE next_at <= $1 ORDER BY next_at LIMIT $2",
        params![now, limit],
    )?;
    rows.into_iter()
        .map(|mut row| {
            Ok(StatusRow {
                build: row.take(0)?,
                wanted: row.take(1)?,
                attempts: row.take(2)?,
            })
        })
        .collect()
}

/// Notes what became of telling `told`: taken, to be tried again at `next_at`, or given up. A state that came meanwhile
/// is told next.
pub fn note_status(
    tx: &mut Tx<'_>,
    build: BuildId,
    told: BuildState,
    error: Option<&str>,
    next_at: Option<Timestamp>,
) -> Result<(), DbError> {
    let sent = error.is_none().then_some(told);
    tx.execute(
        "UPDATE build_statuses SET sent = COALESCE(CAST($3 AS TEXT), sent), attempts = attempts + 1,
            error = CAST($4 AS TEXT), next_at = CASE WHEN wanted = $2 THEN CAST($5 AS BIGINT) ELSE next_at END
         WHERE build_id = $1",
        params![build, told, sent, error, next_at],
    )
    .map(drop)
}
