//! Whose turn it is, and who is at what: a delivery is sent by one server, which says again and again that it is at it.

use super::row::{COLUMNS, Delivery, WIDTH, read_delivery};
use crate::{
    DbError, Tx,
    full_hosts::{leave_out, with_hosts},
    params,
};
use wharf_model::{ActionId, EventId, NamespaceId, Timestamp, TriggerDeliveryId};

/// The right to send a delivery and to change its row, for as long as nobody took it over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Claim {
    /// Which.
    pub delivery: TriggerDeliveryId,
    /// Every change names it; one of a server that lost the delivery changes nothing.
    pub fence: i64,
}

/// A delivery whose turn it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// Which.
    pub delivery: TriggerDeliveryId,
    /// Whose places it takes.
    pub lane: String,
    /// The namespace, which has only so many places too.
    pub namespace: NamespaceId,
    /// The action, which has only some of its lane's.
    pub action: ActionId,
}

/// What takes nothing more now.
#[derive(Debug, Clone, Default)]
pub struct Full {
    /// Lanes.
    pub lanes: Vec<String>,
    /// Namespaces.
    pub namespaces: Vec<NamespaceId>,
    /// Actions.
    pub actions: Vec<ActionId>,
}

/// A delivery that was claimed, with what is long.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// The right to it.
    pub claim: Claim,
    /// The delivery.
    pub delivery: Delivery,
    /// JSON: the event.
    pub facts: String,
    /// JSON: what the rollout looked like.
    pub progress: Option<String>,
}

/// Nobody is at it, it is the oldest of its target, repository and tag that is not over, and nobody is at the same
/// workload. A condition on `d`.
const IS_FREE: &str = "d.lease_owner IS NULL
    AND NOT EXISTS (SELECT 1 FROM trigger_deliveries o
        WHERE o.order_key = d.order_key AND o.next_at IS NOT NULL AND o.event_id < d.event_id)
    AND (d.action_kind <> 'workload' OR NOT EXISTS (SELECT 1 FROM trigger_deliveries o
        WHERE o.lease_owner IS NOT NULL AND o.target = d.target))";

/// Deliveries whose turn it is, at most `limit`, but for those whose lane, namespace or action is `full`; the longest due first. What
/// is behind in a line is not even looked at.
pub fn list_due(
    tx: &mut Tx<'_>,
    now: Timestamp,
    full: &Full,
    limit: usize,
) -> Result<Vec<Due>, DbError> {
    let lanes = leave_out("d.lane", 3, &full.lanes);
    let namespaces: Vec<String> = full.namespaces.iter().map(ToString::to_string).collect();
    let in_namespaces = leave_out("d.namespace_id", 3 + full.lanes.len(), &namespaces);
    let actions: Vec<String> = full.actions.iter().map(ToString::to_string).collect();
    let first = 3 + full.lanes.len() + namespaces.len();
    let of_actions = leave_out("d.action_id", first, &actions);
    let own = with_hosts(params![now, limit], &full.lanes);
    let own = with_hosts(&own, &namespaces);
    let rows = tx.query(
        &format!(
            "SELECT d.id, d.lane, d.namespace_id, d.action_id FROM trigger_deliveries d
             WHERE d.due_at <= $1 AND {IS_FREE}{lanes}{in_namespaces}{of_actions} ORDER BY d.due_at, d.event_id LIMIT $2"
        ),
        &with_hosts(&own, &actions),
    )?;
    rows.into_iter()
        .map(|mut row| {
            Ok(Due {
                delivery: row.take(0)?,
                lane: row.take(1)?,
                namespace: row.take(2)?,
                action: row.take(3)?,
            })
        })
        .collect()
}

/// Takes a delivery whose turn it is: `owner` is at it from now on, for as long as the lease is renewed. `None` when somebody
/// else was quicker or it is not its turn any more. Following a rollout counts as no attempt.
pub fn claim_delivery(
    tx: &mut Tx<'_>,
    id: TriggerDeliveryId,
    owner: &str,
    now: Timestamp,
) -> Result<Option<Claimed>, DbError> {
    let claimed = tx.execute(
        &format!(
            "UPDATE trigger_deliveries SET state = 'running', fence = fence + 1, lease_owner = $2, lease_beat = 0,
                attempts = attempts + CASE WHEN patched_at IS NULL THEN 1 ELSE 0 END,
                tries = tries + CASE WHEN patched_at IS NULL THEN 1 ELSE 0 END
             WHERE id = $1 AND EXISTS (SELECT 1 FROM trigger_deliveries d
                WHERE d.id = $1 AND d.next_at <= $3 AND {IS_FREE})"
        ),
        params![id, owner, now],
    )?;
    if claimed != 1 {
        return Ok(None);
    }
    let row = tx.query_first(
        &format!("SELECT {COLUMNS}, d.facts, d.progress FROM trigger_deliveries d WHERE d.id = $1"),
        params![id],
    )?;
    row.map(|mut row| {
        let delivery = read_delivery(&mut row)?;
        Ok(Claimed {
            claim: Claim {
                delivery: id,
                fence: delivery.fence,
            },
            delivery,
            facts: row.take(WIDTH)?,
            progress: row.take(WIDTH + 1)?,
        })
    })
    .transpose()
}

