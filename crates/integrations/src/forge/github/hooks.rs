//! Webhooks of a GitHub repository (docs.github.com, "REST API endpoints for repository webhooks").

use super::GitHub;
use crate::forge::call::Call;
use crate::forge::repository::encode_word;
use crate::forge::text::read_time;
use crate::forge::{
    Cursor, HookAttempt, HookEvent, Page, RepositoryPath, Result, Webhook, WebhookId, WebhookSpec,
};
use crate::text::clip;
use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Hook {
    id: u64,
    #[serde(default)]
    active: bool,
    #[serde(default)]
    events: Vec<String>,
    #[serde(default)]
    config: Config,
}

#[derive(Deserialize, Default)]
struct Config {
    #[serde(default)]
    url: String,
    content_type: Option<String>,
    /// `"0"`, `"1"`, or the same as numbers.
    insecure_ssl: Option<Value>,
    /// Asterisks, when there is one.
    secret: Option<String>,
}

impl From<Hook> for Webhook {
    fn from(hook: Hook) -> Webhook {
        let events = hook.events.into_iter().map(|word| match &*word {
            "push" => HookEvent::Push,
            "create" => HookEvent::Create,
            "delete" => HookEvent::Delete,
            _ => HookEvent::Other(word),
        });
        let is_insecure = match &hook.config.insecure_ssl {
            Some(Value::String(text)) => text == "1",
            Some(Value::Number(number)) => number.as_u64() == Some(1),
            _ => false,
        };
        Webhook {
            id: WebhookId::new(hook.id.to_string()),
            url: hook.config.url,
            is_active: hook.active,
            events: events.collect(),
            verifies_tls: Some(!is_insecure),
            is_json: hook.config.content_type.as_deref() == Some("json"),
            has_secret: Some(hook.config.secret.is_some()),
            disabled: None,
        }
    }
}

#[derive(Deserialize)]
struct Attempt {
    id: u64,
    event: String,
    delivered_at: Option<String>,
    #[serde(default)]
    status: String,
    #[serde(default)]
    status_code: u16,
}

impl From<Attempt> for HookAttempt {
    fn from(attempt: Attempt) -> HookAttempt {
        HookAttempt {
            id: attempt.id.to_string(),
            event: attempt.event,
            at: attempt.delivered_at.as_deref().and_then(read_time),
            // Zero says that nobody answered.
            status: (attempt.status_code != 0).then_some(attempt.status_code),
            outcome: clip(attempt.status, 200),
        }
    }
}

fn describe(spec: &WebhookSpec) -> Value {
    json!({
        "active": true,
        "events": ["push"],
        "config": {
            "url": spec.url,
            "content_type": "json",
            "secret": spec.secret.expose(),
            "insecure_ssl": "0",
        },
    })
}

fn locate(github: &GitHub, path: &RepositoryPath, id: &WebhookId, rest: &str) -> Result<String> {
    github.place(path, &format!("/hooks/{}{rest}", encode_word(id.as_str())?))
}

fn name(path: &RepositoryPath) -> String {
    format!("the webhook of {path}")
}

pub(super) async fn register(
    github: &GitHub,
    path: &RepositoryPath,
    spec: &WebhookSpec,
) -> Result<Webhook> {
    spec.check(&github.caller.host())?;
    let mut body = describe(spec);
    body["name"] = "web".into();
    let call = Call::new(Method::POST, github.place(path, "/hooks")?, name(path)).with_body(body);
    let hook: Hook = github.caller.read(call).await?;
    Ok(hook.into())
}

pub(super) async fn list(
    github: &GitHub,
    path: &RepositoryPath,
    after: Option<&Cursor>,
) -> Result<Page<Webhook>> {
    let call = Call::get(
        github.place(path, "/hooks")?,
        format!("the webhooks of {path}"),
    )
    .with_query("per_page", super::PAGE);
    let page: Page<Hook> = github.caller.read_page(call, after).await?;
    Ok(Page {
        items: page.items.into_iter().map(Webhook::from).collect(),
        next: page.next,
    })
}

pub(super) async fn find(
    github: &GitHub,
    path: &RepositoryPath,
    id: &WebhookId,
) -> Result<Webhook> {
    let call = Call::get(locate(github, path, id, "")?, name(path));
    let hook: Hook = github.caller.read(call).await?;
    Ok(hook.into())
}

pub(super) async fn list_attempts(
    github: &GitHub,
    path: &RepositoryPath,
    id: &WebhookId,
) -> Result<Vec<HookAttempt>> {
    let call =
        Call::get(locate(github, path, id, "/deliveries")?, name(path)).with_query("per_page", 20);
    let attempts: Vec<Attempt> = github.caller.read(call).await?;
    Ok(attempts
        .into_iter()
        .take(20)
        .map(HookAttempt::from)
        .collect())
}

pub(super) async fn repair(
    github: &GitHub,
    path: &RepositoryPath,
    id: &WebhookId,
    spec: &WebhookSpec,
) -> Result<Webhook> {
    spec.check(&github.caller.host())?;
    let call = Call::new(Method::PATCH, locate(github, path, id, "")?, name(path))
        .with_body(describe(spec));
    let hook: Hook = github.caller.read(call).await?;
    Ok(hook.into())
}

pub(super) async fn remove(github: &GitHub, path: &RepositoryPath, id: &WebhookId) -> Result<()> {
    let call = Call::new(Method::DELETE, locate(github, path, id, "")?, name(path));
    github.caller.remove(call).await
}
