//! Options to the JSON of an action, and one action changed within its trigger.
//!
//! Whether an address, a template or a workload is right is the server's to say; here is only what a command line writes
//! otherwise than JSON does.

use std::path::Path;

use serde_json::{Value, json};
use wharf_dockerfile::values::Duration;

use super::action_arguments::{ActionArguments, ActionCommand, WhichAction};
use super::options::{ActionOptions, WebhookOptions, WorkloadOptions};
use super::path::TriggerPath;
use super::show;
use crate::ask::{ask_password, read_answer_line};
use crate::client::ApiClient;
use crate::commands::outcome::print_outcome;
use crate::commands::request::set_given;
use crate::failure::Failure;
use crate::output::{print_json, show_text};
use crate::session::{Format, Session};

/// What the server tells of an action and does not take back.
const TOLD: [&str; 9] = [
    "state",
    "problem",
    "message",
    "detail",
    "since",
    "behind_since",
    "label",
    "address",
    "signed",
];

pub(super) async fn run(
    session: &Session,
    client: &ApiClient<'_>,
    arguments: ActionArguments,
) -> Result<(), Failure> {
    match arguments.command {
        ActionCommand::Add(arguments) => {
            let Some(action) = new_action(session, arguments.action)? else {
                return Err(no_action(session));
            };
            let path = TriggerPath::of(client, &arguments.trigger);
            let trigger = client.get(&path.with(&[]), &[]).await?;
            let mut actions = take_actions(&trigger);
            actions.push(action);
            save(session, client, &path, &trigger, actions).await
        }
        ActionCommand::Edit(arguments) => {
            let path = TriggerPath::of(client, &arguments.action.trigger);
            let trigger = client.get(&path.with(&[]), &[]).await?;
            let mut actions = take_actions(&trigger);
            let place = find_place(session, &actions, &arguments.action)?;
            change_action(session, &mut actions[place], arguments.options)?;
            save(session, client, &path, &trigger, actions).await
        }
        ActionCommand::Delete(arguments) => {
            arguments
                .confirmation
                .obtain(session, &arguments.action.action)?;
            let path = TriggerPath::of(client, &arguments.action.trigger);
            let trigger = client.get(&path.with(&[]), &[]).await?;
            let mut actions = take_actions(&trigger);
            let place = find_place(session, &actions, &arguments.action)?;
            actions.remove(place);
            save(session, client, &path, &trigger, actions).await
        }
        ActionCommand::Enable(arguments) => {
            let body = json!({ "redeliver": arguments.redeliver });
            switch(session, client, &arguments.action, "enable", &body).await
        }
        ActionCommand::Disable(arguments) => {
            switch(session, client, &arguments.action, "disable", &json!({})).await
        }
        ActionCommand::DryRun(arguments) => {
            let path = TriggerPath::of(client, &arguments.action.trigger);
            let id = find_id(session, client, &path, &arguments.action).await?;
            let mut body = json!({ "tag": arguments.tag });
            set_given(&mut body, "repository", arguments.repository);
            let answer = client
                .post(&path.with(&["actions", &id, "dry-run"]), &body)
                .await?;
            match session.format {
                Format::Json => print_json(session, &answer),
                Format::Table => show::print_dry_run(session, &answer),
            }
        }
    }
}

async fn switch(
    session: &Session,
    client: &ApiClient<'_>,
    which: &WhichAction,
    verb: &str,
    body: &Value,
) -> Result<(), Failure> {
    let path = TriggerPath::of(client, &which.trigger);
    let id = find_id(session, client, &path, which).await?;
    let answer = client
        .post(&path.with(&["actions", &id, verb]), body)
        .await?;
    let key = match verb {
        "enable" => "cli.trigger.action_enabled",
        _ => "cli.trigger.action_disabled",
    };
    print_outcome(session, &answer, key, &[("action", &which.action)])
}

async fn find_id(
    session: &Session,
    client: &ApiClient<'_>,
    path: &TriggerPath<'_>,
    which: &WhichAction,
) -> Result<String, Failure> {
    let trigger = client.get(&path.with(&[]), &[]).await?;
    let actions = take_actions(&trigger);
    let place = find_place(session, &actions, which)?;
    Ok(show_text(&actions[place]["id"]))
}

