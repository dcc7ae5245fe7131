//! When a linked image changes, what stands on it is built again: once for whatever changed, what is below first, and
//! never in a storm.

use super::{
    deciding::{Origin, STORM, Update, decide_update, understand},
    graph::find_ready,
    planning::Understood,
    waiting_calls,
};
use crate::{App, Error, lanes::Lanes};
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};
use wharf_db::{
    DbError, Durability, Tx,
    builds::count_waiting,
    events,
    rules::{
        self, decisions,
        heads::{self, Head, NewDecision},
        links,
        rebuilds::{self, WaitingRebuild},
    },
};
use wharf_model::{
    RepositoryId,
    builds::{BuildCause, RefKind},
};

/// How often changes are looked for.
const TICK: Duration = Duration::from_secs(1);

/// Every so many looks the events of the last minute are read again: one that another connection wrote may become visible
/// after a later one. Reading twice does nothing, since what tags name now is compared with what they named.
const AGAIN: u32 = 30;

/// How far back that goes.
const BACK: Duration = Duration::from_secs(60);

/// How often links build one rule again within an hour. A base image that is pushed every minute, or a circle that nobody
/// saw, builds no more than this; fewer would hold up an afternoon's work on a base image.
const MAX_AN_HOUR: u64 = 10;

/// For how long a rebuild waits again whose namespace's queue is full.
const FULL: Duration = Duration::from_secs(60);

/// The time in which they are counted.
const HOUR: Duration = Duration::from_secs(3600);

impl App {
    /// Follows images that something is linked to, and starts what trigger URLs wait for, until it is dropped.
    pub async fn run_rebuilds(self) {
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut count = 0_u32;
        let mut lanes = Lanes::new(waiting_calls::BOUNDS);
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                () = lanes.end_one() => continue,
            }
            let again = count.is_multiple_of(AGAIN);
            count = count.wrapping_add(1);
            let followed = self.follow_links(again).await;
            let started = self.start_rebuilds().await;
            let called = self.start_waiting_triggers(&mut lanes).await;
            for done in [followed, started, called] {
                if let Err(error) = done {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "could not follow what is linked"
                    );
                }
            }
        }
    }

    /// Finds tags that something is linked to and that name something new; what is linked to them waits for its turn.
    async fn follow_links(&self, again: bool) -> Result<(), Error> {
        let now = self.clock.now();
        let read = self.db.read(move |tx| {
            let last = events::find_last_event(tx)?;
            let cursor = events::find_cursor(tx, rebuilds::CONSUMER)?;
            // The first time everything counts as read: nothing was linked before.
            let Some(cursor) = cursor else {
                return Ok((last, Vec::new()));
            };
            if last == Some(cursor) && !again {
                return Ok((None, Vec::new()));
            }
            let from = if again {
                cursor.to_string().min(events::first_id_at(now.minus(BACK)))
            } else {
                cursor.to_string()
            };
            let stirred = rebuilds::list_stirred(tx, &from)?;
            Ok::<_, DbError>((last.filter(|last| *last != cursor), stirred))
        });
        let (last, stirred) = read.await.map_err(Error::from)?;
        if last.is_none() && stirred.is_empty() {
            return Ok(());
        }
        let note = self.db.write(Durability::Durable, move |tx| {
            for base in &stirred {
                want_rebuilds(tx, *base, now)?;
            }
            if let Some(last) = last {
                events::keep_cursor(tx, rebuilds::CONSUMER, last)?;
            }
            Ok::<_, DbError>(())
        });
        note.await.map_err(Error::from)
    }

    /// Builds again what waits and stands on nothing that waits or is being built.
    async fn start_rebuilds(&self) -> Result<(), Error> {
        let now = self.clock.now();
        let read = self.db.read(move |tx| {
            let waiting = rebuilds::list_waiting(tx)?;
            if waiting.is_empty() {
                return Ok(waiting);
            }
            let places: Vec<_> = waiting.iter().map(|one| one.repository).collect();
            let mut busy = rebuilds::list_building(tx)?;
            // A base that was just built, and whose new tag was not looked at yet: what stands on it waits for that, or
            // it would be built twice.
            if let Some(cursor) = events::find_cursor(tx, rebuilds::CONSUMER)? {
                busy.extend(rebuilds::list_stirred(tx, &cursor.to_string())?);
            }
            let ready = find_ready(&links::load_graph(tx)?, &places, &busy);
            Ok::<_, DbError>(
                waiting
                    .into_iter()
                    .filter(|one| ready.contains(&one.repository) && one.not_before <= now)
                    .collect(),
            )
        });
        let mut built = false;
        for waiting in read.await.map_err(Error::from)? {
            let settings = self.settings.clone();
            let rebuild = self.db.write(Durability::Durable, move |tx| {
                rebuild_rule(tx, &settings, &waiting, now)
            });
            built |= rebuild.await.map_err(Error::from)?;
        }
        if built {
            self.wake_builds();
        }
        Ok(())
    }
}

