//! Webhooks, deploy keys and statuses: nearly the same on all three.

use serde_json::{Value, json};

use super::api::{ApiCall, empty, json as reply, refuse};
use super::delivery::SentDelivery;
use super::facts;
use super::hooks;
use super::state::{ForgeProduct, RegisteredKey, ReportedStatus, Shared, State};
use crate::git::Reply;

const GONE: &str = "Not Found";

/// `…/hooks` and what is below it.
pub(super) fn answer_hooks(
    call: &ApiCall<'_>,
    shared: &Shared,
    path: &str,
    rest: &[&str],
) -> Reply {
    let mut state = shared.state();
    let signs = state.signs;
    let method = &*call.request.method;
    let size_name = if shared.product == ForgeProduct::Gitea {
        "limit"
    } else {
        "per_page"
    };
    let Some(found) = state.find(path) else {
        return refuse(404, GONE);
    };
    match (method, rest) {
        ("GET", []) => {
            let all = found
                .hooks
                .iter()
                .map(|hook| hooks::show(shared, signs, hook))
                .collect();
            call.page(shared, &state, size_name, all)
        }
        ("POST", []) => {
            let url = call.body["config"]["url"].as_str();
            let is_known = found.hooks.iter().any(|hook| Some(&*hook.url) == url);
            if is_known && shared.product == ForgeProduct::GitHub {
                return reply(
                    422,
                    &json!({
                        "message": "Validation Failed",
                        "errors": [{ "resource": "Hook", "code": "custom", "message": "Hook already exists on this repository" }],
                    }),
                );
            }
            let id = state.next_id();
            match hooks::create(shared, signs, id, &call.body) {
                Err(message) => refuse(422, &message),
                Ok(hook) => {
                    let shown = hooks::show(shared, signs, &hook);
                    state.find_mut(path).expect("it was there").hooks.push(hook);
                    reply(201, &shown)
                }
            }
        }
        (_, [id, more @ ..]) => {
            let position = found
                .hooks
                .iter()
                .position(|hook| hook.id.to_string() == *id);
            match position {
                Some(position) => answer_hook(call, shared, &mut state, path, position, more),
                None => refuse(404, GONE),
            }
        }
        _ => refuse(404, GONE),
    }
}

fn answer_hook(
    call: &ApiCall<'_>,
    shared: &Shared,
    state: &mut State,
    path: &str,
    position: usize,
    rest: &[&str],
) -> Reply {
    let signs = state.signs;
    let hooks = &mut state.find_mut(path).expect("it was there").hooks;
    let id = hooks[position].id;
    match (&*call.request.method, rest) {
        ("GET", []) => reply(200, &hooks::show(shared, signs, &hooks[position])),
        ("GET", ["deliveries" | "events"]) => {
            let sent = state.deliveries.iter().rev().filter(|sent| sent.hook == id);
            let all = sent.map(|sent| show_attempt(shared, sent)).collect();
            call.page(shared, state, "per_page", all)
        }
        ("PATCH" | "PUT", []) => match hooks::edit(shared, signs, &mut hooks[position], &call.body)
        {
            Ok(()) => reply(200, &hooks::show(shared, signs, &hooks[position])),
            Err(message) => refuse(422, &message),
        },
        ("DELETE", []) => {
            hooks.remove(position);
            empty(204)
        }
        _ => refuse(404, GONE),
    }
}

/// One attempt to deliver, as its product lists it.
fn show_attempt(shared: &Shared, sent: &SentDelivery) -> Value {
    match shared.product {
        ForgeProduct::GitLab => json!({
            "id": sent.number,
            "url": sent.url,
            "trigger": "push_hooks",
            "request_headers": { "X-Gitlab-Token": "[REDACTED]", "Idempotency-Key": sent.id },
            "request_data": {},
            "response_headers": { "Date": "Sun, 26 May 2024 03:03:17 GMT" },
            "response_body": "",
            "execution_duration": 1.09,
            "response_status": sent.status.map_or("internal error".to_owned(), |status| status.to_string()),
        }),
        _ => json!({
            "id": sent.number,
            "guid": sent.id,
            "delivered_at": "2021-05-12T20:33:44Z",
            "redelivery": false,
            "duration": 0.03,
            "status": match sent.status {
                Some(200..=299) => "OK".to_owned(),
                Some(status) => format!("Invalid HTTP Response: {status}"),
                None => "failed to connect to host".to_owned(),
            },
            "status_code": sent.status.unwrap_or(0),
            "event": sent.event,
            "action": null,
            "installation_id": null,
            "repository_id": null,
        }),
    }
}

