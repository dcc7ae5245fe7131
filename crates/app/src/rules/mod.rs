//! What shall be built, and why: rules, one decision for each update of a ref, links between images, trigger URLs.
//!
//! Pushes come in by [`App::record_pushes`](crate::App) (webhooks) and by `looking` (asking for refs); both decide in one
//! transaction with the build and with what the rule knows from then on. How something is built is the business of the
//! room `builds`; what code hosts are is known to `sources`. Nothing here speaks HTTP, git or a code host's API.

mod call_target;
mod calls;
mod compile;
mod contexts;
mod create;
mod deciding;
mod definition;
mod draft;
mod edit;
mod end;
mod from_git;
mod gate;
mod graph;
mod links;
mod looking;
mod metrics;
mod owning;
mod page;
mod placing;
mod planning;
mod pushes;
mod rebuilds;
mod remote;
mod secrets;
mod starting;
mod trigger_urls;
mod trying;
mod updates;
mod waiting_calls;
mod watching;

pub use call_target::TriggerCall;
pub use calls::CallOutcome;
pub use contexts::MAX_CONTEXT;
pub(crate) use contexts::repeat_context;
pub use deciding::DECISION_REASONS;
pub(crate) use deciding::{PASSED_OVER, find_stop};
pub use definition::{Definition, FormText, LineText, NamingText, TriggerText};
pub use draft::{RuleDraft, RuleEdit};
pub(crate) use end::end_rules;
pub(crate) use gate::GitGate;
pub(crate) use links::OwnBase;
pub use links::{Link, LinkDraft, LinkPage};
pub(crate) use owning::{Foreseen, find_owned};
pub use page::{Decision, DecisionQuery, RulePage};
pub use starting::{DockerfileStart, RuleStart, StartFrom};
pub use trigger_urls::TriggerUrl;
pub use trying::{ImaginedBuild, Trial, TriedRef, TryOn};
pub use updates::{PushOutcome, RemoteRef, ReportedUpdate};
pub(crate) use watching::Watching;
pub use wharf_db::rules::Rule;
