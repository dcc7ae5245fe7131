//! Who may do what: the one decision about access, and the proof it hands out.
//!
//! [`decide`] is pure: it sees a [`Caller`] and the [`Facts`] of what is asked for, and answers with a [`Granted`]
//! proof or a [`Refusal`]. Layers below take the proof as an argument, so that no code reaches a repository's rows
//! or bytes without a decision. Looking up callers and facts is the work of `wharf-app`.

mod caller;
mod decide;
mod role;
mod verb;

pub use caller::{Caller, CallerKind, Identity, Scope, ScopeEntry, Sponsor};
pub use decide::{
    Action, Facts, Granted, NamespaceFacts, Refusal, Right, decide, decide_namespace,
    decide_system, rights,
};
pub use role::{Actions, Role};
pub use verb::{
    Verb, list_build_verbs, list_cluster_verbs, list_namespace_verbs, list_repository_verbs,
    list_rule_verbs, list_system_verbs, list_trigger_verbs,
};
