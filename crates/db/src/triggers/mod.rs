//! Triggers: clusters and who may use them, triggers with their actions, deliveries with their attempts.
//!
//! Functions that answer people ask for the proof of a decision about access ([`TriggerView`], [`TriggerEdit`], or the
//! administrator's); those that follow events take ids, and are called by the rooms of `wharf-app` that no person calls.
//! What a definition, a condition or a rollout means is known there; here it is text.

pub mod actions;
pub mod attempts;
pub mod backlog;
pub mod clusters;
pub mod deliveries;
pub mod fan_out;
pub mod grants;
mod place;
mod row;

pub use place::{TriggerEdit, TriggerOwner, TriggerRun, TriggerView};
pub use row::{
    NewTrigger, Trigger, TriggerChange, change_trigger, count_triggers, delete_trigger,
    find_trigger, find_trigger_by_id, insert_trigger, list_triggers, list_triggers_of,
    list_triggers_within,
};

#[cfg(test)]
mod tests;
