//! Sign-ins to code hosts by device code that are under way. The device code itself is in `secrets`.

use crate::{DbError, Row, Tx, params};
use wharf_model::{DeviceLoginId, SourceAddress, SourceKind, Timestamp, UserId};

/// The table's name, as secrets are bound to it.
pub const TABLE: &str = "device_logins";

/// A sign-in under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceLogin {
    /// The id.
    pub id: DeviceLoginId,
    /// Who signs in.
    pub owner: UserId,
    /// What software the host runs.
    pub kind: SourceKind,
    /// Where it is.
    pub address: SourceAddress,
    /// PEM: authorities that are believed for this host beside the system's.
    pub ca: Option<String>,
    /// What the person types.
    pub user_code: String,
    /// Where the person types it.
    pub verification_url: String,
    /// How long to wait between two questions, in seconds.
    pub poll_seconds: u64,
    /// Before then the host is not asked.
    pub next_poll_at: Timestamp,
    /// When the code ends.
    pub expires_at: Timestamp,
    /// When it began.
    pub created_at: Timestamp,
}

fn read_login(mut row: Row) -> Result<DeviceLogin, DbError> {
    Ok(DeviceLogin {
        id: row.take(0)?,
        owner: row.take(1)?,
        kind: row.take(2)?,
        address: row.take(3)?,
        ca: row.take(4)?,
        user_code: row.take(5)?,
        verification_url: row.take(6)?,
        poll_seconds: row.take(7)?,
        next_poll_at: row.take(8)?,
        expires_at: row.take(9)?,
        created_at: row.take(10)?,
    })
}

/// Keeps a sign-in.
pub fn insert_login(tx: &mut Tx<'_>, new: &DeviceLogin) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO device_logins (id, user_id, kind, address, ca, user_code, verification_url, poll_seconds,
            next_poll_at, expires_at, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        params![
            new.id,
            new.owner,
            new.kind,
            new.address,
            new.ca,
            new.user_code,
            new.verification_url,
            new.poll_seconds,
            new.next_poll_at,
            new.expires_at,
            new.created_at
        ],
    )
    .map(drop)
}

/// How many sign-ins a person has under way.
pub fn count_logins(tx: &mut Tx<'_>, owner: UserId) -> Result<u64, DbError> {
    let row = tx.query_first(
        "SELECT COUNT(*) FROM device_logins WHERE user_id = $1",
        params![owner],
    )?;
    row.map_or(Ok(0), |mut row| row.take(0))
}

/// One of a person's sign-ins.
pub fn find_login(
    tx: &mut Tx<'_>,
    owner: UserId,
    id: DeviceLoginId,
) -> Result<Option<DeviceLogin>, DbError> {
    let row = tx.query_first(
        "SELECT id, user_id, kind, address, ca, user_code, verification_url, poll_seconds, next_poll_at, expires_at,
            created_at
         FROM device_logins WHERE user_id = $1 AND id = $2",
        params![owner, id],
    )?;
    row.map(read_login).transpose()
}

/// Takes the turn to ask the host, if it has come; answers whether it has. Of several that try at once one is told so.
pub fn claim_poll(
    tx: &mut Tx<'_>,
    id: DeviceLoginId,
    now: Timestamp,
    next: Timestamp,
) -> Result<bool, DbError> {
    let claimed = tx.execute(
        "UPDATE device_logins SET next_poll_at = $3 WHERE id = $1 AND next_poll_at <= $2",
        params![id, now, next],
    )?;
    Ok(claimed == 1)
}

/// The host asked for more time between two questions (RFC 8628 section 3.5, `slow_down`).
pub fn slow_down(
    tx: &mut Tx<'_>,
    id: DeviceLoginId,
    seconds: u64,
    next: Timestamp,
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE device_logins SET poll_seconds = $2, next_poll_at = $3 WHERE id = $1",
        params![id, seconds, next],
    )
    .map(drop)
}

/// Removes a sign-in with its device code; answers whether it was there.
pub fn delete_login(tx: &mut Tx<'_>, id: DeviceLoginId) -> Result<bool, DbError> {
    crate::secrets::forget_secrets(tx, TABLE, id)?;
    let removed = tx.execute("DELETE FROM device_logins WHERE id = $1", params![id])?;
    Ok(removed == 1)
}

/// Removes what ended before `now`; the secrets are swept by [`crate::secrets::sweep_secrets`].
pub fn delete_expired_logins(tx: &mut Tx<'_>, now: Timestamp) -> Result<u64, DbError> {
    tx.execute(
        "DELETE FROM device_logins WHERE expires_at < $1",
        params![now],
    )
}
