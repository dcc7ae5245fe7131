//! Whose build comes next: turns go round the namespaces, whatever each of them has waiting.
//!
//! Pure: the queue is given as values, once to claim the next build and once to show everybody's place.

use crate::{BuildId, NamespaceId, Timestamp};
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::time::Duration;

mod places;

/// A build that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// Which.
    pub build: BuildId,
    /// Whose.
    pub namespace: NamespaceId,
    /// How long builds like it took, if any did.
    pub usual: Option<Duration>,
}

/// A build that runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Running {
    /// Whose.
    pub namespace: NamespaceId,
    /// Since when.
    pub since: Timestamp,
    /// How long builds like it took, if any did.
    pub usual: Option<Duration>,
}

/// How many builds run at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slots {
    /// On this server.
    pub all: usize,
    /// Of one namespace.
    pub each: usize,
}

/// The queue as rows tell it: oldest first.
#[derive(Debug, Clone, Default)]
pub struct Queue {
    /// In the order in which they came.
    pub waiting: Vec<Waiting>,
    /// Now.
    pub running: Vec<Running>,
    /// When a build of a namespace was last begun.
    pub last_turn: HashMap<NamespaceId, Timestamp>,
}

/// A place in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Which build.
    pub build: BuildId,
    /// Whose.
    pub namespace: NamespaceId,
    /// 1 is next.
    pub position: usize,
    /// When it begins if builds take as long as they used to; none when nothing is known of one before it.
    pub starts_at: Option<Timestamp>,
}

impl Queue {
    /// All that wait, in the order in which they will be begun: the turn goes to the namespace that waited longest for
    /// one, and within it to its oldest build. So nobody waits behind more than one build of another namespace for each
    /// of its own.
    pub fn order(&self) -> Vec<Waiting> {
        let mut lines: HashMap<NamespaceId, VecDeque<Waiting>> = HashMap::new();
        // The key is (last turn, arrival): never having had one comes before all.
        let mut turns = BTreeMap::new();
        for (arrival, waiting) in self.waiting.iter().enumerate() {
            let line = lines.entry(waiting.namespace).or_default();
            if line.is_empty() {
                let last = self.last_turn.get(&waiting.namespace).copied();
                turns.insert((0_usize, last, arrival), waiting.namespace);
            }
            line.push_back(*waiting);
        }
        let mut order = Vec::with_capacity(self.waiting.len());
        while let Some(((round, last, arrival), namespace)) = turns.pop_first() {
            let Some(line) = lines.get_mut(&namespace) else {
                continue;
            };
            order.extend(line.pop_front());
            if !line.is_empty() {
                // Behind all that still wait for this round, in the same order among each other.
                turns.insert((round + 1, last, arrival), namespace);
            }
        }
        order
    }

    /// The build to begin now; none when nothing waits or may begin.
    pub fn next(&self, slots: Slots) -> Option<BuildId> {
        if self.running.len() >= slots.all {
            return None;
        }
        let mut busy: HashMap<NamespaceId, usize> = HashMap::new();
        for running in &self.running {
            *busy.entry(running.namespace).or_default() += 1;
        }
        let may = |waiting: &Waiting| {
            busy.get(&waiting.namespace).copied().unwrap_or_default() < slots.each
        };
        let next = self.order().into_iter().find(may);
        next.map(|waiting| waiting.build)
    }
}

#[cfg(test)]
mod tests;
