//! Personal access tokens: every function takes their owner, so that nobody reaches another's.

use crate::{DbError, Row, Tx, params};
use wharf_model::{Actions, Timestamp, TokenId, UserId};

/// A token as its owner sees it. Its secret is nowhere.
#[derive(Debug, Clone)]
pub struct Token {
    /// The id.
    pub id: TokenId,
    /// What its owner calls it.
    pub name: String,
    /// What it carries.
    pub actions: Actions,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used.
    pub last_used_at: Option<Timestamp>,
}

fn read_token(mut row: Row) -> Result<Token, DbError> {
    Ok(Token {
        id: row.take(0)?,
        name: row.take(1)?,
        actions: row.take(2)?,
        expires_at: row.take(3)?,
        created_at: row.take(4)?,
        last_used_at: row.take(5)?,
    })
}

/// The owner's tokens in the order of their names, after `after`.
pub fn list_tokens(
    tx: &mut Tx<'_>,
    owner: UserId,
    after: &str,
    limit: usize,
) -> Result<Vec<Token>, DbError> {
    let rows = tx.query(
        "SELECT id, name, actions, expires_at, created_at, last_used_at FROM tokens
         WHERE user_id = $1 AND name > $2 ORDER BY name LIMIT $3",
        params![owner, after, limit],
    )?;
    rows.into_iter().map(read_token).collect()
}

/// How many tokens the owner has.
pub fn count_tokens(tx: &mut Tx<'_>, owner: UserId) -> Result<u64, DbError> {
    let row = tx.query_first(
        "SELECT COUNT(*) FROM tokens WHERE user_id = $1",
        params![owner],
    )?;
    row.map_or(Ok(0), |mut row| row.take(0))
}

/// Makes a token; answers whether the owner had none of this name.
pub fn insert_token(
    tx: &mut Tx<'_>,
    owner: UserId,
    new: &Token,
    secret_hash: &[u8],
) -> Result<bool, DbError> {
    let made = tx.execute(
        "INSERT INTO tokens (id, user_id, name, actions, secret_hash, expires_at, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (user_id, name) DO NOTHING",
        params![
            new.id,
            owner,
            new.name,
            new.actions,
            secret_hash,
            new.expires_at,
            new.created_at
        ],
    )?;
    Ok(made == 1)
}

/// Removes one of the owner's tokens; answers its name if there was one.
pub fn delete_token(
    tx: &mut Tx<'_>,
    owner: UserId,
    id: TokenId,
) -> Result<Option<String>, DbError> {
    let row = tx.query_first(
        "SELECT name FROM tokens WHERE user_id = $1 AND id = $2",
        params![owner, id],
    )?;
    let Some(mut row) = row else { return Ok(None) };
    tx.execute(
        "DELETE FROM tokens WHERE user_id = $1 AND id = $2",
        params![owner, id],
    )?;
    row.take(0).map(Some)
}
