//! Webhooks of a GitLab project (docs.gitlab.com, "Project webhooks API").

use super::GitLab;
use crate::forge::call::Call;
use crate::forge::delivery::derive_signing_token;
use crate::forge::repository::encode_word;
use crate::forge::text::clip_name;
use crate::forge::{
    Cursor, HookAttempt, HookEvent, Page, RepositoryPath, Result, Webhook, WebhookId, WebhookSpec,
};
use crate::text::clip;
use http::Method;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use wharf_model::Timestamp;

#[derive(Deserialize)]
struct Hook {
    id: u64,
    #[serde(default)]
    url: String,
    enable_ssl_verification: Option<bool>,
    /// `executable`, or why it is not.
    alert_status: Option<String>,
    disabled_until: Option<String>,
    push_events_branch_filter: Option<String>,
    /// Since 18.11: whether the secret is set that is sent as it is.
    token_present: Option<bool>,
    /// Since 18.11: whether the key is set by which deliveries are signed.
    signing_token_present: Option<bool>,
    custom_webhook_template: Option<String>,
    /// The switches of the events are named `…_events`.
    #[serde(flatten)]
    rest: Map<String, Value>,
}

impl Hook {
    fn find_events(&self) -> BTreeSet<HookEvent> {
        // A filter keeps back pushes to other branches, so it does not tell of pushes.
        let is_filtered = self
            .push_events_branch_filter
            .as_deref()
            .is_some_and(|filter| !matches!(filter, "" | "*"));
        let switched_on = self
            .rest
            .iter()
            .filter(|(name, value)| name.ends_with("_events") && **value == Value::Bool(true));
        switched_on
            .filter_map(|(name, _)| match &**name {
                "push_events" if is_filtered => None,
                "push_events" => Some(HookEvent::Push),
                "tag_push_events" => Some(HookEvent::TagPush),
                _ => Some(HookEvent::Other(clip_name(name.clone()))),
            })
            .collect()
    }

    /// GitLab stops sending to who fails four times, for a while or for good ("Auto-disabled webhooks").
    fn find_stop(&self) -> Option<String> {
        let status = self
            .alert_status
            .as_deref()
            .filter(|status| *status != "executable")?;
        let until = self
            .disabled_until
            .as_ref()
            .map(|until| format!(" until {until}"));
        Some(clip(format!("{status}{}", until.unwrap_or_default()), 200))
    }

    fn is_signed(&self) -> bool {
        self.signing_token_present == Some(true)
    }
}

impl From<Hook> for Webhook {
    fn from(hook: Hook) -> Webhook {
        let has_secret = match (hook.token_present, hook.signing_token_present) {
            (None, None) => None,
            (plain, signed) => Some(plain == Some(true) || signed == Some(true)),
        };
        Webhook {
            id: WebhookId::new(hook.id.to_string()),
            is_active: hook.alert_status.as_deref() != Some("disabled"),
            events: hook.find_events(),
            verifies_tls: hook.enable_ssl_verification,
            // A template of somebody's own would not be in the form that is read.
            is_json: hook
                .custom_webhook_template
                .as_deref()
                .unwrap_or_default()
                .is_empty(),
            disabled: hook.find_stop(),
            url: hook.url,
            has_secret,
        }
    }
}

#[derive(Deserialize)]
struct Attempt {
    id: u64,
    #[serde(default)]
    trigger: String,
    /// A status as text, or words.
    response_status: Option<Value>,
    #[serde(default)]
    response_headers: Map<String, Value>,
}

impl From<Attempt> for HookAttempt {
    fn from(attempt: Attempt) -> HookAttempt {
        let said = match attempt.response_status {
            Some(Value::String(text)) => text,
            Some(Value::Number(number)) => number.to_string(),
            _ => String::new(),
        };
        let date = attempt.response_headers.get("Date").and_then(Value::as_str);
        let parser = jiff::fmt::rfc2822::DateTimeParser::new();
        HookAttempt {
            id: attempt.id.to_string(),
            event: clip_name(attempt.trigger),
            at: date
                .and_then(|date| parser.parse_timestamp(date).ok())
                .map(|time| Timestamp::from_micros(time.as_microsecond())),
            status: said.parse().ok(),
            outcome: clip(said, 200),
        }
    }
}

