//! What waits for a receiver that is not reached: put off without being tried, and over once its time is.

use crate::{DbError, Tx, params};
use wharf_model::{ActionId, Timestamp};

/// Why, and until when.
#[derive(Debug, Clone)]
pub struct PutOff {
    /// Whose deliveries.
    pub action: ActionId,
    /// When the next of them may be tried.
    pub until: Timestamp,
    /// Why the last one failed: a key of the message catalogue.
    pub reason: String,
    /// More about that.
    pub detail: String,
    /// Why one ends whose time is over.
    pub gave_up: &'static str,
    /// Now.
    pub at: Timestamp,
}

/// Puts off what waits for an action, at most `limit`, and ends what waited for long enough, as many; answers whether there is
/// more. What is under way, and what stands behind another in its line, stays as it is.
pub fn put_off_deliveries(
    tx: &mut Tx<'_>,
    put_off: &PutOff,
    limit: usize,
) -> Result<bool, DbError> {
    let open = "SELECT o.id FROM trigger_deliveries o
        WHERE o.action_id = $1 AND o.next_at IS NOT NULL AND o.lease_owner IS NULL AND o.patched_at IS NULL";
    let ended = tx.execute(
        &format!(
            "UPDATE trigger_deliveries SET state = 'failed', reason = $3, detail = $4, ended_at = $2, next_at = NULL, due_at = NULL
             WHERE id IN ({open} AND o.give_up_at <= $2 ORDER BY o.event_id LIMIT $5)"
        ),
        params![
            put_off.action,
            put_off.at,
            put_off.gave_up,
            format!("{}: {}", put_off.reason, put_off.detail),
            limit
        ],
    )?;
    let moved = tx.execute(
        &format!(
            "UPDATE trigger_deliveries SET next_at = $2, due_at = $2, reason = $3, detail = $4
             WHERE id IN ({open} AND o.due_at < $2 ORDER BY o.event_id LIMIT $5)"
        ),
        params![
            put_off.action,
            put_off.until,
            put_off.reason,
            put_off.detail,
            limit
        ],
    )?;
    Ok(ended.max(moved) == limit as u64)
}
