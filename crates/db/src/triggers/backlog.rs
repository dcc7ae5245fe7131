//! Actions for which enough waits: what happens from some event on becomes deliveries only as they take what is there. So a
//! receiver that is dead or slow costs a few rows, whatever happens meanwhile, and misses nothing.
//!
//! While an action has a backlog, nothing that happened from its first event on is made elsewhere: what it gets stays in order.

use crate::{DbError, Tx, params};
use wharf_model::{ActionId, EventId, TriggerId};

/// Deliveries that wait for one action before others are made. With more, a dead receiver costs each push more; with fewer, a
/// receiver that is well waits for the next ones to be made.
pub const ENOUGH: u64 = 32;

/// An action with a backlog.
#[derive(Debug, Clone)]
pub struct Behind {
    /// Which.
    pub action: ActionId,
    /// Whose it is.
    pub trigger: TriggerId,
    /// The first event that is missing.
    pub from: EventId,
    /// Deliveries that wait for it, at most [`ENOUGH`].
    pub waiting: u64,
}

/// How many deliveries wait for the action `a`, up to [`ENOUGH`].
pub(super) fn count_waiting() -> String {
    format!(
        "(SELECT COUNT(*) FROM (SELECT 1 FROM trigger_deliveries o
            WHERE o.action_id = a.id AND o.next_at IS NOT NULL LIMIT {ENOUGH}) AS waiting)"
    )
}

/// Actions with a backlog, those first that are furthest behind.
pub fn list_behind(tx: &mut Tx<'_>, limit: usize) -> Result<Vec<Behind>, DbError> {
    let rows = tx.query(
        &format!(
            "SELECT a.id, a.trigger_id, a.backlog_from, {} FROM trigger_actions a
             WHERE a.backlog_from IS NOT NULL ORDER BY a.backlog_from LIMIT $1",
            count_waiting()
        ),
        params![limit],
    )?;
    rows.into_iter()
        .map(|mut row| {
            Ok(Behind {
                action: row.take(0)?,
                trigger: row.take(1)?,
                from: row.take(2)?,
                waiting: row.take(3)?,
            })
        })
        .collect()
}

/// From `event` on an action's deliveries are made later, unless it has a backlog already.
pub fn begin_backlog(tx: &mut Tx<'_>, action: ActionId, event: EventId) -> Result<(), DbError> {
    tx.execute(
        "UPDATE trigger_actions SET backlog_from = $2 WHERE id = $1 AND backlog_from IS NULL",
        params![action, event],
    )
    .map(drop)
}

/// What an action misses begins with `to` from now on; with none it misses nothing. Answers whether it began with `from` until
/// then: otherwise somebody else is at it.
pub fn move_backlog(
    tx: &mut Tx<'_>,
    action: ActionId,
    from: EventId,
    to: Option<EventId>,
) -> Result<bool, DbError> {
    let moved = tx.execute(
        "UPDATE trigger_actions SET backlog_from = CAST($3 AS TEXT) WHERE id = $1 AND backlog_from = $2",
        params![action, from, to],
    )?;
    Ok(moved == 1)
}
