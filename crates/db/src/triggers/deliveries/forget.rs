//! Deliveries that are over go when the log's days are: with their attempts, whole. What is counted of them is in the metrics.

use crate::{DbError, Tx, params};
use wharf_model::Timestamp;

/// Removes deliveries that were over before `before`, at most `limit`; answers how many.
pub fn forget_deliveries(tx: &mut Tx<'_>, before: Timestamp, limit: usize) -> Result<u64, DbError> {
    tx.execute(
        "DELETE FROM trigger_deliveries WHERE next_at IS NULL AND id IN
            (SELECT id FROM trigger_deliveries WHERE ended_at < $1 ORDER BY ended_at LIMIT $2)",
        params![before, limit],
    )
}
