//! Deliveries called off, sent again, hurried.

use super::{
    super::{TriggerRun, place::TriggerOwner},
    insert::MOST_OPEN,
    line::wake_next,
};
use crate::{DbError, Tx, Value, params};
use wharf_model::{ActionId, NamespaceId, RepositoryId, Timestamp, TriggerDeliveryId, TriggerId};

/// Whose deliveries.
#[derive(Debug, Clone, Copy)]
pub enum Whose {
    /// Of one action, which was removed or replaced.
    Action(ActionId),
    /// Of a trigger, which was removed.
    Trigger(TriggerId),
    /// Of a trigger, which was switched off: a rollout that is under way is followed to its end.
    WaitingOfTrigger(TriggerId),
    /// About a repository, which was removed.
    Repository(RepositoryId),
}

/// Calls off everything that is not over; what is under way is not noted any more. Answers how many.
pub fn cancel_deliveries(
    tx: &mut Tx<'_>,
    whose: Whose,
    reason: &str,
    by: &str,
    at: Timestamp,
) -> Result<u64, DbError> {
    let (condition, id) = match whose {
        Whose::Action(id) => ("action_id = $1", id.to_string()),
        Whose::Trigger(id) => ("trigger_id = $1", id.to_string()),
        Whose::WaitingOfTrigger(id) => ("trigger_id = $1 AND patched_at IS NULL", id.to_string()),
        Whose::Repository(id) => ("repository_id = $1", id.to_string()),
    };
    tx.execute(
        &format!(
            "UPDATE trigger_deliveries SET state = 'canceled', reason = $2, detail = $3, ended_at = $4, next_at = NULL,
                due_at = NULL, fence = fence + 1, lease_owner = NULL, lease_beat = NULL
             WHERE {condition} AND next_at IS NOT NULL"
        ),
        params![id, reason, by, at],
    )
}

/// The condition that a caller may see a delivery, with `$1` for the id of whose it is: in a namespace all of its
/// repositories' too.
pub(super) fn within(owner: TriggerOwner) -> (&'static str, Value<'static>) {
    match owner {
        TriggerOwner::Repository { repository, .. } => (
            "repository_id = $1",
            Value::Text(repository.to_string().into()),
        ),
        TriggerOwner::Namespace(namespace) => (
            "namespace_id = $1",
            Value::Text(namespace.to_string().into()),
        ),
    }
}

/// Calls off one delivery that is not over; answers whether it was not.
pub fn cancel_delivery(
    tx: &mut Tx<'_>,
    run: TriggerRun,
    id: TriggerDeliveryId,
    by: &str,
    at: Timestamp,
) -> Result<bool, DbError> {
    let (condition, owner) = within(run.owner());
    let mut values = vec![owner];
    values.extend_from_slice(params![id, by, at]);
    let canceled = tx.execute(
        &format!(
            "UPDATE trigger_deliveries SET state = 'canceled', reason = 'canceled', detail = $3, ended_at = $4,
                next_at = NULL, due_at = NULL, fence = fence + 1, lease_owner = NULL, lease_beat = NULL
             WHERE {condition} AND id = $2 AND next_at IS NOT NULL"
        ),
        &values,
    )?;
    if canceled == 1 {
        wake_next(tx, id)?;
    }
    Ok(canceled == 1)
}

/// Makes dead letters of all that waits for an action.
pub fn fail_waiting_of_action(
    tx: &mut Tx<'_>,
    action: ActionId,
    reason: &str,
    at: Timestamp,
) -> Result<u64, DbError> {
    tx.execute(
        "UPDATE trigger_deliveries SET state = 'failed', reason = $2, ended_at = $3, next_at = NULL, due_at = NULL
         WHERE action_id = $1 AND next_at IS NOT NULL AND lease_owner IS NULL AND patched_at IS NULL",
        params![action, reason, at],
    )
}

/// Sends a delivery again that is over, under its id; answers whether it was over. A workload is patched again.
pub fn redeliver(
    tx: &mut Tx<'_>,
    run: TriggerRun,
    id: TriggerDeliveryId,
    now: Timestamp,
    give_up_at: Timestamp,
) -> Result<bool, DbError> {
    let (condition, owner) = within(run.owner());
    let mut values = vec![owner];
    values.extend_from_slice(params![id, now, give_up_at]);
    let again = tx.execute(
        &format!("{AGAIN} WHERE {condition} AND id = $2 AND next_at IS NULL"),
        &values,
    )?;
    Ok(again == 1)
}

/// What sending again means, with `$3` now and `$4` when it becomes a dead letter.
const AGAIN: &str = "UPDATE trigger_deliveries SET state = 'waiting', reason = NULL, detail = '', next_at = $3,
    due_at = $3, give_up_at = $4, tries = 0, patched_at = NULL, progress = NULL, ended_at = NULL, fence = fence + 1";

/// Sends dead letters of an action again that it missed since `since`, at most as many as may wait for it, the newest;
/// answers how many. What its receiver refused is not among them: it would be refused again.
pub fn redeliver_dead_of_action(
    tx: &mut Tx<'_>,
    namespace: NamespaceId,
    action: ActionId,
    since: Timestamp,
    now: Timestamp,
    give_up_at: Timestamp,
) -> Result<u64, DbError> {
    tx.execute(
        &format!(
            "{AGAIN} WHERE id IN (SELECT d.id FROM trigger_deliveries d
                WHERE d.namespace_id = $1 AND d.action_id = $2 AND d.state = 'failed' AND d.ended_at >= $5
                    AND d.reason IN ('gone', 'action_disabled', 'switched_off', 'gave_up')
                    AND d.trigger_id = (SELECT a.trigger_id FROM trigger_actions a WHERE a.id = $2)
                ORDER BY d.id DESC LIMIT $6)"
        ),
        params![namespace, action, now, give_up_at, since, MOST_OPEN],
    )
}

/// Has what waits or is followed before `id`, of the same workload and tag, looked at now: it has been overtaken.
pub fn hasten_older(tx: &mut Tx<'_>, id: TriggerDeliveryId, now: Timestamp) -> Result<(), DbError> {
    tx.execute(
        "UPDATE trigger_deliveries SET next_at = $2, due_at = $2
         WHERE due_at > $2 AND next_at IS NOT NULL AND action_kind = 'workload'
            AND order_key = (SELECT n.order_key FROM trigger_deliveries n WHERE n.id = $1)
            AND event_id < (SELECT n.event_id FROM trigger_deliveries n WHERE n.id = $1)",
        params![id, now],
    )
    .map(drop)
}
