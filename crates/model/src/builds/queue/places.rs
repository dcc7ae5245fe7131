//! Everybody's place in the queue: the builds to come are begun in thought, within both limits.

use super::{Place, Queue, Slots, Waiting};
use crate::{NamespaceId, Timestamp};
use std::collections::VecDeque;

impl Queue {
    /// Everybody's place in the order in which they begin, and when each does, if builds take as long as they used to.
    pub fn places(&self, slots: Slots, now: Timestamp) -> Vec<Place> {
        let mut thought = Thought {
            slots,
            now,
            running: Vec::new(),
            line: self.order().into(),
            places: Vec::with_capacity(self.waiting.len()),
        };
        for running in &self.running {
            let end = running.usual.map(|usual| running.since.plus(usual));
            thought.running.push((running.namespace, end));
        }
        while thought.begin_next() || thought.end_next() {}
        while let Some(waiting) = thought.line.pop_front() {
            thought.place(&waiting, None);
        }
        thought.places
    }
}

/// The queue at a moment to come.
struct Thought {
    slots: Slots,
    now: Timestamp,
    /// Whose builds run, and until when where that is known.
    running: Vec<(NamespaceId, Option<Timestamp>)>,
    /// In the order of turns.
    line: VecDeque<Waiting>,
    places: Vec<Place>,
}

impl Thought {
    /// Begins the next build, if one may begin at this moment.
    fn begin_next(&mut self) -> bool {
        if self.running.len() >= self.slots.all.max(1) {
            return false;
        }
        let may = |waiting: &Waiting| !self.is_full(waiting, |_| true);
        let Some(index) = self.line.iter().position(may) else {
            return false;
        };
        let Some(waiting) = self.line.remove(index) else {
            return false;
        };
        let end = waiting.usual.map(|usual| self.now.plus(usual));
        self.running.push((waiting.namespace, end));
        self.place(&waiting, Some(self.now));
        // Whoever was passed over for builds that end nobody knows when keeps the place behind this one.
        let mut next = 0;
        for _ in 0..index {
            match self.line.get(next).copied() {
                Some(passed) if self.is_full(&passed, |end| end.is_none()) => {
                    self.line.remove(next);
                    self.place(&passed, None);
                }
                _ => next += 1,
            }
        }
        true
    }

    /// Goes on to the moment when a build ends; none does that is known of when this answers `false`.
    fn end_next(&mut self) -> bool {
        let ends = self.running.iter().enumerate();
        let ends = ends.filter_map(|(index, (_, end))| Some(((*end)?, index)));
        let Some((end, index)) = ends.min() else {
            return false;
        };
        self.running.swap_remove(index);
        self.now = self.now.max(end);
        !self.line.is_empty()
    }

    /// Whether so many of the namespace's builds run, among those whose end is like that, that no other may begin.
    fn is_full(&self, waiting: &Waiting, like: fn(&Option<Timestamp>) -> bool) -> bool {
        let running = self.running.iter();
        let own = running.filter(|(namespace, end)| *namespace == waiting.namespace && like(end));
        own.count() >= self.slots.each.max(1)
    }

    fn place(&mut self, waiting: &Waiting, starts_at: Option<Timestamp>) {
        self.places.push(Place {
            build: waiting.build,
            namespace: waiting.namespace,
            position: self.places.len() + 1,
            starts_at,
        });
    }
}
