//! A trigger as people read it.

use serde_json::Value;

use crate::failure::Failure;
use crate::output::{
    Column, clean_text, print_json, print_record, print_rows, print_text, show_day_time, show_text,
    show_word, show_yes_no,
};
use crate::session::{Format, Session};

/// `tags that are versions of >=1.4`.
pub(super) fn show_condition(session: &Session, item: &Value) -> String {
    let condition = &item["condition"];
    let kind = show_word(session, "trigger_condition", &condition["kind"]);
    match condition["text"].as_str() {
        Some(text) if !text.is_empty() => format!("{kind} {}", clean_text(text)),
        _ => kind,
    }
}

pub(super) fn show_events(session: &Session, item: &Value) -> String {
    let events = item["events"].as_array().into_iter().flatten();
    let words = events.map(|event| show_word(session, "trigger_event", event));
    words.collect::<Vec<_>>().join(", ")
}

/// What an action does and where, each in a few words.
pub(super) fn show_actions(session: &Session, item: &Value) -> String {
    let actions = item["actions"].as_array().into_iter().flatten();
    let shown = actions.map(|action| {
        let kind = show_kind(session, action);
        format!("{kind} {}", show_text(&action["label"]))
    });
    shown.collect::<Vec<_>>().join("; ")
}

fn show_kind(session: &Session, action: &Value) -> String {
    match action["service"].as_str() {
        Some(_) => show_word(session, "trigger_action", &action["service"]),
        None => show_word(session, "trigger_action", &action["kind"]),
    }
}

const ACTION_COLUMNS: [Column; 6] = [
    Column::number("cli.column.number", |_, item| show_text(&item["number"])),
    Column::text("cli.column.kind", show_kind),
    Column::text("cli.column.target", |_, item| show_text(&item["label"])),
    Column::text("cli.column.settings", show_settings),
    Column::text("cli.column.state", |session, item| {
        show_word(session, "trigger_action_state", &item["state"])
    }),
    Column::text("cli.column.problem", |_, item| show_text(&item["message"])),
];

/// What else an action says.
fn show_settings(session: &Session, action: &Value) -> String {
    let word = |field: &str| action[field].as_str().map(clean_text);
    let mut parts: Vec<String> = [word("method"), word("payload"), word("language")]
        .into_iter()
        .flatten()
        .collect();
    if action["signed"] == true {
        parts.push(session.text("cli.trigger.signed", &[]).into_owned());
    }
    if let Some(names) = action["headers"].as_array().filter(|all| !all.is_empty()) {
        let names = names.iter().map(|header| show_text(&header["name"]));
        parts.push(names.collect::<Vec<_>>().join(", "));
    }
    if let Some(recipients) = action["recipients"].as_array() {
        parts.extend(recipients.iter().map(show_text));
    }
    if action["rollback"] == true {
        parts.push(session.text("cli.trigger.rolls_back", &[]).into_owned());
    }
    if let Some(seconds) = action["timeout_seconds"].as_u64() {
        parts.push(format!("{seconds} s"));
    }
    if action["template"].is_string() {
        parts.push(session.text("cli.trigger.own_template", &[]).into_owned());
    }
    parts.join(", ")
}

pub(super) fn print_trigger(session: &Session, trigger: &Value) -> Result<(), Failure> {
    if session.format == Format::Json {
        return print_json(session, trigger);
    }
    let text = |value: &Value| (!value.is_null()).then(|| show_text(value));
    let rules = trigger["rules"].as_array().filter(|all| !all.is_empty());
    print_record(
        session,
        &[
            ("cli.column.name", text(&trigger["name"])),
            (
                "cli.column.enabled",
                Some(show_yes_no(session, &trigger["enabled"])),
            ),
            (
                "cli.column.condition",
                Some(show_condition(session, trigger)),
            ),
            ("cli.column.events", Some(show_events(session, trigger))),
            (
                "cli.column.rules",
                rules.map(|_| show_text(&trigger["rules"])),
            ),
            ("cli.column.created_by", text(&trigger["created_by"])),
            (
                "cli.column.created",
                Some(show_day_time(session, &trigger["created_at"])),
            ),
        ],
    )?;
    let actions = number(trigger["actions"].as_array());
    print_text(session, "\n")?;
    print_rows(session, &ACTION_COLUMNS, &actions)
}