/// The actions as the server takes them back: their secrets are not in there, and stay.
fn take_actions(trigger: &Value) -> Vec<Value> {
    let mut actions = trigger["actions"].as_array().cloned().unwrap_or_default();
    for action in actions.iter_mut().filter_map(Value::as_object_mut) {
        for field in TOLD {
            action.remove(field);
        }
    }
    actions
}

fn find_place(session: &Session, actions: &[Value], which: &WhichAction) -> Result<usize, Failure> {
    let by_number = which.action.parse().ok().and_then(|number: usize| {
        let place = number.checked_sub(1)?;
        (place < actions.len()).then_some(place)
    });
    let by_id = || {
        actions
            .iter()
            .position(|action| action["id"] == which.action.as_str())
    };
    by_number.or_else(by_id).ok_or_else(|| {
        let parameters = [
            ("action", which.action.as_str()),
            ("trigger", which.trigger.trigger.as_str()),
        ];
        Failure::new(session.text("cli.trigger.no_such_action", &parameters))
    })
}

async fn save(
    session: &Session,
    client: &ApiClient<'_>,
    path: &TriggerPath<'_>,
    trigger: &Value,
    actions: Vec<Value>,
) -> Result<(), Failure> {
    let body = json!({ "actions": actions, "version": trigger["version"] });
    let answer = client.patch(&path.with(&[]), &body).await?;
    print_outcome(
        session,
        &answer,
        "cli.trigger.changed",
        &[("name", path.trigger)],
    )?;
    show::print_saved(session, &answer)
}

pub(super) fn no_action(session: &Session) -> Failure {
    Failure::usage(session.text("cli.trigger.no_action", &[]))
        .with_hint(session.text("cli.trigger.no_action_hint", &[]))
}

/// The action that options describe; none when they describe none.
pub(super) fn new_action(
    session: &Session,
    options: ActionOptions,
) -> Result<Option<Value>, Failure> {
    let mut action = match find_kind(&options) {
        Some(kind) => kind,
        None => return Ok(None),
    };
    let asks = matches!(action["kind"].as_str(), Some("webhook" | "message"));
    if asks && options.webhooks.url.is_none() && !options.webhooks.url_stdin {
        action["url"] = ask_password(session, "cli.trigger.url_prompt")?.into();
    }
    change_action(session, &mut action, options)?;
    Ok(Some(action))
}

fn find_kind(options: &ActionOptions) -> Option<Value> {
    let message = |service: &str| json!({ "kind": "message", "service": service });
    Some(match options {
        ActionOptions {
            workload: Some(_), ..
        } => json!({ "kind": "workload" }),
        ActionOptions { webhook: true, .. } => json!({ "kind": "webhook" }),
        ActionOptions { wecom: true, .. } => message("wecom"),
        ActionOptions { dingtalk: true, .. } => message("dingtalk"),
        ActionOptions { feishu: true, .. } => message("feishu"),
        ActionOptions { slack: true, .. } => message("slack"),
        ActionOptions { mail, .. } if !mail.is_empty() => json!({ "kind": "mail" }),
        _ => return None,
    })
}

/// Puts what was given into an action.
fn change_action(
    session: &Session,
    action: &mut Value,
    options: ActionOptions,
) -> Result<(), Failure> {
    if let Some(workload) = &options.workload {
        // What has no slash is refused by the server, which knows the kinds.
        let (kind, name) = workload.split_once('/').unwrap_or((workload, ""));
        action["workload_kind"] = kind.into();
        action["workload"] = name.into();
    }
    if !options.mail.is_empty() {
        action["recipients"] = options.mail.into();
    }
    change_workload(session, action, options.workloads)?;
    change_webhook(session, action, options.webhooks)?;
    set_given(action, "language", options.texts.language);
    if let Some(path) = &options.texts.template {
        let text = read_file(session, path)?;
        action["template"] = match text.trim().is_empty() {
            true => Value::Null,
            false => text.into(),
        };
    }
    Ok(())
}

fn change_workload(
    session: &Session,
    action: &mut Value,
    options: WorkloadOptions,
) -> Result<(), Failure> {
    set_given(action, "cluster", options.cluster);
    set_given(action, "cluster_namespace", options.cluster_namespace);
    set_given(action, "container", options.container);
    set_given(action, "rollback", options.rollback);
    if let Some(text) = options.timeout {
        let span = Duration::parse(&text).map_err(|_| {
            Failure::usage(session.text("cli.rule.bad_value", &[("value", &text)]))
                .with_hint(session.text("cli.rule.bad_time_hint", &[]))
        })?;
        action["timeout_seconds"] = (span.as_nanos() / 1_000_000_000).into();
    }
    Ok(())
}

