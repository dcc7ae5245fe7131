//! How much of what happens becomes deliveries at once: of an action for which enough waits, the rest is left to its backlog.
//! Asked by the look for events, for each match.

use std::collections::{HashMap, HashSet};
use wharf_db::triggers::{actions::ListeningAction, backlog::ENOUGH};
use wharf_model::{
    ActionId, EventId,
    triggers::{ActionKind, ActionState},
};

/// How much each action takes.
#[derive(Default)]
pub(super) struct Flow {
    /// What was found for each.
    found: HashMap<ActionId, u64>,
    /// Those for which enough waits now, each with the first event that it misses.
    pub(super) behind: HashMap<ActionId, EventId>,
    /// Those to whose backlogs something was left.
    pub(super) left: HashSet<ActionId>,
}

impl Flow {
    /// Whether an event is one that an action's backlog brings.
    pub(super) fn is_left(&mut self, action: &ListeningAction, event: EventId) -> bool {
        if action.backlog_from.is_some_and(|from| event >= from) {
            self.left.insert(action.id);
            return true;
        }
        self.behind.contains_key(&action.id)
    }

    /// Whether a delivery is made for an action: of a workload always, whose newest event makes older ones void; of what is
    /// switched off too, since nothing of it waits.
    pub(super) fn takes(&mut self, action: &ListeningAction, event: EventId) -> bool {
        if self.is_left(action, event) {
            return false;
        }
        if action.kind == ActionKind::Workload || action.state == ActionState::Disabled {
            return true;
        }
        let found = self.found.entry(action.id).or_default();
        if action.waiting + *found >= ENOUGH {
            self.behind.insert(action.id, event);
            return false;
        }
        *found += 1;
        true
    }
}
