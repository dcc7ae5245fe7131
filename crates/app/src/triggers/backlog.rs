//! What actions miss is made up for: as their receivers take what waits for them, the deliveries of later events are made, in
//! the order of the events. What is too old to be sent becomes dead letters at once, so that it is seen. Called by the loop
//! that reads events, which makes no delivery of an action that has a backlog.

use super::{
    facts::{OwnNames, read_event, write_facts},
    fan_out::{Found, insert_found},
    matching::{concerns, fires, read_condition},
};
use crate::{App, Error};
use std::{collections::HashMap, sync::Arc};
use wharf_db::{
    DbError, Durability, Tx, events,
    triggers::{
        actions::find_listening,
        backlog::{Behind, ENOUGH, list_behind, move_backlog},
        fan_out::{CONSUMER, find_event_repository, list_events_from},
        find_trigger_by_id,
    },
};
use wharf_model::{EventId, Timestamp, triggers::ActionState};

/// Actions that are looked at in one round.
const ACTIONS: usize = 200;

/// Events that are read at once for an action.
const EVENTS: usize = 200;

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
    /// Makes deliveries that actions miss, as many as they take now.
    pub(super) async fn make_up_backlogs(&self) -> Result<(), Error> {
        loop {
            let db = self.db.in_background();
            let behind = db.read(|tx| list_behind(tx, ACTIONS));
            let behind: Vec<Behind> = behind.await.map_err(Error::from)?;
            self.triggers.note_behind(!behind.is_empty());
            let mut goes_on = false;
            for one in behind {
                goes_on |= self.make_up_backlog(one).await?;
            }
            if !goes_on {
                return Ok(());
            }
        }
    }

    /// Makes a piece of what an action misses; answers whether there is more that can be made now.
    async fn make_up_backlog(&self, behind: Behind) -> Result<bool, Error> {
        let now = self.clock.now();
        let retry = self.configuration.live().triggers.retry;
        let rests = self.triggers.rests.find_end(behind.action, now).is_some();
        // Half of it is gone before more is made: pieces of one delivery each would cost a commit each.
        let room = match rests || behind.waiting > ENOUGH / 2 {
            true => 0,
            false => ((ENOUGH - behind.waiting) as usize).min(ROWS),
        };
        let too_old = now.minus(retry);
        if room == 0 && behind.from.to_string() >= events::first_id_at(too_old) {
            return Ok(false);
        }
        let names = OwnNames::of(&self.settings);
        let (db, looked) = (self.db.in_background(), behind.clone());
        let piece = db.read(move |tx| read_piece(tx, &names, &looked, room, too_old));
        let Piece { found, next, seen } = piece.await.map_err(Error::from)?;
        let goes_on = next.is_some_and(|next| next != behind.from);
        let made = db.write(Durability::Relaxed, move |tx| {
            // Another process may have read on meanwhile, and left to this one what it found.
            let cursor = events::find_cursor(tx, CONSUMER)?;
            let next = next.or(seen.filter(|seen| cursor.is_some_and(|cursor| cursor > *seen)));
            if !move_backlog(tx, behind.action, behind.from, next)? {
                return Ok(0);
            }
            insert_found(tx, &found, now, retry)
        });
        let made: u64 = made.await.map_err(Error::from)?;
        self.note_made(made);
        Ok(goes_on)
    }
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
        return Ok(piece);
    };
    let trigger = Arc::new(trigger);
    let rows = list_events_from(tx, behind.from, EVENTS)?;
    let mut places = HashMap::new();
    for row in &rows {
        let is_full = piece.found.len() >= ROWS;
        let is_sent = row.at >= too_old && action.state == ActionState::Active;
        if is_full || (is_sent && piece.found.len() >= room) {
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
        let is_own = match trigger.repository {
            Some(repository) => repository == row.repository,
            None => trigger.namespace == place.namespace,
        };
        if !is_own {
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
            rests_until: None,
            is_late: true,
        });
    }
    // Read again from the last one on, which makes nothing twice.
    piece.next = piece.seen.filter(|_| rows.len() == EVENTS);
    Ok(piece)
}