/// `…/keys` or `…/deploy_keys` and what is below it.
pub(super) fn answer_keys(call: &ApiCall<'_>, shared: &Shared, path: &str, rest: &[&str]) -> Reply {
    let mut state = shared.state();
    if state.find(path).is_none() {
        return refuse(404, GONE);
    }
    match (&*call.request.method, rest) {
        ("POST", []) => {
            let id = state.next_id();
            let is_gitlab = shared.product == ForgeProduct::GitLab;
            let may_write = match is_gitlab {
                true => call.body["can_push"].as_bool().unwrap_or(false),
                false => !call.body["read_only"].as_bool().unwrap_or(false),
            };
            let key = RegisteredKey {
                id,
                title: call.text("title").unwrap_or_default(),
                key: call.text("key").unwrap_or_default(),
                is_read_only: !may_write,
            };
            let mut shown = json!({ "id": id, "key": key.key, "title": key.title, "created_at": "2024-05-26T03:03:17Z" });
            match is_gitlab {
                true => shown["can_push"] = may_write.into(),
                false => shown["read_only"] = (!may_write).into(),
            }
            state.find_mut(path).expect("it was there").keys.push(key);
            reply(201, &shown)
        }
        ("DELETE", [id]) => {
            let keys = &mut state.find_mut(path).expect("it was there").keys;
            let before = keys.len();
            keys.retain(|key| key.id.to_string() != *id);
            if keys.len() < before {
                empty(204)
            } else {
                refuse(404, GONE)
            }
        }
        _ => refuse(404, GONE),
    }
}

/// `…/statuses/COMMIT`.
pub(super) fn answer_status(
    call: &ApiCall<'_>,
    shared: &Shared,
    path: &str,
    commit: &str,
) -> Reply {
    let mut state = shared.state();
    let disk = state
        .find(path)
        .and_then(|found| Some(found.git.as_ref()?.path().to_owned()));
    let Some(disk) = disk else {
        return refuse(404, GONE);
    };
    let (words, longest): (&[&str], usize) = match shared.product {
        ForgeProduct::GitHub => (&["error", "failure", "pending", "success"], 140),
        ForgeProduct::GitLab => (
            &["pending", "running", "success", "failed", "canceled"],
            255,
        ),
        ForgeProduct::Gitea => (
            &["error", "failure", "pending", "success", "warning"],
            10_000,
        ),
    };
    let status = ReportedStatus {
        commit: commit.to_owned(),
        state: call.text("state").unwrap_or_default(),
        context: call
            .text("context")
            .or(call.text("name"))
            .unwrap_or_else(|| "default".to_owned()),
        target_url: call.text("target_url").unwrap_or_default(),
        description: call.text("description").unwrap_or_default(),
    };
    if facts::find_commit(&disk, commit).is_none_or(|found| found.id != commit) {
        return refuse(404, "Commit Not Found");
    }
    if !words.contains(&&*status.state) || status.description.chars().count() > longest {
        return refuse(422, "Validation Failed");
    }
    let statuses = &mut state.find_mut(path).expect("it was there").statuses;
    let last = statuses
        .iter()
        .rev()
        .find(|own| own.commit == commit && own.context == status.context);
    if shared.product == ForgeProduct::GitLab && last.is_some_and(|last| last.state == status.state)
    {
        return refuse(400, "Cannot transition status via :enqueue from :pending");
    }
    let shown = json!({ "id": 1, "state": status.state, "status": status.state, "context": status.context, "name": status.context });
    statuses.push(status);
    reply(201, &shown)
}