/// Whether the claim still holds: asked just before something is sent.
pub fn holds_lease(tx: &mut Tx<'_>, claim: Claim) -> Result<bool, DbError> {
    let row = tx.query_first(
        "SELECT 1 FROM trigger_deliveries WHERE id = $1 AND fence = $2 AND lease_owner IS NOT NULL",
        params![claim.delivery, claim.fence],
    )?;
    Ok(row.is_some())
}

/// Whether something newer waits in the same order, or is known to have reached the same workload, by a patch or because it
/// ran there already: what is older must not roll out any more.
pub fn is_overtaken(tx: &mut Tx<'_>, delivery: &Delivery) -> Result<Option<EventId>, DbError> {
    let row = tx.query_first(
        "SELECT o.event_id FROM trigger_deliveries d JOIN trigger_deliveries o
            ON o.order_key = d.order_key AND o.next_at IS NOT NULL AND o.event_id > d.event_id
         WHERE d.id = $1 AND d.patched_at IS NOT NULL ORDER BY o.event_id DESC LIMIT 1",
        params![delivery.id],
    )?;
    if let Some(mut row) = row {
        return row.take(0).map(Some);
    }
    let row = tx.query_first(
        "SELECT event_id FROM trigger_deliveries WHERE target = $1 AND event_id > $2 AND reached_at IS NOT NULL LIMIT 1",
        params![delivery.target, delivery.event],
    )?;
    row.map(|mut row| row.take(0)).transpose()
}

/// Says that `owner` is still at these.
pub fn renew_leases(
    tx: &mut Tx<'_>,
    owner: &str,
    deliveries: &[TriggerDeliveryId],
) -> Result<(), DbError> {
    for delivery in deliveries {
        tx.execute(
            "UPDATE trigger_deliveries SET lease_beat = lease_beat + 1 WHERE id = $1 AND lease_owner = $2",
            params![delivery, owner],
        )?;
    }
    Ok(())
}

/// What anybody is at, each with how often its lease was renewed.
pub fn list_leases(tx: &mut Tx<'_>) -> Result<Vec<(Claim, i64)>, DbError> {
    let rows = tx.query(
        "SELECT id, fence, COALESCE(lease_beat, 0) FROM trigger_deliveries WHERE lease_owner IS NOT NULL ORDER BY id",
        &[],
    )?;
    rows.into_iter()
        .map(|mut row| {
            let claim = Claim {
                delivery: row.take(0)?,
                fence: row.take(1)?,
            };
            Ok((claim, row.take(2)?))
        })
        .collect()
}

/// What servers are at whose names begin so.
pub fn list_owned(tx: &mut Tx<'_>, owner_prefix: &str) -> Result<Vec<Claim>, DbError> {
    let rows = tx.query(
        "SELECT id, fence FROM trigger_deliveries
         WHERE lease_owner IS NOT NULL AND lease_owner LIKE CAST($1 AS TEXT) || '%' ORDER BY id",
        params![owner_prefix],
    )?;
    rows.into_iter()
        .map(|mut row| {
            Ok(Claim {
                delivery: row.take(0)?,
                fence: row.take(1)?,
            })
        })
        .collect()
}

/// Lets go of a delivery whose server is gone: it is due at once, under its id; a rollout is followed on. Answers it when
/// the claim still held.
pub fn release_delivery(
    tx: &mut Tx<'_>,
    claim: Claim,
    now: Timestamp,
) -> Result<Option<Delivery>, DbError> {
    let released = tx.execute(
        "UPDATE trigger_deliveries SET fence = fence + 1, lease_owner = NULL, lease_beat = NULL, next_at = $3, due_at = $3,
            state = CASE WHEN patched_at IS NULL THEN 'waiting' ELSE 'running' END
         WHERE id = $1 AND fence = $2 AND lease_owner IS NOT NULL",
        params![claim.delivery, claim.fence, now],
    )?;
    if released != 1 {
        return Ok(None);
    }
    super::list::find_delivery_by_id(tx, claim.delivery)
}