/// Deliveries shall be signed where the server can (its newer releases do), and carry the secret itself where it cannot.
/// Whichever it is, only one of them stays: a secret that is sent along would be good for replaying without a time.
fn describe(spec: &WebhookSpec) -> Value {
    let mut body = json!({
        "url": spec.url,
        "enable_ssl_verification": true,
        "push_events": true,
        "tag_push_events": true,
        "push_events_branch_filter": "",
        "branch_filter_strategy": "all_branches",
        "custom_webhook_template": "",
        "token": spec.secret.expose(),
        "signing_token": derive_signing_token(&spec.secret).expose(),
    });
    for needless in [
        "issues_events",
        "confidential_issues_events",
        "note_events",
        "confidential_note_events",
        "merge_requests_events",
        "job_events",
        "pipeline_events",
        "wiki_page_events",
        "deployment_events",
        "feature_flag_events",
        "releases_events",
        "resource_access_token_events",
    ] {
        body[needless] = false.into();
    }
    body
}

fn locate(gitlab: &GitLab, path: &RepositoryPath, id: &WebhookId, rest: &str) -> Result<String> {
    let id = encode_word(id.as_str())?;
    Ok(gitlab.place(path, &format!("/hooks/{id}{rest}")))
}

fn name(path: &RepositoryPath) -> String {
    format!("the webhook of {path}")
}

pub(super) async fn register(
    gitlab: &GitLab,
    path: &RepositoryPath,
    spec: &WebhookSpec,
) -> Result<Webhook> {
    spec.check(&gitlab.caller.host())?;
    let call =
        Call::new(Method::POST, gitlab.place(path, "/hooks"), name(path)).with_body(describe(spec));
    let hook: Hook = gitlab.caller.read(call).await?;
    drop_plain_token(gitlab, path, spec, hook).await
}

/// Takes the plain secret back from a server that signs.
async fn drop_plain_token(
    gitlab: &GitLab,
    path: &RepositoryPath,
    spec: &WebhookSpec,
    hook: Hook,
) -> Result<Webhook> {
    if !hook.is_signed() {
        return Ok(hook.into());
    }
    let id = WebhookId::new(hook.id.to_string());
    let call = Call::new(Method::PUT, locate(gitlab, path, &id, "")?, name(path))
        .with_body(json!({ "url": spec.url, "token": "" }));
    let hook: Hook = gitlab.caller.read(call).await?;
    Ok(hook.into())
}

pub(super) async fn list(
    gitlab: &GitLab,
    path: &RepositoryPath,
    after: Option<&Cursor>,
) -> Result<Page<Webhook>> {
    let call = Call::get(
        gitlab.place(path, "/hooks"),
        format!("the webhooks of {path}"),
    )
    .with_query("per_page", super::PAGE);
    let page: Page<Hook> = gitlab.caller.read_page(call, after).await?;
    Ok(Page {
        items: page.items.into_iter().map(Webhook::from).collect(),
        next: page.next,
    })
}

pub(super) async fn find(
    gitlab: &GitLab,
    path: &RepositoryPath,
    id: &WebhookId,
) -> Result<Webhook> {
    let call = Call::get(locate(gitlab, path, id, "")?, name(path));
    let hook: Hook = gitlab.caller.read(call).await?;
    Ok(hook.into())
}

/// Since 17.3; an older server answers 404 for the list of a webhook that is there.
pub(super) async fn list_attempts(
    gitlab: &GitLab,
    path: &RepositoryPath,
    id: &WebhookId,
) -> Result<Option<Vec<HookAttempt>>> {
    let call =
        Call::get(locate(gitlab, path, id, "/events")?, name(path)).with_query("per_page", 20);
    let mut attempts: Vec<Attempt> = match gitlab.caller.read(call).await {
        Err(error) if error.is_not_found() => {
            find(gitlab, path, id).await?;
            return Ok(None);
        }
        outcome => outcome?,
    };
    attempts.sort_by_key(|attempt| std::cmp::Reverse(attempt.id));
    Ok(Some(
        attempts
            .into_iter()
            .take(20)
            .map(HookAttempt::from)
            .collect(),
    ))
}

/// A webhook that GitLab switched off comes back only by a test that succeeds, which an empty repository does not have: it
/// is replaced instead.
pub(super) async fn repair(
    gitlab: &GitLab,
    path: &RepositoryPath,
    id: &WebhookId,
    spec: &WebhookSpec,
) -> Result<Webhook> {
    spec.check(&gitlab.caller.host())?;
    let call =
        Call::new(Method::PUT, locate(gitlab, path, id, "")?, name(path)).with_body(describe(spec));
    let hook: Hook = gitlab.caller.read(call).await?;
    if hook.find_stop().is_none() {
        return drop_plain_token(gitlab, path, spec, hook).await;
    }
    let replacement = register(gitlab, path, spec).await?;
    remove(gitlab, path, id).await?;
    Ok(replacement)
}

pub(super) async fn remove(gitlab: &GitLab, path: &RepositoryPath, id: &WebhookId) -> Result<()> {
    let call = Call::new(Method::DELETE, locate(gitlab, path, id, "")?, name(path));
    gitlab.caller.remove(call).await
}
