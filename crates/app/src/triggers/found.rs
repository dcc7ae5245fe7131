//! Deliveries to be made, as whoever reads events found them, and their rows.

use super::reasons;
use std::{sync::Arc, time::Duration};
use wharf_db::{
    DbError, Tx,
    triggers::{
        Trigger,
        actions::ListeningAction,
        deliveries::{self, NewDelivery, insert_deliveries},
        fan_out::EventRepository,
    },
};
use wharf_model::{
    RepositoryId, Timestamp,
    triggers::{ActionKind, ActionState, EventFacts},
};

/// One delivery to be made.
pub(super) struct Found {
    pub(super) facts: Arc<EventFacts>,
    pub(super) text: Arc<str>,
    pub(super) repository: RepositoryId,
    pub(super) place: Arc<EventRepository>,
    pub(super) trigger: Arc<Trigger>,
    pub(super) action: ListeningAction,
    /// Whether the action heard of it late: its time began when it happened.
    pub(super) is_late: bool,
}

impl Found {
    /// Why it is a dead letter from the beginning.
    fn dead(&self, give_up_at: Timestamp, now: Timestamp) -> Option<&'static str> {
        match (self.action.state, self.action.switched_off) {
            (ActionState::Disabled, true) => Some(reasons::SWITCHED_OFF),
            (ActionState::Disabled, false) => Some(reasons::ACTION_DISABLED),
            _ => (give_up_at <= now).then_some(reasons::GAVE_UP),
        }
    }
}

/// Keeps deliveries, each of which is tried for so long (`retry`); answers how many were not there yet.
pub(super) fn insert_found(
    tx: &mut Tx<'_>,
    found: &[Found],
    now: Timestamp,
    retry: Duration,
) -> Result<u64, DbError> {
    let give_up_at = |one: &Found| match one.is_late {
        true => one.facts.at.plus(retry),
        false => now.plus(retry),
    };
    let new: Vec<_> = found
        .iter()
        .map(|one| NewDelivery {
            event: one.facts.event,
            event_kind: one.facts.kind,
            by_hand: false,
            actor: &one.facts.actor,
            namespace: one.place.namespace,
            repository: one.repository,
            repository_name: &one.place.name,
            tag: one.facts.tag.as_ref(),
            digest: one.facts.digest.as_ref(),
            trigger: &one.trigger,
            action: one.action.id,
            dead: one.dead(give_up_at(one), now),
            facts: &one.text,
            at: now,
            give_up_at: give_up_at(one),
        })
        .collect();
    let mut made = 0;
    for (one, id) in found.iter().zip(insert_deliveries(tx, &new)?) {
        let Some(id) = id else { continue };
        made += 1;
        if one.action.kind == ActionKind::Workload {
            deliveries::hasten_older(tx, id, now)?;
        }
    }
    Ok(made)
}
