//! Sessions of people at a browser. A session's secret is nowhere; lists and ends take their owner, so that nobody
//! reaches another's.

use crate::{DbError, Row, Tx, params};
use wharf_model::{SessionId, Timestamp, UserId};

/// A session as its owner sees it.
#[derive(Debug, Clone)]
pub struct Session {
    /// The id.
    pub id: SessionId,
    /// What is kept of its secret.
    pub secret_hash: Vec<u8>,
    /// What the browser calls itself.
    pub user_agent: String,
    /// Where it began.
    pub address: String,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used, to a minute.
    pub last_seen_at: Timestamp,
    /// When it ends whatever happens.
    pub expires_at: Timestamp,
}

const COLUMNS: &str =
    "s.id, s.secret_hash, s.user_agent, s.address, s.created_at, s.last_seen_at, s.expires_at";

fn read_session(mut row: Row) -> Result<Session, DbError> {
    Ok(Session {
        id: row.take(0)?,
        secret_hash: row.take(1)?,
        user_agent: row.take(2)?,
        address: row.take(3)?,
        created_at: row.take(4)?,
        last_seen_at: row.take(5)?,
        expires_at: row.take(6)?,
    })
}

/// Begins a session of `owner` at the account's present version; answers whether there is such an account.
pub fn insert_session(tx: &mut Tx<'_>, owner: UserId, new: &Session) -> Result<bool, DbError> {
    let made = tx.execute(
        "INSERT INTO sessions (id, user_id, secret_hash, version, user_agent, address, created_at,
            last_seen_at, expires_at)
         SELECT $1, id, $3, version, $4, $5, $6, $7, $8 FROM users WHERE id = $2",
        params![
            new.id,
            owner,
            new.secret_hash,
            new.user_agent,
            new.address,
            new.created_at,
            new.last_seen_at,
            new.expires_at
        ],
    )?;
    Ok(made == 1)
}

/// A session, for recognizing whoever brings its secret.
#[derive(Debug, Clone, Copy)]
pub struct SessionCredential {
    /// Whose it is.
    pub user: UserId,
    /// The account's version when it began.
    pub version: i64,
    /// When it was last used.
    pub last_seen_at: Timestamp,
    /// When it ends whatever happens.
    pub expires_at: Timestamp,
}

/// The session with this hash of its secret.
pub fn find_session(
    tx: &mut Tx<'_>,
    secret_hash: &[u8],
) -> Result<Option<SessionCredential>, DbError> {
    let row = tx.query_first(
        "SELECT user_id, version, last_seen_at, expires_at FROM sessions WHERE secret_hash = $1",
        params![secret_hash],
    )?;
    row.map(|mut row| {
        Ok(SessionCredential {
            user: row.take(0)?,
            version: row.take(1)?,
            last_seen_at: row.take(2)?,
            expires_at: row.take(3)?,
        })
    })
    .transpose()
}

/// Notes that a session was used.
pub fn note_seen(tx: &mut Tx<'_>, secret_hash: &[u8], at: Timestamp) -> Result<(), DbError> {
    tx.execute(
        "UPDATE sessions SET last_seen_at = $2 WHERE secret_hash = $1 AND last_seen_at < $2",
        params![secret_hash, at],
    )
    .map(drop)
}

/// The owner's sessions that are good now, those used last first: of the present version, used after `idle_since`, and
/// ending after `now`.
pub fn list_sessions(
    tx: &mut Tx<'_>,
    owner: UserId,
    idle_since: Timestamp,
    now: Timestamp,
) -> Result<Vec<Session>, DbError> {
    let rows = tx.query(
        &format!(
            "SELECT {COLUMNS} FROM sessions s JOIN users u ON u.id = s.user_id
             WHERE s.user_id = $1 AND s.version = u.version AND s.last_seen_at > $2 AND s.expires_at > $3
             ORDER BY s.last_seen_at DESC, s.id DESC"
        ),
        params![owner, idle_since, now],
    )?;
    rows.into_iter().map(read_session).collect()
}

/// Ends the session with this hash of its secret.
pub fn delete_by_secret(tx: &mut Tx<'_>, secret_hash: &[u8]) -> Result<(), DbError> {
    tx.execute(
        "DELETE FROM sessions WHERE secret_hash = $1",
        params![secret_hash],
    )
    .map(drop)
}

/// Ends one of the owner's sessions; answers what is kept of its secret if there was one.
pub fn delete_session(
    tx: &mut Tx<'_>,
    owner: UserId,
    id: SessionId,
) -> Result<Option<Vec<u8>>, DbError> {
    let row = tx.query_first(
        "SELECT secret_hash FROM sessions WHERE user_id = $1 AND id = $2",
        params![owner, id],
    )?;
    let Some(mut row) = row else { return Ok(None) };
    tx.execute(
        "DELETE FROM sessions WHERE user_id = $1 AND id = $2",
        params![owner, id],
    )?;
    row.take(0).map(Some)
}

/// Ends all but the `keep` sessions of the owner that were used last; answers what is kept of their secrets.
pub fn delete_beyond(tx: &mut Tx<'_>, owner: UserId, keep: usize) -> Result<Vec<Vec<u8>>, DbError> {
    let rows = tx.query(
        "SELECT secret_hash FROM sessions WHERE user_id = $1
         ORDER BY last_seen_at DESC, id DESC LIMIT 1000000 OFFSET $2",
        params![owner, keep],
    )?;
    let hashes: Vec<Vec<u8>> = rows
        .into_iter()
        .map(|mut row| row.take(0))
        .collect::<Result<_, _>>()?;
    for hash in &hashes {
        delete_by_secret(tx, hash)?;
    }
    Ok(hashes)
}

/// Lets the owner's sessions live on although the account's version is about to be raised by one: what raises it has
/// nothing to do with them.
pub fn carry_sessions(tx: &mut Tx<'_>, owner: UserId) -> Result<(), DbError> {
    tx.execute(
        "UPDATE sessions SET version = version + 1
         WHERE user_id = $1 AND version = (SELECT version FROM users WHERE id = $1)",
        params![owner],
    )
    .map(drop)
}

/// Removes sessions that nobody can use anymore.
pub fn delete_ended(tx: &mut Tx<'_>, idle_since: Timestamp, now: Timestamp) -> Result<(), DbError> {
    tx.execute(
        "DELETE FROM sessions WHERE last_seen_at <= $1 OR expires_at <= $2",
        params![idle_since, now],
    )
    .map(drop)
}
