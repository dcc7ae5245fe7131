//! Webhooks in the forms of the three products.

use std::collections::BTreeSet;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::state::{ForgeProduct, RegisteredHook, Shared};

/// The switches of GitLab's events.
const GITLAB_EVENTS: [&str; 14] = [
    "push_events",
    "tag_push_events",
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
];

/// A new webhook from the body of its request; an error is what the product complains about.
pub(super) fn create(
    shared: &Shared,
    signs: bool,
    id: u64,
    body: &Value,
) -> Result<RegisteredHook, String> {
    let mut hook = RegisteredHook {
        id,
        url: String::new(),
        secret: None,
        signing_token: None,
        events: BTreeSet::from(["push".to_owned()]),
        is_active: true,
        verifies_tls: true,
        content_type: "form".to_owned(),
        is_disabled: false,
    };
    if shared.product == ForgeProduct::GitLab {
        hook.events = BTreeSet::from(["push_events".to_owned()]);
        hook.content_type = "json".to_owned();
    }
    if shared.product == ForgeProduct::Gitea {
        // Both are required there, and it is off unless the request switches it on.
        if body["type"].as_str().is_none() || body["config"]["content_type"].as_str().is_none() {
            return Err("[Type]: Required".to_owned());
        }
        hook.is_active = false;
    }
    edit(shared, signs, &mut hook, body)?;
    Ok(hook)
}

/// Changes a webhook; what the body does not name stays.
pub(super) fn edit(
    shared: &Shared,
    signs: bool,
    hook: &mut RegisteredHook,
    body: &Value,
) -> Result<(), String> {
    match shared.product {
        ForgeProduct::GitLab => edit_gitlab(signs, hook, body)?,
        _ => edit_others(hook, body),
    }
    match hook.url.starts_with("http") {
        true => Ok(()),
        false => Err("url is missing, or is no URL".to_owned()),
    }
}

fn edit_others(hook: &mut RegisteredHook, body: &Value) {
    if let Some(active) = body["active"].as_bool() {
        hook.is_active = active;
    }
    if let Some(events) = body["events"].as_array() {
        let words = events
            .iter()
            .filter_map(|word| word.as_str().map(str::to_owned));
        hook.events = words.collect();
    }
    let config = &body["config"];
    if let Some(url) = config["url"].as_str() {
        hook.url = url.to_owned();
    }
    if let Some(kind) = config["content_type"].as_str() {
        hook.content_type = kind.to_owned();
    }
    if let Some(secret) = config["secret"].as_str() {
        hook.secret = (!secret.is_empty()).then(|| secret.to_owned());
    }
    if let Some(insecure) = config["insecure_ssl"].as_str() {
        hook.verifies_tls = insecure == "0";
    }
}

fn edit_gitlab(signs: bool, hook: &mut RegisteredHook, body: &Value) -> Result<(), String> {
    if let Some(url) = body["url"].as_str() {
        if hook.url != url {
            // docs.gitlab.com: "When you change the webhook URL, the secret token is reset and not retained."
            hook.secret = None;
            hook.signing_token = None;
        }
        hook.url = url.to_owned();
    }
    if let Some(token) = body["token"].as_str() {
        hook.secret = (!token.is_empty()).then(|| token.to_owned());
    }
    // A server that does not know it passes over it.
    if let Some(token) = body["signing_token"].as_str().filter(|_| signs) {
        let key = token
            .strip_prefix("whsec_")
            .and_then(|key| STANDARD.decode(key).ok());
        if key.is_none_or(|key| key.len() != 32) {
            return Err(
                "signing_token must be in whsec_<base64> format encoding a 32-byte key".to_owned(),
            );
        }
        hook.signing_token = Some(token.to_owned());
    }
    if let Some(verifies) = body["enable_ssl_verification"].as_bool() {
        hook.verifies_tls = verifies;
    }
    for event in GITLAB_EVENTS {
        match body[event].as_bool() {
            Some(true) => drop(hook.events.insert(event.to_owned())),
            Some(false) => drop(hook.events.remove(event)),
            None => {}
        }
    }
    Ok(())
}

/// As the product shows it: never with its secret.
pub(super) fn show(shared: &Shared, signs: bool, hook: &RegisteredHook) -> Value {
    match shared.product {
        ForgeProduct::GitHub => json!({
            "type": "Repository",
            "id": hook.id,
            "name": "web",
            "active": hook.is_active,
            "events": hook.events,
            "config": {
                "url": hook.url,
                "content_type": hook.content_type,
                "insecure_ssl": if hook.verifies_tls { "0" } else { "1" },
                "secret": hook.secret.as_ref().map(|_| "********"),
            },
            "updated_at": "2019-06-03T00:57:16Z",
            "created_at": "2019-06-03T00:57:16Z",
            "last_response": { "code": null, "status": "unused", "message": null },
        }),
        ForgeProduct::Gitea => json!({
            "id": hook.id,
            "type": "gitea",
            "branch_filter": "*",
            "config": { "content_type": hook.content_type, "url": hook.url },
            "events": hook.events,
            "authorization_header": "",
            "active": hook.is_active,
            "updated_at": "2024-05-26T03:03:17Z",
            "created_at": "2024-05-26T03:03:17Z",
        }),
        ForgeProduct::GitLab => {
            let mut shown = json!({
                "id": hook.id,
                "url": hook.url,
                "name": null,
                "description": null,
                "push_events_branch_filter": "",
                "branch_filter_strategy": "wildcard",
                "enable_ssl_verification": hook.verifies_tls,
                "repository_update_events": false,
                "alert_status": if hook.is_disabled { "disabled" } else { "executable" },
                "disabled_until": null,
                "url_variables": [],
                "created_at": "2012-10-12T17:04:47Z",
                "custom_webhook_template": "",
                "custom_headers": [],
            });
            for event in GITLAB_EVENTS {
                shown[event] = hook.events.contains(event).into();
            }
            if signs {
                shown["token_present"] = hook.secret.is_some().into();
                shown["signing_token_present"] = hook.signing_token.is_some().into();
            }
            shown
        }
    }
}
