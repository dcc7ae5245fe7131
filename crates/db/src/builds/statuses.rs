//! What the code host shall show at a commit: the latest state wins, and it is told until the host took it.

use crate::{
    DbError, Tx,
    full_hosts::{leave_out, with_hosts},
    params,
};
use wharf_model::{BuildId, Timestamp, builds::BuildState};

/// A state to be told.
#[derive(Debug, Clone)]
pub struct StatusRow {
    /// Of which build.
    pub build: BuildId,
    /// What to tell.
    pub wanted: BuildState,
    /// What the host took last.
    pub sent: Option<BuildState>,
    /// How often it was tried in vain.
    pub attempts: u32,
    /// The code host's address.
    pub host: String,
    /// The same for all states that are shown in one place: they are told one after the other.
    pub place: String,
}

/// What a build that was queued after this one says about the same commit of the same rule counts; this one's states are
/// not told any more, or the older might be the last to arrive. A condition on `build_statuses`.
const OVERTAKEN: &str =
    "EXISTS (SELECT 1 FROM builds old JOIN builds new ON new.repository_id = old.repository_id
        AND new.commit_id = old.commit_id AND new.rule_id = old.rule_id AND new.number > old.number
     JOIN build_statuses later ON later.build_id = new.id
     WHERE old.id = build_statuses.build_id)";

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
    )?;
    tx.execute(
        &format!(
            "UPDATE build_statuses SET next_at = NULL WHERE next_at IS NOT NULL AND {OVERTAKEN}"
        ),
        &[],
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
        &format!(
            "UPDATE build_statuses SET wanted = $2, attempts = 0,
                next_at = CASE WHEN {OVERTAKEN} THEN NULL ELSE CAST($3 AS BIGINT) END WHERE build_id = $1"
        ),
        params![build, state, at],
    )
    .map(drop)
}

/// States that are to be told now, at most `limit`, but for those of hosts that are `full`; of one commit the older build's
/// first.
pub fn find_due_statuses(
    tx: &mut Tx<'_>,
    now: Timestamp,
    full: &[String],
    limit: usize,
) -> Result<Vec<StatusRow>, DbError> {
    let left_out = leave_out("COALESCE(u.source_address, '')", 3, full);
    let rows = tx.query(
        &format!(
            "SELECT build_statuses.build_id, build_statuses.wanted, build_statuses.sent, build_statuses.attempts,
                COALESCE(u.source_address, ''), b.repository_id || '@' || COALESCE(b.commit_id, b.id)
             FROM build_statuses JOIN builds b ON b.id = build_statuses.build_id LEFT JOIN rules u ON u.id = b.rule_id
             WHERE build_statuses.next_at <= $1{left_out}
             ORDER BY build_statuses.next_at, b.number LIMIT $2"
        ),
        &with_hosts(params![now, limit], full),
    )?;
    rows.into_iter()
        .map(|mut row| {
            Ok(StatusRow {
                build: row.take(0)?,
                wanted: row.take(1)?,
                sent: row.take(2)?,
                attempts: row.take(3)?,
                host: row.take(4)?,
                place: row.take(5)?,
            })
        })
        .collect()
}

/// Notes what became of telling `told`: taken, to be tried again at `next_at`, or given up. A state that came meanwhile
/// is told next; what a later build of the commit overtook is told no more.
pub fn note_status(
    tx: &mut Tx<'_>,
    build: BuildId,
    told: BuildState,
    error: Option<&str>,
    next_at: Option<Timestamp>,
) -> Result<(), DbError> {
    let sent = error.is_none().then_some(told);
    tx.execute(
        &format!(
            "UPDATE build_statuses SET sent = COALESCE(CAST($3 AS TEXT), sent), attempts = attempts + 1,
                error = CAST($4 AS TEXT), next_at = CASE WHEN {OVERTAKEN} THEN NULL
                    WHEN wanted = $2 THEN CAST($5 AS BIGINT) ELSE next_at END
             WHERE build_id = $1"
        ),
        params![build, told, sent, error, next_at],
    )
    .map(drop)
}
