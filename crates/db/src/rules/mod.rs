//! What shall be built: rules, what they know of refs, what was decided, links between images, trigger URLs.
//!
//! Functions that answer people ask for the proof of a decision about access; those that follow events take ids, and are
//! called by the rooms of `wharf-app` that no person calls. What a definition means is known there; here it is text.

mod change;
pub mod contexts;
pub mod decisions;
pub mod heads;
pub mod links;
pub mod rebuilds;
pub mod remotes;
mod row;
mod secrets;
pub mod trigger_urls;

pub use change::{
    NewRule, RuleChange, catch_up, change_rule, delete_rule, follow_source, forget_heads,
    insert_rule,
};
pub use row::{
    Rule, SourceState, count_rules, find_rule, find_rule_by_id, list_rules, list_rules_of_remote,
    list_rules_of_repository, list_rules_of_source,
};
pub use secrets::{RuleSecret, forget_rule_secret, list_rule_secrets, note_rule_secret};
