//! Triggers: what happens elsewhere when a tag moves or a build ends, and the proof that it happened.
//!
//! Events are read behind a cursor, matched purely and become deliveries ([`definition`] says what an action is); nothing here
//! runs within a push. It knows no vendor's words beyond the cases of an enum: what is sent and how is
//! `wharf-integrations`'s.

pub mod definition;
mod end;

pub use definition::{
    ActionSecret, ActionSpec, ChatText, LanguageText, MailSpec, MessageSpec, PayloadText,
    ROLLOUT_SECONDS, WebhookSpec, WorkloadSpec,
};
pub(crate) use end::{end_triggers_of_namespace, end_triggers_of_repository};
