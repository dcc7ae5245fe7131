//! Webhooks of a Gitea repository (docs.gitea.com/api, "repository": hooks).

use super::Gitea;
use crate::forge::call::Call;
use crate::forge::repository::encode_word;
use crate::forge::{
    Cursor, HookEvent, Page, RepositoryPath, Result, Webhook, WebhookId, WebhookSpec,
};
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
    /// A glob of branches; told by newer servers only.
    branch_filter: Option<String>,
}

#[derive(Deserialize, Default)]
struct Config {
    #[serde(default)]
    url: String,
    content_type: Option<String>,
}

impl From<Hook> for Webhook {
    fn from(hook: Hook) -> Webhook {
        // A filter keeps back pushes to other branches, so it does not tell of pushes.
        let is_filtered = hook
            .branch_filter
            .as_deref()
            .is_some_and(|filter| !matches!(filter, "" | "*"));
        let events = hook.events.into_iter().filter_map(|word| match &*word {
            "push" if is_filtered => None,
            "push" => Some(HookEvent::Push),
            "create" => Some(HookEvent::Create),
            "delete" => Some(HookEvent::Delete),
            _ => Some(HookEvent::Other(word)),
        });
        Webhook {
            id: WebhookId::new(hook.id.to_string()),
            url: hook.config.url,
            is_active: hook.active,
            events: events.collect(),
            // One setting for the whole server, which its API does not tell.
            verifies_tls: None,
            is_json: hook.config.content_type.as_deref() == Some("json"),
            has_secret: None,
            disabled: None,
        }
    }
}

fn describe(spec: &WebhookSpec) -> Value {
    json!({
        "active": true,
        "events": ["push", "delete"],
        "branch_filter": "*",
        "config": {
            "url": spec.url,
            "content_type": "json",
            "secret": spec.secret.expose(),
        },
    })
}

fn locate(gitea: &Gitea, path: &RepositoryPath, id: &WebhookId) -> Result<String> {
    gitea.place(path, &format!("/hooks/{}", encode_word(id.as_str())?))
}

fn name(path: &RepositoryPath) -> String {
    format!("the webhook of {path}")
}

pub(super) async fn register(
    gitea: &Gitea,
    path: &RepositoryPath,
    spec: &WebhookSpec,
) -> Result<Webhook> {
    spec.check(&gitea.caller.host())?;
    let mut body = describe(spec);
    body["type"] = "gitea".into();
    let call = Call::new(Method::POST, gitea.place(path, "/hooks")?, name(path)).with_body(body);
    let hook: Hook = gitea.caller.read(call).await?;
    Ok(hook.into())
}

pub(super) async fn list(
    gitea: &Gitea,
    path: &RepositoryPath,
    after: Option<&Cursor>,
) -> Result<Page<Webhook>> {
    let call = Call::get(
        gitea.place(path, "/hooks")?,
        format!("the webhooks of {path}"),
    )
    .with_query("limit", super::PAGE);
    let page: Page<Hook> = gitea.caller.read_page(call, after).await?;
    Ok(Page {
        items: page.items.into_iter().map(Webhook::from).collect(),
        next: page.next,
    })
}

pub(super) async fn find(gitea: &Gitea, path: &RepositoryPath, id: &WebhookId) -> Result<Webhook> {
    let hook: Hook = gitea
        .caller
        .read(Call::get(locate(gitea, path, id)?, name(path)))
        .await?;
    Ok(hook.into())
}

pub(super) async fn repair(
    gitea: &Gitea,
    path: &RepositoryPath,
    id: &WebhookId,
    spec: &WebhookSpec,
) -> Result<Webhook> {
    spec.check(&gitea.caller.host())?;
    let call =
        Call::new(Method::PATCH, locate(gitea, path, id)?, name(path)).with_body(describe(spec));
    let hook: Hook = gitea.caller.read(call).await?;
    Ok(hook.into())
}

pub(super) async fn remove(gitea: &Gitea, path: &RepositoryPath, id: &WebhookId) -> Result<()> {
    let call = Call::new(Method::DELETE, locate(gitea, path, id)?, name(path));
    gitea.caller.remove(call).await
}
