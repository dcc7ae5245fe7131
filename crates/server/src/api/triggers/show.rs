//! A trigger as it is answered: with hosts in the place of addresses, and without any secret.

use super::definition::{
    ActionKind, ChatService, Condition, MessageLanguage, Payload, TriggerEvent, Workload,
};
use super::warning::Warning;
use crate::api::{
    reason::{About, say_reason},
    trigger_deliveries::TriggerDelivery,
    value::{ShownVerb, show_time},
};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;
use wharf_app::{
    Context,
    triggers::{self, ActionSpec},
};
use wharf_messages::Language;
use wharf_model::{Caller, Facts, Verb, list_trigger_verbs};

/// A trigger.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct ShownTrigger {
    id: Uuid,
    name: String,
    namespace: String,
    /// Null for one of the namespace itself, which is about all of its repositories.
    #[schema(required)]
    repository: Option<String>,
    enabled: bool,
    condition: Condition,
    events: Vec<TriggerEvent>,
    /// Of events of builds: only those of these rules; all when there is none.
    rules: Vec<String>,
    actions: Vec<ShownAction>,
    /// Counts the changes.
    version: i64,
    created_by: String,
    created_at: Timestamp,
    changed_by: String,
    changed_at: Timestamp,
    /// What it last did; null before that, and once the log no longer has it.
    #[schema(required)]
    last_delivery: Option<TriggerDelivery>,
    /// What the caller may do to it.
    may: Vec<ShownVerb>,
}

/// A trigger that was made or changed, with secrets that were made for it, and what speaks against it.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct ChangedTrigger {
    #[serde(flatten)]
    trigger: ShownTrigger,
    /// Told this once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    made_secrets: Vec<MadeSecret>,
    /// It was saved all the same: why actions about workloads may come to nothing, as their clusters say at this moment.
    warnings: Vec<ActionWarning>,
}

/// What speaks against an action.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct ActionWarning {
    action: Uuid,
    #[serde(flatten)]
    warning: Warning,
}

/// A secret that was made for an action.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct MadeSecret {
    action: Uuid,
    /// What receivers check signatures with: `whsec_…`.
    secret: String,
}

/// A header, whose value is never shown.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct Header {
    name: String,
}

/// An action of a trigger. Fields that are not of its kind are left out.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct ShownAction {
    id: Uuid,
    kind: ActionKind,
    /// Where it goes, as far as that is no secret: a host, a workload and container, recipients.
    label: String,
    /// `active`, or `disabled` because it was switched off or its receiver answered 410 Gone.
    state: String,
    since: Timestamp,
    /// Why it is disabled, a word.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
    /// The same as a sentence, in the language that `Accept-Language` likes best.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    detail: String,
    /// Since when what happens waits until its receiver took what waits for it already: deliveries are made then.
    #[serde(skip_serializing_if = "Option::is_none")]
    behind_since: Option<Timestamp>,
    /// Of webhooks and messages: the host of its address. That there is one says that an address is set.
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    headers: Option<Vec<Header>>,
    /// Whether a secret that signs is set.
    #[serde(skip_serializing_if = "Option::is_none")]
    signed: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payload: Option<Payload>,
    #[serde(skip_serializing_if = "Option::is_none")]
    template: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service: Option<ChatService>,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<MessageLanguage>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recipients: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cluster: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cluster_namespace: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    workload_kind: Option<Workload>,
    #[serde(skip_serializing_if = "Option::is_none")]
    workload: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    container: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    init: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rollback: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timeout_seconds: Option<u64>,
}

