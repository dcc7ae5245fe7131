//! What still has to be removed at a code host after its rows here are gone. The token to do it with is in `secrets`.

use crate::{
    DbError, Row, Tx,
    full_hosts::{leave_out, with_hosts},
    params,
};
use wharf_model::{RemotePath, RemovalId, SourceAddress, SourceKind, Timestamp, UserId};

/// The table's name, as secrets are bound to it.
pub const TABLE: &str = "host_removals";

/// Something to be removed at a code host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostRemoval {
    /// The id.
    pub id: RemovalId,
    /// Whose source it was; the account may be gone.
    pub owner: UserId,
    /// The owner's login name.
    pub owner_name: String,
    /// `webhook`.
    pub what: String,
    /// What software the host runs.
    pub kind: SourceKind,
    /// Where it is.
    pub address: SourceAddress,
    /// PEM: authorities that are believed for this host beside the system's.
    pub ca: Option<String>,
    /// The repository there.
    pub remote: RemotePath,
    /// What the host calls it.
    pub host_id: String,
    /// How often it was tried.
    pub attempts: u64,
    /// When it is tried again.
    pub next_at: Timestamp,
    /// Why it did not succeed so far.
    pub problem_detail: String,
    /// Nobody tries any longer.
    pub given_up: bool,
    /// Since when.
    pub created_at: Timestamp,
}

const SELECT: &str =
    "SELECT id, user_id, username, what, kind, address, ca, remote, host_id, attempts, next_at,
    problem_detail, given_up, created_at FROM host_removals";

fn read_removal(mut row: Row) -> Result<HostRemoval, DbError> {
    Ok(HostRemoval {
        id: row.take(0)?,
        owner: row.take(1)?,
        owner_name: row.take(2)?,
        what: row.take(3)?,
        kind: row.take(4)?,
        address: row.take(5)?,
        ca: row.take(6)?,
        remote: row.take(7)?,
        host_id: row.take(8)?,
        attempts: row.take(9)?,
        next_at: row.take(10)?,
        problem_detail: row.take(11)?,
        given_up: row.take(12)?,
        created_at: row.take(13)?,
    })
}

/// Notes something to be removed.
pub fn insert_removal(tx: &mut Tx<'_>, new: &HostRemoval) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO host_removals (id, user_id, username, what, kind, address, ca, remote, host_id, attempts, next_at,
            problem_detail, given_up, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        params![
            new.id,
            new.owner,
            new.owner_name,
            new.what,
            new.kind,
            new.address,
            new.ca,
            new.remote,
            new.host_id,
            new.attempts,
            new.next_at,
            new.problem_detail,
            new.given_up,
            new.created_at
        ],
    )
    .map(drop)
}

/// What is to be tried by `now`, but for what is at hosts that are `full`.
pub fn list_due_removals(
    tx: &mut Tx<'_>,
    now: Timestamp,
    full: &[String],
    limit: usize,
) -> Result<Vec<HostRemoval>, DbError> {
    let left_out = leave_out("address", 3, full);
    let rows = tx.query(
        &format!(
            "{SELECT} WHERE NOT given_up AND next_at <= $1{left_out} ORDER BY next_at, id LIMIT $2"
        ),
        &with_hosts(params![now, limit], full),
    )?;
    rows.into_iter().map(read_removal).collect()
}

/// What is still to be removed, of one person or of all, after `after`.
pub fn list_removals(
    tx: &mut Tx<'_>,
    owner: Option<UserId>,
    after: &str,
    limit: usize,
) -> Result<Vec<HostRemoval>, DbError> {
    let rows = tx.query(
        &format!(
            "{SELECT} WHERE (CAST($1 AS TEXT) IS NULL OR user_id = $1) AND id > $2 ORDER BY id LIMIT $3"
        ),
        params![owner, after, limit],
    )?;
    rows.into_iter().map(read_removal).collect()
}

/// One of them, of one person or of all.
pub fn find_removal(
    tx: &mut Tx<'_>,
    owner: Option<UserId>,
    id: RemovalId,
) -> Result<Option<HostRemoval>, DbError> {
    let row = tx.query_first(
        &format!("{SELECT} WHERE (CAST($1 AS TEXT) IS NULL OR user_id = $1) AND id = $2"),
        params![owner, id],
    )?;
    row.map(read_removal).transpose()
}

/// Notes that it did not succeed. Who gives up keeps no token.
pub fn record_failure(
    tx: &mut Tx<'_>,
    id: RemovalId,
    detail: &str,
    next_at: Timestamp,
    given_up: bool,
) -> Result<(), DbError> {
    if given_up {
        crate::secrets::forget_secrets(tx, TABLE, id)?;
    }
    tx.execute(
        "UPDATE host_removals SET attempts = attempts + 1, next_at = $2, problem_detail = $3, given_up = $4
         WHERE id = $1",
        params![id, next_at, detail, given_up],
    )
    .map(drop)
}

/// It is done, or nobody wants it any longer.
pub fn delete_removal(tx: &mut Tx<'_>, id: RemovalId) -> Result<bool, DbError> {
    crate::secrets::forget_secrets(tx, TABLE, id)?;
    let removed = tx.execute("DELETE FROM host_removals WHERE id = $1", params![id])?;
    Ok(removed == 1)
}
