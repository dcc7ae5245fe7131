//! What administrators set at run time, by key. What keys there are, and what their values mean, is known elsewhere.

use crate::{DbError, Tx, params};
use wharf_model::{Granted, Timestamp, rights::Administer};

/// A value that somebody set.
#[derive(Debug, Clone)]
pub struct StoredRow {
    /// `section.key`.
    pub key: String,
    /// As it would stand in the environment; none when it is sealed.
    pub value: Option<String>,
    /// Who set it.
    pub changed_by: String,
    /// When.
    pub changed_at: Timestamp,
}

/// All of them, by key. They are read before anybody signs in: the server starts with them.
pub fn list_settings(tx: &mut Tx<'_>) -> Result<Vec<StoredRow>, DbError> {
    let rows = tx.query(
        "SELECT key, value, changed_by, changed_at FROM settings ORDER BY key",
        &[],
    )?;
    rows.into_iter()
        .map(|mut row| {
            Ok(StoredRow {
                key: row.take(0)?,
                value: row.take(1)?,
                changed_by: row.take(2)?,
                changed_at: row.take(3)?,
            })
        })
        .collect()
}

/// Sets a value; what was set before is gone.
pub fn put_setting(
    tx: &mut Tx<'_>,
    _granted: &Granted<Administer>,
    row: &StoredRow,
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO settings (key, value, changed_by, changed_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (key) DO UPDATE SET value = excluded.value, changed_by = excluded.changed_by,
            changed_at = excluded.changed_at",
        params![row.key, row.value, row.changed_by, row.changed_at],
    )
    .map(drop)
}

/// Takes a value back; what the file says, or the default, holds again. Answers whether there was one.
pub fn delete_setting(
    tx: &mut Tx<'_>,
    _granted: &Granted<Administer>,
    key: &str,
) -> Result<bool, DbError> {
    let removed = tx.execute("DELETE FROM settings WHERE key = $1", params![key])?;
    Ok(removed == 1)
}
