//! Events become deliveries: read behind a cursor, matched, and kept together with how far was read. A push waits for none of
//! this; reading an event twice makes nothing twice.

use super::{
    facts::{OwnNames, read_event, write_facts},
    flow::Flow,
    found::{Found, insert_found},
    matching::{concerns, fires, read_condition},
};
use crate::{App, Error};
use std::{
    collections::{HashMap, HashSet, hash_map::Entry},
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::time::{MissedTickBehavior, interval, sleep};
use wharf_db::{
    DbError, Durability, Tx, events,
    triggers::{
        self, Trigger,
        actions::{self, ListeningAction},
        backlog::{begin_backlog, has_backlog},
        fan_out::{self, CONSUMER, EventRepository},
    },
};
use wharf_model::{ActionId, EventId, RepositoryId, Timestamp, TriggerId, triggers::TagCondition};

/// How often events are looked for although nobody told of one: another process may have written it.
const TICK: Duration = Duration::from_secs(1);

/// How long the events of the last minute may go unread again. One that another connection wrote may become visible after a
/// later one.
const AGAIN: Duration = Duration::from_secs(30);

/// How far back that goes.
const BACK: Duration = Duration::from_secs(60);

/// How long is waited after a look, so that a storm of pushes is read in pieces and not one by one. Longer, and people notice
/// it between a push and its rollout; shorter, and reading takes from the pushes.
const GATHER: Duration = Duration::from_millis(20);

/// Events that are read at once.
const EVENTS: usize = 200;

/// Matches after which a look ends with the event that they are of. With more, triggers with many actions fill memory; with
/// fewer, the same triggers are read more often.
const MATCHES: usize = 2000;

/// Deliveries that one transaction makes. With more, a push waits for it on SQLite; with fewer, there are more commits.
const ROWS: usize = 20;

/// What a look found.
#[derive(Default)]
struct Look {
    found: Vec<Found>,
    /// Actions for which enough waits, each with the first event that it misses.
    behind: Vec<(ActionId, EventId)>,
    /// Actions to whose backlogs something was left.
    left: HashSet<ActionId>,
    /// How far it came, where that is further than before.
    cursor: Option<EventId>,
    /// Where the next look goes on, when there is more.
    next: Option<String>,
}

/// Who may hear of the events of a repository.
struct Audience {
    place: Arc<EventRepository>,
    listeners: Vec<Arc<Listener>>,
}

/// One trigger with what is needed to match it.
struct Listener {
    trigger: Arc<Trigger>,
    condition: TagCondition,
    actions: Vec<ListeningAction>,
}

impl App {
    /// Makes deliveries of events, until it is dropped.
    pub async fn run_trigger_events(self) {
        let mut happened = self.triggers.listen_for_events();
        let mut builds = self.builds.listen();
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut read_again: Option<Instant> = None;
        loop {
            let is_tick = tokio::select! {
                _ = ticks.tick() => true,
                _ = happened.changed() => false,
                _ = builds.changed() => false,
            };
            let again = is_tick && read_again.is_none_or(|at| at.elapsed() >= AGAIN);
            if again {
                read_again = Some(Instant::now());
            }
            if let Err(error) = self.fan_out_events(again, is_tick).await {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "could not read what triggers listen to"
                );
            }
            sleep(GATHER).await;
        }
    }

    /// Reads all events that were not read yet; with `again` those of the last minute once more. Without any trigger the
    /// cursor moves on at ticks only.
    pub(super) async fn fan_out_events(&self, again: bool, is_tick: bool) -> Result<(), Error> {
        let mut from = None;
        loop {
            let (names, now) = (OwnNames::of(&self.settings), self.clock.now());
            let db = self.db.in_background();
            let look = db.read(move |tx| look_for_events(tx, &names, from, again, is_tick, now));
            let look: Look = look.await.map_err(Error::from)?;
            let next = look.next.clone();
            self.make_deliveries(look).await?;
            match next {
                Some(next) => from = Some(next),
                None => break,
            }
        }
        self.make_up_backlogs().await
    }

    /// How much each look finds, keeping nothing.
    #[cfg(test)]
    pub(super) async fn count_matches_of_looks(&self) -> Vec<usize> {
        let (mut from, mut counts) = (None, Vec::new());
        loop {
            let (names, now) = (OwnNames::of(&self.settings), self.clock.now());
            let look = self
                .db
                .read(move |tx| look_for_events(tx, &names, from, true, true, now));
            let look: Look = look.await.unwrap();
            counts.push(look.found.len());
            match look.next {
                Some(next) => from = Some(next),
                None => return counts,
            }
        }
    }

    /// Keeps deliveries, and with the last of them how far was read.
    async fn make_deliveries(&self, look: Look) -> Result<(), Error> {
        let Look {
            mut found,
            behind,
            left,
            cursor,
            ..
        } = look;
        if found.is_empty() && behind.is_empty() && cursor.is_none() {
            return Ok(());
        }
        let (behind, left) = (Arc::new(behind), Arc::new(left));
        let retry = self.configuration.live().triggers.retry;
        loop {
            let rest = found.split_off(found.len().min(ROWS));
            let (piece, is_last) = (found, rest.is_empty());
            found = rest;
            let cursor = cursor.filter(|_| is_last);
            let (behind, left) = (behind.clone(), left.clone());
            let now = self.clock.now();
            let db = self.db.in_background();
            let kept = db.write(Durability::Relaxed, move |tx| {
                let made = insert_found(tx, &piece, now, retry)?;
                if !is_last {
                    return Ok(made);
                }
                for (action, event) in &*behind {
                    begin_backlog(tx, *action, *event)?;
                }
                // What was left to a backlog that ended meanwhile is read again.
                for action in &*left {
                    if !has_backlog(tx, *action)? {
                        return Ok(made);
                    }
                }
                if let Some(cursor) = cursor {
                    events::keep_cursor(tx, CONSUMER, cursor)?;
                }
                Ok::<_, DbError>(made)
            });
            let made: u64 = kept.await.map_err(Error::from)?;
            self.note_made(made);
            if is_last {
                return Ok(());
            }
        }
    }

    /// So many deliveries are kept.
    pub(super) fn note_made(&self, made: u64) {
        if made > 0 {
            wharf_blobs::failpoint("after-trigger-fan-out");
            metrics::counter!("wharf_trigger_deliveries_total").increment(made);
            self.triggers.tell_due();
        }
    }
}

