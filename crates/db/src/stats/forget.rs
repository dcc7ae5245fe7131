//! Rows that are too old, and rows of what no longer exists.

use crate::{DbError, Tx, params};
use wharf_model::{
    Timestamp,
    stats::{Grain, StatsScope},
};

/// Removes rows from before `before`. Of what is stored the newest of those stays, because it still holds.
pub fn forget_old_rows(tx: &mut Tx<'_>, grain: Grain, before: Timestamp) -> Result<u64, DbError> {
    let traffic = tx.execute(
        "DELETE FROM traffic_stats WHERE grain = $1 AND at < $2",
        params![grain, before],
    )?;
    let storage = tx.execute(
        "DELETE FROM storage_stats WHERE grain = $1 AND at < $2
            AND (scope = $3 OR EXISTS (SELECT 1 FROM storage_stats n WHERE n.scope = storage_stats.scope
                AND n.grain = storage_stats.grain AND n.at > storage_stats.at AND n.at <= $2))",
        params![grain, before, StatsScope::Server],
    )?;
    Ok(traffic + storage)
}

/// Removes rows of namespaces and repositories that are gone.
pub fn forget_lost_scopes(tx: &mut Tx<'_>) -> Result<u64, DbError> {
    let mut gone = 0;
    for table in ["traffic_stats", "storage_stats"] {
        gone += tx.execute(
            &format!(
                "DELETE FROM {table} WHERE scope IN (SELECT s.scope FROM (SELECT DISTINCT scope FROM {table}) s
                    WHERE s.scope <> $1
                    AND NOT EXISTS (SELECT 1 FROM repositories r WHERE r.id = s.scope)
                    AND NOT EXISTS (SELECT 1 FROM namespaces n WHERE n.id = s.scope))"
            ),
            params![StatsScope::Server],
        )?;
    }
    Ok(gone)
}
