//! A rule as JSON shows it.

use super::definition::Definition;
use crate::api::value::{ShownVerb, show_time};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;
use wharf_app::{
    Context,
    rules::{self, RulePage},
};
use wharf_model::{Facts, Identity, Verb, list_rule_verbs};

/// A rule.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct Rule {
    id: Uuid,
    name: String,
    repository: String,
    source: RuleSource,
    /// The repository on the code host.
    remote: String,
    /// Whether it builds by itself.
    enabled: bool,
    /// Why it builds nothing although it is switched on: `source_gone`, `source_owner_disabled`, `source_owner_left`.
    #[serde(skip_serializing_if = "Option::is_none")]
    stopped: Option<String>,
    definition: Definition,
    /// Its build secrets; their values are never shown.
    secrets: Vec<RuleSecret>,
    watch: Watch,
    /// Counts its changes.
    version: i64,
    created_by: String,
    created_at: Timestamp,
    changed_by: String,
    changed_at: Timestamp,
    /// What the caller may do to it.
    may: Vec<ShownVerb>,
}

/// The account on a code host that a rule fetches with.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct RuleSource {
    /// Null once it was disconnected.
    #[schema(required)]
    id: Option<Uuid>,
    /// `github`, `gitlab`, `gitea`, `git`.
    kind: String,
    address: String,
    /// Whose account it is.
    owner: String,
}

/// A build secret, without its value.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct RuleSecret {
    name: String,
    set_by: String,
    set_at: Timestamp,
}

/// How wharf hears of pushes.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct Watch {
    /// `webhook` when the code host tells, else `poll`.
    mode: String,
    /// Of the webhook: `pending`, `active`, `polling`, `failing`, `manual`; null where there is none.
    #[schema(required)]
    webhook: Option<String>,
    /// What is wrong with asking for refs; null when the host answered.
    #[schema(required)]
    problem: Option<String>,
    /// What the host or git said.
    detail: String,
    /// Failures in a row.
    failures: u32,
    /// When the refs were last told.
    #[serde(skip_serializing_if = "Option::is_none")]
    answered_at: Option<Timestamp>,
    /// When they are asked for again.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_at: Option<Timestamp>,
}

impl Rule {
    pub(in crate::api) fn show(page: RulePage, context: &Context) -> Self {
        let may = list_verbs(&page.rule, context);
        let watch = Watch::of(&page);
        let rule = page.rule;
        let secrets = page.secrets.into_iter().map(|secret| RuleSecret {
            name: secret.name,
            set_by: secret.set_by,
            set_at: show_time(secret.set_at),
        });
        Self {
            id: rule.id.as_uuid(),
            name: rule.name,
            repository: rule.repository_name.to_string(),
            source: RuleSource {
                id: rule.source.map(|id| id.as_uuid()),
                kind: rule.source_kind.to_string(),
                address: rule.source_address.to_string(),
                owner: rule.source_owner,
            },
            remote: rule.remote.to_string(),
            enabled: rule.enabled,
            stopped: page.stopped.map(str::to_owned),
            definition: page.definition.into(),
            secrets: secrets.collect(),
            watch,
            version: rule.version,
            created_by: rule.created_by,
            created_at: show_time(rule.created_at),
            changed_by: rule.changed_by,
            changed_at: show_time(rule.changed_at),
            may: ShownVerb::list(may),
        }
    }
}

fn list_verbs(rule: &rules::Rule, context: &Context) -> Vec<Verb> {
    let facts = Facts {
        repository: rule.repository,
        namespace: rule.namespace,
        name: rule.repository_name.clone(),
        // Nobody but members has to do with rules, so nothing hangs on it.
        public: false,
    };
    let owns_source = match context.caller.identity {
        Identity::User(id) => rule.source_user == Some(id),
        Identity::Anonymous | Identity::Robot(_) | Identity::Build(_) => false,
    };
    list_rule_verbs(&context.caller, &facts, owns_source)
}

impl Watch {
    fn of(page: &RulePage) -> Self {
        let webhook = page.webhook.as_ref().map(|webhook| webhook.state.as_str());
        let watched = page.watched.as_ref();
        Self {
            mode: match webhook {
                Some("active") => "webhook",
                _ => "poll",
            }
            .to_owned(),
            webhook: webhook.map(str::to_owned),
            problem: watched.and_then(|watched| watched.problem.clone()),
            detail: watched
                .map(|watched| watched.problem_detail.clone())
                .unwrap_or_default(),
            failures: watched.map_or(0, |watched| watched.failures),
            answered_at: watched
                .and_then(|watched| watched.answered_at)
                .map(show_time),
            next_at: watched.map(|watched| show_time(watched.next_at)),
        }
    }
}
