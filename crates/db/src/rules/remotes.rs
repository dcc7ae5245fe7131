//! When the refs of a repository on a code host are asked for, and how that went.

use crate::{
    DbError, Row, Tx,
    full_hosts::{leave_out, with_hosts},
    params,
};
use wharf_model::{RemotePath, SourceId, Timestamp};

/// How watching a remote goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatchedRemote {
    /// The account.
    pub source: SourceId,
    /// The repository's path on its host.
    pub remote: RemotePath,
    /// When it is asked next.
    pub next_at: Timestamp,
    /// Failures in a row.
    pub failures: u32,
    /// What is wrong, a key of the message catalogue; none when it answered.
    pub problem: Option<String>,
    /// What the host or git said.
    pub problem_detail: String,
    /// When it was last asked.
    pub tried_at: Option<Timestamp>,
    /// When it last answered.
    pub answered_at: Option<Timestamp>,
}

const SELECT: &str =
    "SELECT source_id, remote, next_at, failures, problem, problem_detail, tried_at, answered_at
    FROM watched_remotes WHERE";

fn read_remote(mut row: Row) -> Result<WatchedRemote, DbError> {
    let failures: u64 = row.take(3)?;
    Ok(WatchedRemote {
        source: row.take(0)?,
        remote: row.take(1)?,
        next_at: row.take(2)?,
        failures: u32::try_from(failures).unwrap_or(u32::MAX),
        problem: row.take(4)?,
        problem_detail: row.take(5)?,
        tried_at: row.take(6)?,
        answered_at: row.take(7)?,
    })
}

/// Watches a remote from `next_at` on; one that is watched already is looked at no later than that.
pub fn watch_remote(
    tx: &mut Tx<'_>,
    source: SourceId,
    remote: &RemotePath,
    next_at: Timestamp,
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO watched_remotes (source_id, remote, next_at, failures, problem_detail)
         VALUES ($1, $2, $3, 0, '')
         ON CONFLICT (source_id, remote) DO UPDATE SET next_at =
            CASE WHEN watched_remotes.next_at < excluded.next_at THEN watched_remotes.next_at
            ELSE excluded.next_at END",
        params![source, remote, next_at],
    )
    .map(drop)
}

/// Has a watched remote looked at no later than `at`; answers whether it is watched.
pub fn hasten_remote(
    tx: &mut Tx<'_>,
    source: SourceId,
    remote: &RemotePath,
    at: Timestamp,
) -> Result<bool, DbError> {
    let found = tx.execute(
        "UPDATE watched_remotes SET next_at = CASE WHEN next_at < $3 THEN next_at ELSE $3 END
         WHERE source_id = $1 AND remote = $2",
        params![source, remote, at],
    )?;
    Ok(found == 1)
}

/// Has all watched remotes of an account looked at no later than `at`.
pub fn hasten_source(tx: &mut Tx<'_>, source: SourceId, at: Timestamp) -> Result<(), DbError> {
    tx.execute(
        "UPDATE watched_remotes SET next_at = $2 WHERE source_id = $1 AND next_at > $2",
        params![source, at],
    )
    .map(drop)
}

/// Stops watching a remote that no rule builds from any more; answers whether it was the last rule.
pub fn leave_remote(
    tx: &mut Tx<'_>,
    source: SourceId,
    remote: &RemotePath,
) -> Result<bool, DbError> {
    let left = tx.execute(
        "DELETE FROM watched_remotes WHERE source_id = $1 AND remote = $2
            AND NOT EXISTS (SELECT 1 FROM rules u WHERE u.source_id = $1 AND u.remote = $2)",
        params![source, remote],
    )?;
    Ok(left == 1)
}

/// Stops watching all that no rule builds from any more: rules go with their repositories.
pub fn leave_idle_remotes(tx: &mut Tx<'_>) -> Result<Vec<(SourceId, RemotePath)>, DbError> {
    let idle = "NOT EXISTS (SELECT 1 FROM rules u WHERE u.source_id = watched_remotes.source_id
        AND u.remote = watched_remotes.remote)";
    let rows = tx.query(
        &format!("SELECT source_id, remote FROM watched_remotes WHERE {idle}"),
        &[],
    )?;
    let found: Result<Vec<(SourceId, RemotePath)>, DbError> = rows
        .into_iter()
        .map(|mut row| Ok((row.take(0)?, row.take(1)?)))
        .collect();
    tx.execute(&format!("DELETE FROM watched_remotes WHERE {idle}"), &[])?;
    found
}

/// How watching goes.
pub fn find_remote(
    tx: &mut Tx<'_>,
    source: SourceId,
    remote: &RemotePath,
) -> Result<Option<WatchedRemote>, DbError> {
    let row = tx.query_first(
        &format!("{SELECT} source_id = $1 AND remote = $2"),
        params![source, remote],
    )?;
    row.map(read_remote).transpose()
}

/// Remotes whose time has come, the longest waiting first, but for those of hosts that are `full`; each after its host's
/// address.
pub fn list_due_remotes(
    tx: &mut Tx<'_>,
    now: Timestamp,
    full: &[String],
    limit: usize,
) -> Result<Vec<(String, SourceId, RemotePath)>, DbError> {
    let left_out = leave_out("s.address", 3, full);
    let rows = tx.query(
        &format!(
            "SELECT s.address, w.source_id, w.remote FROM watched_remotes w JOIN sources s ON s.id = w.source_id
             WHERE w.next_at <= $1{left_out} ORDER BY w.next_at LIMIT $2"
        ),
        &with_hosts(params![now, limit], full),
    )?;
    rows.into_iter()
        .map(|mut row| Ok((row.take(0)?, row.take(1)?, row.take(2)?)))
        .collect()
}

/// Notes an answer of the host.
pub fn note_answer(
    tx: &mut Tx<'_>,
    source: SourceId,
    remote: &RemotePath,
    now: Timestamp,
    next_at: Timestamp,
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE watched_remotes SET failures = 0, problem = NULL, problem_detail = '', tried_at = $3, answered_at = $3,
            next_at = $4 WHERE source_id = $1 AND remote = $2",
        params![source, remote, now, next_at],
    )
    .map(drop)
}

/// Notes that the host did not answer.
pub fn note_failure(
    tx: &mut Tx<'_>,
    source: SourceId,
    remote: &RemotePath,
    problem: &str,
    detail: &str,
    now: Timestamp,
    next_at: Timestamp,
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE watched_remotes SET failures = failures + 1, problem = $3, problem_detail = $4, tried_at = $5,
            next_at = $6 WHERE source_id = $1 AND remote = $2",
        params![source, remote, problem, detail, now, next_at],
    )
    .map(drop)
}

/// Has everything looked at no later than `at`.
pub fn hasten_all(tx: &mut Tx<'_>, at: Timestamp) -> Result<(), DbError> {
    tx.execute(
        "UPDATE watched_remotes SET next_at = $1 WHERE next_at > $1",
        params![at],
    )
    .map(drop)
}
