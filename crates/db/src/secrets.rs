//! Sealed values: bytes that only the vault of `wharf-app` opens. Each belongs to one column of one row, once.
//!
//! Nothing here knows a key or a plain text. A row that goes does not take its secrets along by itself (they name it by
//! text): whoever deletes it calls [`forget_secrets`], and [`sweep_secrets`] finds what a cascade left.

use crate::{DbError, Tx, params};
use std::borrow::Cow;
use wharf_model::Timestamp;

/// Where a secret belongs: what its bytes are bound to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SecretPlace {
    /// The table of the row.
    pub table: Cow<'static, str>,
    /// The row's id.
    pub row: String,
    /// What the row would call it; a name that people chose is fine.
    pub column: String,
}

impl SecretPlace {
    /// The column `column` of row `row` of `table`.
    pub fn new(table: &'static str, row: impl ToString, column: impl Into<String>) -> Self {
        Self {
            table: table.into(),
            row: row.to_string(),
            column: column.into(),
        }
    }
}

/// A sealed value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// Which key opens it.
    pub key: String,
    /// Nonce, ciphertext and tag.
    pub bytes: Vec<u8>,
}

/// Keeps a sealed value; what was at its place before is gone.
pub fn put_secret(
    tx: &mut Tx<'_>,
    place: &SecretPlace,
    sealed: &Sealed,
    now: Timestamp,
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO secrets (owner_table, owner_row, owner_column, key_id, sealed, created_at)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (owner_table, owner_row, owner_column) DO UPDATE SET
            key_id = excluded.key_id, sealed = excluded.sealed, created_at = excluded.created_at",
        params![
            &*place.table,
            place.row,
            place.column,
            sealed.key,
            sealed.bytes,
            now
        ],
    )
    .map(drop)
}

/// The sealed value at a place.
pub fn find_secret(tx: &mut Tx<'_>, place: &SecretPlace) -> Result<Option<Sealed>, DbError> {
    let row = tx.query_first(
        "SELECT key_id, sealed FROM secrets
         WHERE owner_table = $1 AND owner_row = $2 AND owner_column = $3",
        params![&*place.table, place.row, place.column],
    )?;
    row.map(|mut row| {
        Ok(Sealed {
            key: row.take(0)?,
            bytes: row.take(1)?,
        })
    })
    .transpose()
}

/// Removes one secret; answers whether there was one.
pub fn forget_secret(tx: &mut Tx<'_>, place: &SecretPlace) -> Result<bool, DbError> {
    let removed = tx.execute(
        "DELETE FROM secrets WHERE owner_table = $1 AND owner_row = $2 AND owner_column = $3",
        params![&*place.table, place.row, place.column],
    )?;
    Ok(removed == 1)
}

/// Removes all secrets of a row.
pub fn forget_secrets(tx: &mut Tx<'_>, table: &str, row: impl ToString) -> Result<(), DbError> {
    tx.execute(
        "DELETE FROM secrets WHERE owner_table = $1 AND owner_row = $2",
        params![table, row.to_string()],
    )
    .map(drop)
}

/// The ids of the keys that secrets are sealed with.
pub fn list_keys(tx: &mut Tx<'_>) -> Result<Vec<String>, DbError> {
    let rows = tx.query(
        "SELECT DISTINCT key_id FROM secrets ORDER BY key_id",
        params![],
    )?;
    rows.into_iter().map(|mut row| row.take(0)).collect()
}

/// Secrets that another key than `key` sealed, with their places.
pub fn list_sealed_otherwise(
    tx: &mut Tx<'_>,
    key: &str,
) -> Result<Vec<(SecretPlace, Sealed)>, DbError> {
    let rows = tx.query(
        "SELECT owner_table, owner_row, owner_column, key_id, sealed FROM secrets WHERE key_id <> $1",
        params![key],
    )?;
    rows.into_iter()
        .map(|mut row| {
            let place = SecretPlace {
                table: row.take::<String>(0)?.into(),
                row: row.take(1)?,
                column: row.take(2)?,
            };
            let sealed = Sealed {
                key: row.take(3)?,
                bytes: row.take(4)?,
            };
            Ok((place, sealed))
        })
        .collect()
}

/// Removes secrets of `table` whose row, an id of `rows`, is gone; answers how many. Usually both are one table.
pub fn sweep_secrets(
    tx: &mut Tx<'_>,
    table: &'static str,
    rows: &'static str,
) -> Result<u64, DbError> {
    // The name is one of ours, never a client's.
    tx.execute(
        &format!(
            "DELETE FROM secrets WHERE owner_table = $1
             AND NOT EXISTS (SELECT 1 FROM {rows} t WHERE t.id = secrets.owner_row)"
        ),
        params![table],
    )
}
