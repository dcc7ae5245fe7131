//! A delivery as its row has it, without what is long.

use crate::{DbError, Row};
use wharf_model::{
    ActionId, EventId, NamespaceId, RepositoryId, Timestamp, TriggerDeliveryId, TriggerId,
    triggers::{ActionKind, ConditionKind, DeliveryState, EventKind, TriggerName},
};
use wharf_oci::{Digest, RepositoryName, Tag};

/// What one event makes one action do. Names are those of the time of the event.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// The id: the same over all attempts.
    pub id: TriggerDeliveryId,
    /// What happened.
    pub event: EventId,
    /// The trigger, which may be gone.
    pub trigger: TriggerId,
    /// Its action, which may be gone.
    pub action: ActionId,
    /// The namespace.
    pub namespace: NamespaceId,
    /// The repository, which may be gone.
    pub repository: RepositoryId,
    /// Its name.
    pub repository_name: RepositoryName,
    /// The trigger's name.
    pub trigger_name: TriggerName,
    /// The trigger's condition.
    pub condition_kind: ConditionKind,
    /// The trigger's condition.
    pub condition_text: String,
    /// What the action does.
    pub action_kind: ActionKind,
    /// What may be shown of where it goes.
    pub action_label: String,
    /// What happened.
    pub event_kind: EventKind,
    /// Whether somebody ran the trigger by hand.
    pub by_hand: bool,
    /// Who made it happen.
    pub actor: String,
    /// The tag; none for events of builds.
    pub tag: Option<Tag>,
    /// What the event says that it names.
    pub digest: Option<Digest>,
    /// Whose places it takes while it is sent.
    pub lane: String,
    /// What is kept in order.
    pub target: String,
    /// How it stands.
    pub state: DeliveryState,
    /// Why it ended so, or waits again: a key of the message catalogue.
    pub reason: Option<String>,
    /// More about that.
    pub detail: String,
    /// How often it was tried.
    pub attempts: u32,
    /// How often since it was last sent on its way.
    pub tries: u32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it is looked at next; none when it is over.
    pub next_at: Option<Timestamp>,
    /// When it becomes a dead letter.
    pub give_up_at: Timestamp,
    /// When the workload took the new image.
    pub patched_at: Option<Timestamp>,
    /// When it was over.
    pub ended_at: Option<Timestamp>,
    /// Another for each who was at it.
    pub fence: i64,
}

pub(super) const COLUMNS: &str = "d.id, d.event_id, d.trigger_id, d.action_id, d.namespace_id, d.repository_id, d.repository,
    d.trigger_name, d.condition_kind, d.condition_text, d.action_kind, d.action_label, d.event_kind, d.by_hand, d.actor,
    d.tag, d.digest, d.lane, d.target, d.state, d.reason, d.detail, d.attempts, d.tries, d.created_at, d.next_at,
    d.give_up_at, d.patched_at, d.ended_at, d.fence";

/// How many columns [`COLUMNS`] has: what follows them in a statement begins there.
pub(super) const WIDTH: usize = 30;

pub(super) fn read_delivery(row: &mut Row) -> Result<Delivery, DbError> {
    Ok(Delivery {
        id: row.take(0)?,
        event: row.take(1)?,
        trigger: row.take(2)?,
        action: row.take(3)?,
        namespace: row.take(4)?,
        repository: row.take(5)?,
        repository_name: row.take(6)?,
        trigger_name: row.take(7)?,
        condition_kind: row.take(8)?,
        condition_text: row.take(9)?,
        action_kind: row.take(10)?,
        action_label: row.take(11)?,
        event_kind: row.take(12)?,
        by_hand: row.take(13)?,
        actor: row.take(14)?,
        tag: row.take(15)?,
        digest: row.take(16)?,
        lane: row.take(17)?,
        target: row.take(18)?,
        state: row.take(19)?,
        reason: row.take(20)?,
        detail: row.take(21)?,
        attempts: row.take(22)?,
        tries: row.take(23)?,
        created_at: row.take(24)?,
        next_at: row.take(25)?,
        give_up_at: row.take(26)?,
        patched_at: row.take(27)?,
        ended_at: row.take(28)?,
        fence: row.take(29)?,
    })
}
