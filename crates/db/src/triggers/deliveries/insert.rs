//! Deliveries made.

use super::super::row::Trigger;
use crate::{DbError, Tx, params};
use std::collections::BTreeMap;
use wharf_model::{
    ActionId, EventId, NamespaceId, RepositoryId, Timestamp, TriggerDeliveryId, triggers::EventKind,
};
use wharf_oci::{Digest, RepositoryName, Tag};

/// Deliveries of one action that are not over. A receiver that is away for a day misses fewer from people; with more, a dead
/// one fills the database; with fewer, a storm of pushes to one that is well is cut.
pub const MOST_OPEN: u64 = 1000;

/// A delivery to be made.
#[derive(Debug, Clone)]
pub struct NewDelivery<'a> {
    /// The event.
    pub event: EventId,
    /// What happened.
    pub event_kind: EventKind,
    /// Whether somebody ran the trigger by hand.
    pub by_hand: bool,
    /// Who made it happen.
    pub actor: &'a str,
    /// The repository's namespace.
    pub namespace: NamespaceId,
    /// The repository.
    pub repository: RepositoryId,
    /// Its name.
    pub repository_name: &'a RepositoryName,
    /// The tag; none for events of builds.
    pub tag: Option<&'a Tag>,
    /// What the tag names.
    pub digest: Option<&'a Digest>,
    /// The trigger.
    pub trigger: &'a Trigger,
    /// Its action.
    pub action: ActionId,
    /// Why it is a dead letter from the beginning; none when it is to be sent.
    pub dead: Option<&'a str>,
    /// JSON: the event.
    pub facts: &'a str,
    /// Now.
    pub at: Timestamp,
    /// When it becomes a dead letter.
    pub give_up_at: Timestamp,
}

/// Makes deliveries; answers the id of each that was made: not of one that this event has for this action already, whose
/// action is gone, or which its action's backlog will bring. Each is due at once unless something older of its order is not over. Beyond [`MOST_OPEN`] the oldest of an
/// action become dead letters.
pub fn insert_deliveries(
    tx: &mut Tx<'_>,
    all: &[NewDelivery<'_>],
) -> Result<Vec<Option<TriggerDeliveryId>>, DbError> {
    let mut ids = Vec::with_capacity(all.len());
    let mut counts: BTreeMap<ActionId, (u64, Timestamp)> = BTreeMap::new();
    for new in all {
        let id = insert_delivery(tx, new)?;
        if id.is_some() && new.dead.is_none() {
            counts.entry(new.action).or_insert((0, new.at)).0 += 1;
        }
        ids.push(id);
    }
    for (action, (count, at)) in counts {
        give_up_oldest(tx, action, count, at)?;
    }
    Ok(ids)
}

fn insert_delivery(
    tx: &mut Tx<'_>,
    new: &NewDelivery<'_>,
) -> Result<Option<TriggerDeliveryId>, DbError> {
    let id = TriggerDeliveryId::new();
    let (state, next_at, ended_at) = match new.dead {
        Some(_) => ("failed", None, Some(new.at)),
        None => ("waiting", Some(new.at), None),
    };
    let tag = new.tag.map(Tag::as_str).unwrap_or_default();
    let order = format!("{} {tag}", new.repository);
    let made = tx.execute(
        "INSERT INTO trigger_deliveries (id, event_id, trigger_id, action_id, namespace_id, repository_id, repository,
            trigger_name, condition_kind, condition_text, action_kind, action_label, event_kind, by_hand, actor, tag,
            digest, lane, target, order_key, state, reason, detail, attempts, tries, created_at, next_at, due_at,
            give_up_at, ended_at, fence, facts)
         SELECT CAST($1 AS TEXT), CAST($2 AS TEXT), a.trigger_id, a.id, CAST($3 AS TEXT), CAST($4 AS TEXT), CAST($5 AS TEXT),
            CAST($6 AS TEXT), CAST($7 AS TEXT), CAST($8 AS TEXT), a.kind, a.label, CAST($9 AS TEXT),
            CAST($10 AS BOOLEAN), CAST($11 AS TEXT), CAST($12 AS TEXT), CAST($13 AS TEXT),
            -- All mail goes to one server: its places are those of a namespace.
            CASE a.kind WHEN 'mail' THEN a.lane || ' ' || CAST($3 AS TEXT) ELSE a.lane END, a.target,
            a.target || ' ' || CAST($14 AS TEXT), CAST($15 AS TEXT), CAST($16 AS TEXT), '', 0, 0, CAST($17 AS BIGINT),
            CAST($18 AS BIGINT),
            CASE WHEN EXISTS (SELECT 1 FROM trigger_deliveries o WHERE o.next_at IS NOT NULL
                    AND o.order_key = a.target || ' ' || CAST($14 AS TEXT) AND o.event_id < CAST($2 AS TEXT))
                THEN NULL ELSE CAST($18 AS BIGINT) END,
            CAST($19 AS BIGINT), CAST($20 AS BIGINT), 0, CAST($21 AS TEXT)
         FROM trigger_actions a
         -- Of an action with a backlog nothing is made that its backlog brings in order, unless somebody wants it at once.
         WHERE a.id = $22 AND (a.backlog_from IS NULL OR CAST($2 AS TEXT) < a.backlog_from OR CAST($10 AS BOOLEAN))
         ON CONFLICT (event_id, trigger_id, action_id) DO NOTHING",
        params![
            id,
            new.event,
            new.namespace,
            new.repository,
            new.repository_name,
            new.trigger.name,
            new.trigger.condition_kind,
            new.trigger.condition_text,
            new.event_kind,
            new.by_hand,
            new.actor,
            new.tag.cloned(),
            new.digest.copied(),
            order,
            state,
            new.dead,
            new.at,
            next_at,
            new.give_up_at,
            ended_at,
            new.facts,
            new.action
        ],
    )?;
    Ok((made == 1).then_some(id))
}

/// Makes dead letters of what waits for an action beyond [`MOST_OPEN`], where `count` were added: that many, and a few that
/// were left when the oldest were under way.
fn give_up_oldest(
    tx: &mut Tx<'_>,
    action: ActionId,
    count: u64,
    at: Timestamp,
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE trigger_deliveries SET state = 'failed', reason = 'too_many_waiting', ended_at = $2, next_at = NULL,
            due_at = NULL
         WHERE next_at IS NOT NULL AND lease_owner IS NULL AND patched_at IS NULL AND id IN
            (SELECT o.id FROM trigger_deliveries o WHERE o.action_id = $1 AND o.next_at IS NOT NULL
             ORDER BY o.event_id DESC LIMIT $4 OFFSET $3)",
        params![action, at, MOST_OPEN, count + 10],
    )
    .map(drop)
}
