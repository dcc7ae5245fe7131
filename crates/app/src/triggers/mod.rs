//! Triggers: what happens elsewhere when a tag moves or a build ends, and the proof that it happened.
//!
//! Events are read behind a cursor ([`fan_out`]), matched purely ([`matching`]) and become deliveries, which are sent in lanes
//! with leases, in order of each target, repository and tag ([`deliver`]): webhooks, messages and mails by [`outgoing`],
//! images into clusters by [`workload`], whose rollouts [`rollout`] looks at. Nothing here runs within a push. It knows no
//! vendor's words beyond the cases of an enum: what is sent and how is `wharf-integrations`'s.

mod aim;
mod backlog;
mod backoff;
mod checking;
mod clusters;
mod create;
pub mod definition;
mod deliver;
mod desk;
mod draft;
mod dry_run;
mod edit;
mod end;
mod exchange;
mod facts;
mod fan_out;
mod flow;
mod found;
mod granting;
mod keeping;
mod load;
mod log;
mod looking;
mod matching;
mod metrics;
mod open_cluster;
mod outgoing;
mod page;
mod picking;
mod place;
mod postage;
mod progress;
mod reasons;
mod redraft;
mod render;
mod rests;
mod rollout;
mod run;
mod settle;
mod simulate;
mod sweep;
mod switching;
mod trace;
mod workload;

#[cfg(test)]
mod tests;

pub use clusters::{AccessDraft, ClusterDraft, ClusterEdit, ClusterPage};
pub use definition::{
    ActionSecret, ActionSpec, ChatText, LanguageText, MailSpec, MessageSpec, PayloadText,
    ROLLOUT_SECONDS, WebhookSpec, WorkloadSpec,
};
pub(crate) use desk::TriggerDesk;
pub use draft::{
    ActionDraft, ActionForm, ConditionText, HeaderDraft, MailDraft, MessageDraft, SigningDraft,
    TriggerDraft, TriggerEditing, WebhookDraft, WorkloadDraft,
};
pub use dry_run::{DryRun, DryRunRequest};
pub(crate) use end::{end_triggers_of_namespace, end_triggers_of_repository};
pub use exchange::{AnswerText, SentText, TimingsText};
pub use granting::{CheckedCluster, MissingRights};
pub use keeping::{MadeSecret, SavedTrigger};
pub use log::{AttemptDetails, Delivery, DeliveryDetails, DeliveryQuery};
pub use looking::{WORKLOAD_WARNINGS, WorkloadWarning};
pub use open_cluster::PodPlace;
pub use page::{ActionPage, TriggerPage};
pub use picking::{GrantedCluster, PullLogin, WrittenSecret};
pub use place::TriggerPlace;
pub use progress::{Progress, RolloutPhase};
pub use reasons::DELIVERY_REASONS;
pub use run::TriggerRunRequest;
pub use simulate::{ConditionTrial, TriedCondition, TriedPush, TriedTag};
pub use trace::{RunningNow, SilentCluster, Trace};
pub use wharf_db::triggers::Trigger;
