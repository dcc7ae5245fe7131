//! Lines: of one target, repository and tag only the oldest that is not over is due, and the end of one wakes the next.
//!
//! What ends in one go with others (called off with its trigger, too old for a full line) wakes nothing by itself: whoever
//! delivers finds the heads of such lines every few seconds ([`list_asleep`]).

use crate::{DbError, Tx, params};
use wharf_model::TriggerDeliveryId;

/// Lets the next one go of the line in which `over` was.
pub(super) fn wake_next(tx: &mut Tx<'_>, over: TriggerDeliveryId) -> Result<(), DbError> {
    tx.execute(
        "UPDATE trigger_deliveries SET due_at = next_at WHERE due_at IS NULL AND id =
            (SELECT n.id FROM trigger_deliveries n WHERE n.next_at IS NOT NULL
                AND n.order_key = (SELECT o.order_key FROM trigger_deliveries o WHERE o.id = $1)
             ORDER BY n.event_id LIMIT 1)",
        params![over],
    )
    .map(drop)
}

/// Heads of lines that nobody woke, at most `limit`.
pub fn list_asleep(tx: &mut Tx<'_>, limit: usize) -> Result<Vec<TriggerDeliveryId>, DbError> {
    let rows = tx.query(
        "SELECT d.id FROM trigger_deliveries d WHERE d.next_at IS NOT NULL AND d.due_at IS NULL
            AND NOT EXISTS (SELECT 1 FROM trigger_deliveries o
                WHERE o.order_key = d.order_key AND o.next_at IS NOT NULL AND o.event_id < d.event_id)
         LIMIT $1",
        params![limit],
    )?;
    rows.into_iter().map(|mut row| row.take(0)).collect()
}

/// Wakes these. One that is no head any more, or is over, is not harmed by it.
pub fn wake(tx: &mut Tx<'_>, asleep: &[TriggerDeliveryId]) -> Result<(), DbError> {
    for id in asleep {
        tx.execute(
            "UPDATE trigger_deliveries SET due_at = next_at WHERE id = $1 AND due_at IS NULL AND next_at IS NOT NULL",
            params![id],
        )?;
    }
    Ok(())
}
