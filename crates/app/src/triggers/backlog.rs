//! What actions miss is made up for: as their receivers take what waits for them, the deliveries of later events are made, in
//! the order of the events. What is too old to be sent becomes dead letters at once, so that it is seen. Called by the loop
//! that reads events, which makes no delivery of what a backlog brings. It is judged by what the trigger says when it is made.

use super::{
    facts::{OwnNames, read_event, write_facts},
    found::{Found, insert_found},
    matching::{concerns, fires, read_condition},
};
use crate::{App, Error};
use std::{collections::HashMap, sync::Arc};
use wharf_db::{
    DbError, Durability, Tx, events,
    triggers::{
        actions::find_listening,
        backlog::{Behind, ENOUGH, list_behind, move_backlog},
        fan_out::{CONSUMER, find_event_repository, list_events, list_events_from},
        find_trigger_by_id,
    },
};
use wharf_model::{EventId, Timestamp, triggers::ActionState};

/// Actions of which a piece is made in one round, before events are read again.
const ACTIONS: usize = 50;

/// Events that are read at once for an action, and how often before it is the next one's turn.
const EVENTS: usize = 200;
const PAGES: usize = 5;

/// Deliveries that one transaction makes. With more, a push waits for it on SQLite; with fewer, there are more commits.
const ROWS: usize = 16;

/// A piece of a backlog.
struct Piece {
    found: Vec<Found>,
    /// What is missing afterwards; none where all that was read is there.
    next: Option<EventId>,
    /// The last event that was read; none where the action is to hear of nothing.
    seen: Option<EventId>,
}

impl App {
    /// Makes a piece of what each action misses that takes something now; with more to do, this is called again after events
    /// were read.
    pub(super) async fn make_up_backlogs(&self) -> Result<(), Error> {
        let now = self.clock.now();
        let too_old = now.minus(self.configuration.live().triggers.retry);
        let resting = self.triggers.rests.list(now);
        let db = self.db.in_background();
        let behind = db.read(move |tx| list_behind(tx, &resting, too_old, ACTIONS));
        let behind: Vec<Behind> = behind.await.map_err(Error::from)?;
        let mut goes_on = behind.len() == ACTIONS;
        for one in behind {
            goes_on |= self.make_up_backlog(one, too_old).await?;
        }
        if goes_on {
            self.triggers.tell_event();
        }
        Ok(())
    }

    /// Makes a piece of what an action misses; answers whether there is more.
    async fn make_up_backlog(&self, behind: Behind, too_old: Timestamp) -> Result<bool, Error> {
        let now = self.clock.now();
        let retry = self.configuration.live().triggers.retry;
        let room = match self.triggers.rests.find_end(behind.action, now) {
            Some(_) => 0,
            None => ENOUGH.saturating_sub(behind.waiting) as usize,
        };
        let names = OwnNames::of(&self.settings);
        let (db, looked) = (self.db.in_background(), behind.clone());
        let piece = db.read(move |tx| read_piece(tx, &names, &looked, room, too_old));
        let Piece { found, next, seen } = piece.await.map_err(Error::from)?;
        let goes_on = next.is_some_and(|next| next != behind.from);
        let made = db.write(Durability::Relaxed, move |tx| {
            let next = match (next, seen) {
                (None, Some(seen)) => find_left(tx, seen)?,
                (next, _) => next,
            };
            match move_backlog(tx, behind.action, behind.from, next)? {
                true => insert_found(tx, &found, now, retry),
                false => Ok(0),
            }
        });
        let made: u64 = made.await.map_err(Error::from)?;
        self.note_made(made);
        Ok(goes_on)
    }
}

/// The first event behind `seen` that whoever reads events has left to the backlog since.
fn find_left(tx: &mut Tx<'_>, seen: EventId) -> Result<Option<EventId>, DbError> {
    let Some(cursor) = events::find_cursor(tx, CONSUMER)? else {
        return Ok(None);
    };
    let next = list_events(tx, &seen.to_string(), 1)?;
    Ok(next.first().map(|row| row.id).filter(|id| *id <= cursor))
}

/// Reads what an action misses: deliveries for at most `room`, and dead letters of what happened before `too_old`.
fn read_piece(
    tx: &mut Tx<'_>,
    names: &OwnNames,
    behind: &Behind,
    room: usize,
    too_old: Timestamp,
) -> Result<Piece, DbError> {
    let mut piece = Piece {
        found: Vec::new(),
        next: None,
        seen: None,
    };
    let trigger = find_trigger_by_id(tx, behind.trigger)?.filter(|trigger| trigger.enabled);
    let (Some(trigger), Some(action)) = (trigger, find_listening(tx, behind.action)?) else {
        return Ok(piece);
    };
    let Ok(condition) = read_condition(&trigger) else {
        // A newer program wrote it, and may understand it again.
        piece.next = Some(behind.from);
        return Ok(piece);
    };
    let trigger = Arc::new(trigger);
    let mut places = HashMap::new();
    piece.seen = Some(behind.from);
    for page in 0..PAGES {
        let from = piece.seen.unwrap_or(behind.from);
        let rows = list_events_from(tx, from, trigger.repository, EVENTS)?;
        for row in &rows {
            if page > 0 && piece.seen == Some(row.id) {
                continue;
            }
            let is_sent = row.at >= too_old && action.state == ActionState::Active;
            let found = piece.found.len();
            if found >= ROWS || (is_sent && found >= room) {
                piece.next = Some(row.id);
                return Ok(piece);
            }
            piece.seen = Some(row.id);
            let place = match places.get(&row.repository) {
                Some(place) => place,
                None => {
                    let place = find_event_repository(tx, row.repository)?.map(Arc::new);
                    places.entry(row.repository).or_insert(place)
                }
            };
            let Some(place) = place.clone() else { continue };
            if trigger.repository.is_none() && trigger.namespace != place.namespace {
                continue;
            }
            let Some(facts) = read_event(tx, names, row, &place)? else {
                continue;
            };
            if !fires(&trigger, &condition, &facts) || !concerns(action.kind, facts.kind) {
                continue;
            }
            piece.found.push(Found {
                text: write_facts(&facts).into(),
                facts: Arc::new(facts),
                repository: row.repository,
                place,
                trigger: trigger.clone(),
                action,
                is_late: true,
            });
        }
        if rows.len() < EVENTS {
            return Ok(piece);
        }
    }
    // It goes on from the last one, which makes nothing twice.
    piece.next = piece.seen;
    Ok(piece)
}
