//! Builds: the queue, the records, their phases and further registries.
//!
//! A build is made in the transaction that decided it ([`insert_build`]), claimed by one server at a time
//! ([`claim_build`]: a lease with a fence that every later change names), and ended in the transaction that sets its
//! tags ([`end_build`]). Called by `wharf-app`'s rooms of builds and of rules.

mod claim;
mod columns;
mod end;
mod insert;
mod list;
mod owned_tags;
mod phases;
mod pushes;
mod record;
mod room;
mod statuses;
mod stop;

pub use claim::{
    Claim, claim_build, explain_waiting, list_leases, list_owned_builds, load_queue, note_phase,
    release_build, release_owned, renew_lease,
};
pub use end::{BuildEnd, end_build, note_bases, note_commit, note_steps};
pub use insert::{NewBuild, find_next_number, insert_build};
pub(crate) use list::visible;
pub use list::{BuildFilter, BuildViewer, find_by_digest, list_builds, list_repository_builds};
pub use owned_tags::{find_owner, list_overtaken, list_owned, own_tags, release_tags};
pub use phases::{NewPhase, PhaseRow, end_phase, list_phases, start_phase};
pub use pushes::{
    PushRow, claim_push, end_push, list_due_pushes, list_overtaken_at, list_pushes, note_overtaken,
    reset_push, reset_running_pushes,
};
pub use record::{
    Build, Failure, RuleRef, choose_tags, exists, find_build, find_build_number, has_newer,
    list_expired_logs, load_spec, set_log,
};
pub use room::count_waiting;
pub use statuses::{StatusRow, find_due_statuses, has_status, note_status, want_status};
pub use stop::{detach_rule, find_stop, list_open_builds, stop_build, supersede_builds};