impl ShownTrigger {
    pub(super) fn show(page: triggers::TriggerPage, context: &Context, language: Language) -> Self {
        let trigger = page.trigger;
        let may = list_verbs(&trigger, &context.caller);
        let actions = page.actions.into_iter();
        Self {
            id: trigger.id.as_uuid(),
            name: trigger.name.to_string(),
            namespace: trigger.namespace_name,
            repository: trigger.repository_name.map(|name| name.to_string()),
            enabled: trigger.enabled,
            condition: Condition::show(trigger.condition_kind, trigger.condition_text),
            events: trigger.events.into_iter().map(Into::into).collect(),
            rules: trigger.rules,
            actions: actions
                .map(|action| ShownAction::show(action, language))
                .collect(),
            version: trigger.version,
            created_by: trigger.created_by,
            created_at: show_time(trigger.created_at),
            changed_by: trigger.changed_by,
            changed_at: show_time(trigger.changed_at),
            last_delivery: page.last.map(|last| TriggerDelivery::show(last, language)),
            may: ShownVerb::list(may),
        }
    }
}

fn list_verbs(trigger: &triggers::Trigger, caller: &Caller) -> Vec<Verb> {
    let repository = trigger.repository.zip(trigger.repository_name.as_ref());
    let facts = repository.map(|(repository, name)| Facts {
        repository,
        namespace: trigger.namespace,
        name: name.clone(),
        // Nobody but members has to do with triggers, so nothing hangs on it.
        public: false,
    });
    list_trigger_verbs(caller, trigger.namespace, facts.as_ref())
}

impl ChangedTrigger {
    pub(super) fn show(
        saved: triggers::SavedTrigger,
        context: &Context,
        language: Language,
    ) -> Self {
        let warnings = saved.warnings.into_iter();
        let made = saved.made.into_iter().map(|made| MadeSecret {
            action: made.action.as_uuid(),
            secret: made.secret.expose().to_owned(),
        });
        Self {
            trigger: ShownTrigger::show(saved.page, context, language),
            made_secrets: made.collect(),
            warnings: warnings
                .map(|(action, warning)| ActionWarning {
                    action: action.as_uuid(),
                    warning: Warning::show(warning, language),
                })
                .collect(),
        }
    }
}

impl ShownAction {
    fn show(page: triggers::ActionPage, language: Language) -> Self {
        let row = page.action;
        let message = row
            .problem
            .as_deref()
            .map(|word| say_reason(About::Delivery, word, language));
        let mut action = Self {
            id: row.id.as_uuid(),
            kind: row.kind.into(),
            label: row.label,
            state: row.state.to_string(),
            since: show_time(row.state_since),
            problem: row.problem,
            message,
            detail: row.problem_detail,
            behind_since: row.backlog_from.map(|event| show_time(event.made_at())),
            address: None,
            method: None,
            headers: None,
            signed: None,
            payload: None,
            template: None,
            service: None,
            language: None,
            recipients: None,
            cluster: None,
            cluster_namespace: None,
            workload_kind: None,
            workload: None,
            container: None,
            init: None,
            rollback: None,
            timeout_seconds: None,
        };
        if let Some(spec) = page.spec {
            action.tell(spec);
        }
        action
    }

    fn tell(&mut self, spec: ActionSpec) {
        match spec {
            ActionSpec::Workload(spec) => {
                self.workload_kind = spec.workload_kind().map(Into::into);
                self.cluster = Some(spec.cluster_name);
                self.cluster_namespace = Some(spec.namespace);
                self.workload = Some(spec.name);
                self.container = Some(spec.container);
                self.init = Some(spec.init);
                self.rollback = Some(spec.rollback);
                self.timeout_seconds = Some(spec.timeout_seconds);
            }
            ActionSpec::Webhook(spec) => {
                let headers = spec.headers.into_iter().map(|name| Header { name });
                self.address = Some(spec.host);
                self.method = Some(spec.method);
                self.headers = Some(headers.collect());
                self.signed = Some(spec.signed);
                self.payload = Some(spec.payload.into());
                self.template = Some(spec.template).filter(|text| !text.is_empty());
            }
            ActionSpec::Message(spec) => {
                self.address = Some(spec.host);
                self.service = Some(spec.chat.into());
                self.signed = Some(spec.signed);
                self.language = Some(spec.language.into());
                self.template = spec.template;
            }
            ActionSpec::Mail(spec) => {
                self.recipients = Some(spec.recipients);
                self.language = Some(spec.language.into());
                self.template = spec.template;
            }
        }
    }
}