/// Notes what the tags of a base name now; what is linked to those that changed waits to be built again.
fn want_rebuilds(
    tx: &mut Tx<'_>,
    base: RepositoryId,
    now: wharf_model::Timestamp,
) -> Result<(), DbError> {
    for moved in rebuilds::list_moved(tx, base)? {
        rebuilds::note_base(tx, base, moved.tag.as_str(), &moved.digest)?;
        let name = format!("{}:{}", moved.name, moved.tag);
        for rule in links::list_linked_rules(tx, base, moved.tag.as_str())? {
            rebuilds::want_rebuild(tx, rule, &name, now)?;
        }
    }
    Ok(())
}

/// Builds a rule's heads again; answers whether anything was queued.
fn rebuild_rule(
    tx: &mut Tx<'_>,
    settings: &crate::Settings,
    waiting: &WaitingRebuild,
    now: wharf_model::Timestamp,
) -> Result<bool, DbError> {
    let rule = rules::find_rule_by_id(tx, waiting.rule)?.filter(|rule| rule.enabled);
    let Some(rule) = rule.and_then(understand) else {
        rebuilds::end_waiting(tx, waiting.rule)?;
        return Ok(false);
    };
    let origin = Origin {
        cause: BuildCause::Link,
        origin: &waiting.base,
        now,
    };
    let heads = list_rebuilt(tx, &rule)?;
    let (count, first) = decisions::count_link_builds(tx, rule.rule.id, now.minus(HOUR))?;
    if count >= MAX_AN_HOUR {
        if !waiting.told {
            for head in &heads {
                record_storm(tx, &rule, head, origin)?;
            }
        }
        let free = first.unwrap_or(now).plus(HOUR);
        rebuilds::delay_rebuild(tx, rule.rule.id, free, true)?;
        return Ok(false);
    }
    // It waits for room rather than being skipped: nobody will push it again.
    let waiting_builds = count_waiting(tx, rule.rule.namespace, None)?;
    if !have_room(waiting_builds, heads.len() as u64, settings.namespace_queue) {
        rebuilds::delay_rebuild(tx, rule.rule.id, now.plus(FULL), waiting.told)?;
        return Ok(false);
    }
    rebuilds::end_waiting(tx, waiting.rule)?;
    let mut built = false;
    for head in &heads {
        let update = Update {
            reference: &head.reference,
            old: head.object.as_ref(),
            new: head.object.as_ref(),
            commit: head.commit.as_ref(),
            message: None,
            author: "",
        };
        built |= decide_update(tx, settings, &rule, &update, origin)?.is_some();
    }
    Ok(built)
}

/// Whether all heads of a rule find room. More of them than the queue takes are built as far as it goes, once it is empty.
fn have_room(waiting: u64, heads: u64, limit: u64) -> bool {
    waiting < limit && (waiting == 0 || waiting + heads <= limit)
}

/// The heads that a link builds again: branches that the rule builds, and its git tags where it says so.
fn list_rebuilt(tx: &mut Tx<'_>, rule: &Understood) -> Result<Vec<Head>, DbError> {
    let heads = heads::list_heads(tx, rule.rule.id)?;
    let mut heads: Vec<_> = heads
        .into_values()
        .filter(|head| head.object.is_some())
        .filter(|head| match head.reference.kind() {
            RefKind::Branch => true,
            RefKind::Tag => rule.definition.rebuild_tags,
        })
        .filter(|head| rule.compiled.trigger.chooses(&head.reference))
        .collect();
    heads.sort_by(|one, other| one.reference.cmp(&other.reference));
    Ok(heads)
}

fn record_storm(
    tx: &mut Tx<'_>,
    rule: &Understood,
    head: &Head,
    origin: Origin<'_>,
) -> Result<(), DbError> {
    let new = NewDecision {
        rule: rule.rule.id,
        reference: head.reference.clone(),
        old: head.object.clone(),
        new: head.object.clone(),
        commit: head.commit.clone(),
        decision: "skipped",
        reason: Some(STORM.to_owned()),
        detail: MAX_AN_HOUR.to_string(),
        build: None,
        cause: origin.cause.as_str(),
        origin: origin.origin.to_owned(),
        at: origin.now,
    };
    heads::record_decision(tx, &new, true).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_built_again_together_or_wait_for_room() {
        assert!(have_room(195, 5, 200));
        assert!(!have_room(199, 5, 200), "four would never be built");
        assert!(!have_room(200, 0, 200));
        assert!(have_room(0, 300, 200), "there will never be more room");
        assert!(!have_room(1, 300, 200));
    }
}
