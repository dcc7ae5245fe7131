//! Triggers: what happens elsewhere when a tag moves or a build ends, and the proof that it happened.
//!
//! Events are read behind a cursor ([`fan_out`]), matched purely ([`matching`]) and become deliveries, which are sent in lanes
//! with leases, in order of each target, repository and tag ([`deliver`]): webhooks, messages and mails by [`outgoing`],
//! images into clusters by [`workload`], whose rollouts [`rollout`] looks at. Nothing here runs within a push. It knows no
//! vendor's words beyond the cases of an enum: what is sent and how is `wharf-integrations`'s.

mod backoff;
pub mod definition;
mod deliver;
mod desk;
mod end;
mod exchange;
mod facts;
mod fan_out;
mod load;
mod log;
mod matching;
mod metrics;
mod open_cluster;
mod outgoing;
mod place;
mod progress;
mod reasons;
mod render;
mod rollout;
mod run;
mod settle;
mod sweep;
mod workload;

#[cfg(test)]
mod tests;

pub use definition::{
    ActionSecret, ActionSpec, ChatText, LanguageText, MailSpec, MessageSpec, PayloadText,
    ROLLOUT_SECONDS, WebhookSpec, WorkloadSpec,
};
pub(crate) use desk::TriggerDesk;
pub(crate) use end::{end_triggers_of_namespace, end_triggers_of_repository};
pub use exchange::{AnswerText, SentText, TimingsText};
pub use log::{AttemptDetails, Delivery, DeliveryDetails, DeliveryQuery};
pub use open_cluster::PodPlace;
pub use place::TriggerPlace;
pub use progress::{Progress, RolloutPhase};
pub use reasons::DELIVERY_REASONS;
pub use run::TriggerRunRequest;