/// Reads events after `from`, or after the cursor.
fn look_for_events(
    tx: &mut Tx<'_>,
    names: &OwnNames,
    from: Option<String>,
    again: bool,
    is_tick: bool,
    now: Timestamp,
) -> Result<Look, DbError> {
    let last = events::find_last_event(tx)?;
    let Some(cursor) = events::find_cursor(tx, CONSUMER)? else {
        // The first time everything counts as read: no trigger was there before. Where nothing has happened yet, reading
        // begins before everything: the first event must not count as read, and its tag's next one not come before it.
        let begin = events::first_id_at(Timestamp::from_seconds(0)).parse();
        return Ok(Look {
            cursor: last.or_else(|| begin.ok()),
            ..Look::default()
        });
    };
    let ahead = last.filter(|last| *last > cursor);
    if !fan_out::has_active_triggers(tx)? {
        return Ok(Look {
            cursor: ahead.filter(|_| is_tick),
            ..Look::default()
        });
    }
    let minute = events::first_id_at(now.minus(BACK));
    // A clock that was set back makes ids that are less than the cursor.
    let is_back = cursor.to_string() > events::first_id_at(now.plus(BACK));
    let from = from.unwrap_or_else(|| match again || is_back {
        true => cursor.to_string().min(minute),
        false => cursor.to_string(),
    });
    if ahead.is_none() && !again && !is_back {
        return Ok(Look::default());
    }
    let rows = fan_out::list_events(tx, &from, EVENTS)?;
    let mut full = rows.len() == EVENTS;
    let Some(mut newest) = rows.last().map(|row| row.id) else {
        return Ok(Look {
            cursor: ahead,
            ..Look::default()
        });
    };
    let made = fan_out::list_made(tx, &from, newest)?;
    let mut audiences: HashMap<RepositoryId, Option<Audience>> = HashMap::new();
    let mut known = HashMap::new();
    let (mut found, mut flow) = (Vec::new(), Flow::default());
    for row in &rows {
        if found.len() >= MATCHES {
            full = true;
            break;
        }
        newest = row.id;
        let audience = match audiences.entry(row.repository) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(free) => free.insert(load_audience(tx, row.repository, &mut known)?),
        };
        let Some(Audience { place, listeners }) = audience else {
            continue;
        };
        // Most of what happens while receivers are dead: not even what it is is made out.
        let mut actions = listeners.iter().flat_map(|listener| &listener.actions);
        if actions.all(|action| flow.is_left(action, row.id)) {
            continue;
        }
        let Some(facts) = read_event(tx, names, row, place)? else {
            continue;
        };
        let facts = Arc::new(facts);
        let mut text: Option<Arc<str>> = None;
        for listener in listeners.iter() {
            if !fires(&listener.trigger, &listener.condition, &facts) {
                continue;
            }
            // Read again: what the trigger says since a change is for what happens since then.
            if row.id <= cursor && facts.at < listener.trigger.changed_at {
                continue;
            }
            for action in &listener.actions {
                let is_made = made.contains(&(row.id, action.id));
                if is_made || !concerns(action.kind, facts.kind) || !flow.takes(action, row.id) {
                    continue;
                }
                let text = text.get_or_insert_with(|| write_facts(&facts).into());
                found.push(Found {
                    facts: facts.clone(),
                    text: text.clone(),
                    repository: row.repository,
                    place: place.clone(),
                    trigger: listener.trigger.clone(),
                    action: *action,
                    is_late: false,
                });
            }
        }
    }
    Ok(Look {
        found,
        behind: flow.behind.into_iter().collect(),
        left: flow.left,
        cursor: match full {
            true => Some(newest).filter(|newest| *newest > cursor),
            false => ahead,
        },
        next: full.then(|| newest.to_string()),
    })
}

/// The triggers that may concern a repository, with what they do; `None` for one that is gone. A namespace's own are kept once
/// for all of its repositories.
fn load_audience(
    tx: &mut Tx<'_>,
    repository: RepositoryId,
    known: &mut HashMap<TriggerId, Arc<Listener>>,
) -> Result<Option<Audience>, DbError> {
    let Some(place) = fan_out::find_event_repository(tx, repository)? else {
        return Ok(None);
    };
    let mut listeners = Vec::new();
    for trigger in triggers::list_triggers_within(tx, repository, place.namespace)? {
        if let Some(listener) = known.get(&trigger.id) {
            listeners.push(listener.clone());
            continue;
        }
        let Ok(condition) = read_condition(&trigger) else {
            continue;
        };
        let listener = Arc::new(Listener {
            actions: actions::list_listening(tx, trigger.id)?,
            trigger: Arc::new(trigger),
            condition,
        });
        known.insert(listener.trigger.id, listener.clone());
        listeners.push(listener);
    }
    Ok(Some(Audience {
        place: Arc::new(place),
        listeners,
    }))
}
