//! A trigger as somebody wants it, before it is checked.

use super::definition::{ChatText, LanguageText, PayloadText};
use wharf_model::{
    ActionId, SecretText,
    triggers::{ConditionKind, EventKind, WorkloadKind},
};

/// A trigger to be made.
#[derive(Debug, Clone)]
pub struct TriggerDraft {
    /// Its name.
    pub name: String,
    /// Whether events reach it.
    pub enabled: bool,
    /// What it listens to.
    pub events: Vec<EventKind>,
    /// Of events of builds: only those of these rules; all when there is none.
    pub rules: Vec<String>,
    /// Which tags.
    pub condition: ConditionText,
    /// What it does.
    pub actions: Vec<ActionDraft>,
}

/// What an edit changes; `None` leaves it.
#[derive(Debug, Clone, Default)]
pub struct TriggerEditing {
    /// Its name.
    pub name: Option<String>,
    /// Whether events reach it.
    pub enabled: Option<bool>,
    /// What it listens to.
    pub events: Option<Vec<EventKind>>,
    /// Of events of builds: only those of these rules; all when there is none.
    pub rules: Option<Vec<String>>,
    /// Which tags.
    pub condition: Option<ConditionText>,
    /// All of its actions: those that are named by id are changed, those that are not there any more go.
    pub actions: Option<Vec<ActionDraft>>,
    /// The version that the editor saw; another one there is a conflict.
    pub version: Option<i64>,
}

/// Which tags, as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConditionText {
    /// How tags are chosen.
    pub kind: ConditionKind,
    /// Which.
    pub text: String,
}

/// An action as somebody wants it.
#[derive(Debug, Clone)]
pub struct ActionDraft {
    /// The action that it is; none for a new one.
    pub id: Option<ActionId>,
    /// What it does.
    pub form: ActionForm,
}

/// What an action does.
#[derive(Debug, Clone)]
pub enum ActionForm {
    /// Lets a container run the new image.
    Workload(WorkloadDraft),
    /// Sends a request.
    Webhook(WebhookDraft),
    /// Tells a chat.
    Message(MessageDraft),
    /// Sends an e-mail.
    Mail(MailDraft),
}

/// A container of a workload.
#[derive(Debug, Clone)]
pub struct WorkloadDraft {
    /// The cluster's name.
    pub cluster: String,
    /// The namespace there.
    pub namespace: String,
    /// The kind of workload.
    pub workload: WorkloadKind,
    /// Its name.
    pub name: String,
    /// The container's name.
    pub container: String,
    /// Whether it is an init container.
    pub init: bool,
    /// For how long its rollout is followed.
    pub timeout_seconds: Option<u64>,
    /// Whether a rollout that fails is rolled back.
    pub rollback: bool,
}

/// What signs a request.
#[derive(Debug, Clone, Default)]
pub enum SigningDraft {
    /// What signed it before; nothing for a new action.
    #[default]
    Keep,
    /// This secret.
    Give(SecretText),
    /// A new one, which is told once.
    Make,
    /// Nothing.
    Unsigned,
}

/// A header.
#[derive(Debug, Clone)]
pub struct HeaderDraft {
    /// Its name.
    pub name: String,
    /// Its value; none keeps the one that is stored.
    pub value: Option<SecretText>,
}

/// A request.
#[derive(Debug, Clone)]
pub struct WebhookDraft {
    /// Where to; none keeps what is stored.
    pub url: Option<SecretText>,
    /// How.
    pub method: String,
    /// Further headers.
    pub headers: Vec<HeaderDraft>,
    /// What signs it.
    pub signing: SigningDraft,
    /// What the body looks like.
    pub payload: PayloadText,
    /// The body's template.
    pub template: Option<String>,
}

/// A message to a chat.
#[derive(Debug, Clone)]
pub struct MessageDraft {
    /// Which chat.
    pub chat: ChatText,
    /// Where to; none keeps what is stored.
    pub url: Option<SecretText>,
    /// What signs it.
    pub signing: SigningDraft,
    /// Of the text that is sent without a template.
    pub language: LanguageText,
    /// The message's own template.
    pub template: Option<String>,
}

/// An e-mail.
#[derive(Debug, Clone)]
pub struct MailDraft {
    /// To whom.
    pub recipients: Vec<String>,
    /// Of the text that is sent without a template.
    pub language: LanguageText,
    /// The mail's own template.
    pub template: Option<String>,
}
