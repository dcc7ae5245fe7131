//! What the database itself can tell about damage.

use crate::{DbError, Engine, Tx};

/// Damage that the engine finds in its own file; none is an empty list. PostgreSQL watches its pages itself.
pub fn check_integrity(tx: &mut Tx<'_>) -> Result<Vec<String>, DbError> {
    if tx.engine() == Engine::Postgres {
        return Ok(Vec::new());
    }
    let rows = tx.query("PRAGMA integrity_check(100)", &[])?;
    let found: Result<Vec<String>, DbError> = rows.into_iter().map(|mut row| row.take(0)).collect();
    Ok(found?.into_iter().filter(|line| line != "ok").collect())
}
