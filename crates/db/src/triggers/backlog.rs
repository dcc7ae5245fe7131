//! Actions for which enough waits: what happens from some event on becomes deliveries only as they take what is there. So a
//! receiver that is dead or slow costs a few rows, whatever happens meanwhile, and misses nothing.
//!
//! While an action has a backlog, nothing that happened from its first event on is made elsewhere: what it gets stays in order.

use crate::{
    DbError, Tx, events,
    full_hosts::{leave_out, with_hosts},
    params,
};
use wharf_model::{ActionId, EventId, Timestamp, TriggerId};

/// Deliveries that wait for their first try at one action before others are made. With more, a dead receiver costs each push
/// more; with fewer, a receiver that is well waits for the next ones to be made. What failed and waits again is not counted,
/// nor what stands in a line: one tag that is refused holds up no other.
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
    /// Deliveries that wait for their first try, at most [`ENOUGH`].
    pub waiting: u64,
}

/// How many deliveries wait for their first try at the action `a`, up to [`ENOUGH`].
pub(super) fn count_waiting() -> String {
    format!(
        "(SELECT COUNT(*) FROM (SELECT 1 FROM trigger_deliveries o
            WHERE o.action_id = a.id AND o.due_at IS NOT NULL AND o.tries = 0 LIMIT {ENOUGH}) AS waiting)"
    )
}

/// Actions with a backlog of which something can be made now, those first that are furthest behind: half of what waited is
/// taken and they are none of `resting`, or what they miss happened before `too_old`, or they are switched off.
pub fn list_behind(
    tx: &mut Tx<'_>,
    resting: &[ActionId],
    too_old: Timestamp,
    limit: usize,
) -> Result<Vec<Behind>, DbError> {
    let resting: Vec<String> = resting.iter().map(ToString::to_string).collect();
    let waiting = count_waiting();
    let is_awake = leave_out("a.id", 4, &resting);
    let rows = tx.query(
        &format!(
            "SELECT a.id, a.trigger_id, a.backlog_from, {waiting} FROM trigger_actions a
             WHERE a.backlog_from IS NOT NULL
                AND (a.backlog_from < $1 OR a.state = 'disabled' OR ({waiting} <= $3{is_awake}))
             ORDER BY a.backlog_from LIMIT $2"
        ),
        &with_hosts(
            params![events::first_id_at(too_old), limit, ENOUGH / 2],
            &resting,
        ),
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

/// From `event` on an action's deliveries are made later, unless it has a backlog already that begins before.
pub fn begin_backlog(tx: &mut Tx<'_>, action: ActionId, event: EventId) -> Result<(), DbError> {
    tx.execute(
        "UPDATE trigger_actions SET backlog_from = $2
         WHERE id = $1 AND (backlog_from IS NULL OR backlog_from > $2)",
        params![action, event],
    )
    .map(drop)
}

/// Whether an action has a backlog: asked by whoever left something to it, before that counts as read.
pub fn has_backlog(tx: &mut Tx<'_>, action: ActionId) -> Result<bool, DbError> {
    let row = tx.query_first(
        "SELECT 1 FROM trigger_actions WHERE id = $1 AND backlog_from IS NOT NULL",
        params![action],
    )?;
    Ok(row.is_some())
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