/// The same items, each with its place, counted from 1.
fn number(items: Option<&Vec<Value>>) -> Vec<Value> {
    let items = items.into_iter().flatten().cloned().enumerate();
    items
        .map(|(place, mut item)| {
            item["number"] = (place + 1).into();
            item
        })
        .collect()
}

/// What a save came to beyond the trigger itself: secrets that were made for it, and what speaks against it.
pub(super) fn print_saved(session: &Session, trigger: &Value) -> Result<(), Failure> {
    for warning in trigger["warnings"].as_array().into_iter().flatten() {
        say_warning(session, warning);
    }
    print_made_secrets(session, trigger)
}

/// On stderr, where it is in nobody's way.
fn say_warning(session: &Session, warning: &Value) {
    let (message, hint) = (describe_warning(warning), show_text(&warning["hint"]));
    let parameters = [("message", message.as_str()), ("hint", hint.as_str())];
    session.say("cli.trigger.warning", &parameters);
}

/// The sentence, and what the cluster itself said.
fn describe_warning(warning: &Value) -> String {
    let message = show_text(&warning["message"]);
    match warning["detail"].as_str().filter(|text| !text.is_empty()) {
        Some(detail) => format!("{message} ({})", clean_text(detail)),
        None => message,
    }
}

/// Secrets that the server made: they are told this once.
fn print_made_secrets(session: &Session, trigger: &Value) -> Result<(), Failure> {
    // In JSON the whole answer has been printed.
    if session.format == Format::Json {
        return Ok(());
    }
    for secret in trigger["made_secrets"].as_array().into_iter().flatten() {
        session.say("cli.trigger.secret_made", &[]);
        session.say("cli.secret.shown_once", &[]);
        print_text(session, &format!("{}\n", show_text(&secret["secret"])))?;
    }
    Ok(())
}

/// What a cluster would do.
pub(super) fn print_dry_run(session: &Session, answer: &Value) -> Result<(), Failure> {
    let text = |field: &str| (!answer[field].is_null()).then(|| show_text(&answer[field]));
    print_record(
        session,
        &[
            ("cli.column.target", text("target")),
            ("cli.column.image_before", text("before")),
            ("cli.column.image_after", text("after")),
            (
                "cli.column.changes",
                Some(show_yes_no(session, &answer["changes"])),
            ),
            ("cli.column.problem", {
                let warning = &answer["warning"];
                warning.is_object().then(|| describe_warning(warning))
            }),
        ],
    )?;
    if session.format == Format::Table && answer["warning"].is_object() {
        say_warning(session, &answer["warning"]);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_trigger_says_in_a_line_when_it_fires_and_what_it_does() {
        let session = Session::for_test(&[]);
        let trigger = json!({
            "condition": { "kind": "semver", "text": ">=1.4" },
            "events": ["tag_created", "build_failed"],
            "actions": [
                { "kind": "webhook", "label": "hooks.example" },
                { "kind": "message", "service": "slack", "label": "hooks.slack.com" },
            ],
        });
        assert_eq!(show_condition(&session, &trigger), "versions >=1.4");
        assert_eq!(show_events(&session, &trigger), "new tag, failed build");
        assert_eq!(
            show_actions(&session, &trigger),
            "webhook hooks.example; Slack hooks.slack.com"
        );
    }

    #[test]
    fn a_warning_tells_what_the_cluster_said_and_steers_no_terminal() {
        let warning = json!({ "message": "api has no container web", "detail": "app\u{1b}[2J" });
        assert_eq!(
            describe_warning(&warning),
            "api has no container web (app\u{fffd}[2J)"
        );
        assert_eq!(
            describe_warning(&json!({ "message": "m", "detail": "" })),
            "m"
        );
    }

    #[test]
    fn settings_name_headers_and_never_a_value() {
        let session = Session::for_test(&[]);
        let action = json!({
            "method": "POST", "payload": "harbor", "signed": true,
            "headers": [{ "name": "Authorization" }],
        });
        assert_eq!(
            show_settings(&session, &action),
            "POST, harbor, signed, Authorization"
        );
    }
}