fn change_webhook(
    session: &Session,
    action: &mut Value,
    options: WebhookOptions,
) -> Result<(), Failure> {
    set_given(action, "url", options.url);
    if options.url_stdin {
        action["url"] = read_answer_line(session)?.into();
    }
    if options.secret_stdin {
        action["secret"] = read_answer_line(session)?.into();
    }
    if options.sign {
        action["make_secret"] = true.into();
    }
    if options.unsigned {
        action["secret"] = Value::Null;
    }
    set_given(action, "method", options.method);
    set_given(action, "payload", options.payload);
    if let Some(path) = &options.headers {
        action["headers"] = read_headers(&read_file(session, path)?);
    }
    Ok(())
}

/// `Name: value` a line; a name alone keeps the value that is stored for it.
fn read_headers(text: &str) -> Value {
    let lines = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| match line.split_once(':') {
            Some((name, value)) => json!({ "name": name.trim(), "value": value.trim() }),
            None => json!({ "name": line }),
        })
        .collect()
}

/// The text of a file; `-` is stdin.
pub(super) fn read_file(session: &Session, path: &Path) -> Result<String, Failure> {
    let outcome = match path == Path::new("-") {
        true => std::io::read_to_string(std::io::stdin()),
        false => std::fs::read_to_string(path),
    };
    outcome.map_err(|error| {
        let shown = path.display().to_string();
        Failure::new(session.text("cli.file_unreadable", &[("path", &shown)])).caused_by(&error)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        options: ActionOptions,
    }

    fn read(words: &[&str]) -> Value {
        let words = std::iter::once("trigger").chain(words.iter().copied());
        let options = Line::try_parse_from(words).expect("options").options;
        new_action(&Session::for_test(&[]), options)
            .expect("nothing has to be asked")
            .unwrap_or_default()
    }

    #[test]
    fn options_describe_one_action() {
        let workload = read(&[
            "--workload",
            "deployment/web",
            "--cluster",
            "prod",
            "--cluster-namespace",
            "shop",
            "--container",
            "app",
            "--rollback",
            "--timeout",
            "5m",
        ]);
        assert_eq!(
            workload,
            json!({
                "kind": "workload", "workload_kind": "deployment", "workload": "web", "cluster": "prod",
                "cluster_namespace": "shop", "container": "app", "rollback": true, "timeout_seconds": 300,
            })
        );
        assert_eq!(
            read(&["--webhook", "--url", "https://h/x", "--payload", "harbor"]),
            json!({ "kind": "webhook", "url": "https://h/x", "payload": "harbor" })
        );
        assert_eq!(
            read(&["--feishu", "--url", "https://h/x", "--language", "zh"]),
            json!({ "kind": "message", "service": "feishu", "url": "https://h/x", "language": "zh" })
        );
        assert_eq!(
            read(&["--mail", "a@b.example", "--mail", "c@d.example"]),
            json!({ "kind": "mail", "recipients": ["a@b.example", "c@d.example"] })
        );
        assert_eq!(read(&["--cluster", "prod"]), Value::Null);
        assert!(Line::try_parse_from(["trigger", "--webhook", "--slack"]).is_err());
    }

    #[test]
    fn an_address_is_asked_for_where_it_is_not_given() {
        let options = Line::try_parse_from(["trigger", "--slack"]).expect("options");
        let refused = new_action(&Session::for_test(&[]), options.options);
        assert!(refused.is_err(), "there is no terminal to ask at");
    }

    #[test]
    fn headers_come_from_a_file_so_that_no_list_of_processes_shows_them() {
        let read = read_headers("Authorization: Bearer a:b\n# a comment\n\nX-Kept\n");
        assert_eq!(
            read,
            json!([{ "name": "Authorization", "value": "Bearer a:b" }, { "name": "X-Kept" }])
        );
    }

    #[test]
    fn what_the_server_tells_is_not_sent_back_to_it() {
        let trigger = json!({ "actions": [
            { "id": "1", "kind": "webhook", "address": "https://h", "state": "active", "signed": true, "headers": [] },
        ] });
        assert_eq!(
            take_actions(&trigger),
            [json!({ "id": "1", "kind": "webhook", "headers": [] })]
        );
    }
}
