//! Changes made beside a running server (host commands): counted here, so that the server notices.

use crate::{DbError, Tx};

/// How many changes were made beside the server so far.
pub fn count_outside_changes(tx: &mut Tx<'_>) -> Result<i64, DbError> {
    let row = tx.query_first("SELECT counter FROM outside_changes WHERE id = 1", &[])?;
    row.map_or(Ok(0), |mut row| row.take(0))
}

/// Tells a running server, by the commit of this transaction, to forget what it remembers.
pub fn announce_outside_change(tx: &mut Tx<'_>) -> Result<(), DbError> {
    tx.execute(
        "UPDATE outside_changes SET counter = counter + 1 WHERE id = 1",
        &[],
    )
    .map(drop)
}
