//! One delivery as people read it: how it stands, and each attempt.

use jiff::{Timestamp, Unit};
use serde_json::{Value, json};

use super::arguments::{RedeliverArguments, ShowDeliveryArguments, WhichDelivery};
use super::log::{follow_deliveries, show_reason, show_state, show_target};
use super::path::delivery_path;
use crate::client::ApiClient;
use crate::commands::outcome::print_outcome;
use crate::commands::repo::strip_host;
use crate::failure::Failure;
use crate::output::{
    Column, clean_lines, clean_text, print_json, print_record, print_rows, print_text,
    show_day_time, show_text, show_word, show_yes_no,
};
use crate::session::{Format, Session};

const ATTEMPT_COLUMNS: [Column; 6] = [
    Column::number("cli.column.attempt", |_, item| show_text(&item["number"])),
    Column::text("cli.column.time", |session, item| {
        show_day_time(session, &item["started_at"])
    }),
    Column::number("cli.column.duration", |_, item| show_duration(item)),
    Column::text("cli.column.result", |session, item| {
        show_word(session, "attempt_outcome", &item["outcome"])
    }),
    Column::number("cli.column.status", |_, item| show_text(&item["status"])),
    Column::text("cli.column.reason", show_reason),
];

pub(super) async fn show(
    session: &Session,
    client: &ApiClient<'_>,
    arguments: ShowDeliveryArguments,
) -> Result<(), Failure> {
    if arguments.follow {
        follow(session, client, &arguments.delivery).await?;
    }
    let path = delivery_path(client, &arguments.delivery, &[]);
    let delivery = client.get(&path, &[]).await?;
    if session.format == Format::Json {
        return print_json(session, &delivery);
    }
    print_delivery(session, &delivery)?;
    if arguments.bodies {
        print_text(session, &render_bodies(&delivery))?;
    }
    Ok(())
}

pub(super) async fn redeliver(
    session: &Session,
    client: &ApiClient<'_>,
    arguments: RedeliverArguments,
) -> Result<(), Failure> {
    let path = delivery_path(client, &arguments.delivery, &["redeliver"]);
    let answer = client.post(&path, &json!({})).await?;
    print_outcome(session, &answer, "cli.trigger.redelivering", &[])?;
    match arguments.follow {
        true => follow(session, client, &arguments.delivery).await,
        false => Ok(()),
    }
}

async fn follow(
    session: &Session,
    client: &ApiClient<'_>,
    which: &WhichDelivery,
) -> Result<(), Failure> {
    let repository = strip_host(client.address(), &which.repository);
    let ids = [which.delivery.clone()];
    follow_deliveries(session, client, repository, &ids).await
}

fn show_duration(attempt: &Value) -> String {
    let time = |field: &str| attempt[field].as_str()?.parse::<Timestamp>().ok();
    match (time("started_at"), time("ended_at")) {
        (Some(begin), Some(end)) => {
            let seconds = (end - begin).total(Unit::Second).unwrap_or(0.0);
            format!("{seconds:.2} s")
        }
        _ => show_text(&Value::Null),
    }
}

fn print_delivery(session: &Session, delivery: &Value) -> Result<(), Failure> {
    let text = |field: &str| (!delivery[field].is_null()).then(|| show_text(&delivery[field]));
    let time = |field: &str| {
        (!delivery[field].is_null()).then(|| show_day_time(session, &delivery[field]))
    };
    let reason = Some(show_reason(session, delivery)).filter(|reason| reason != "-");
    print_record(
        session,
        &[
            ("cli.column.id", text("id")),
            ("cli.column.state", Some(show_state(session, delivery))),
            ("cli.column.reason", reason),
            ("cli.column.progress", {
                let message = delivery["progress"]["message"].as_str();
                message.map(clean_lines)
            }),
            ("cli.column.trigger", text("trigger")),
            ("cli.column.action", Some(show_target(session, delivery))),
            (
                "cli.column.event",
                Some(show_word(session, "trigger_event", &delivery["event"])),
            ),
            (
                "cli.column.by_hand",
                (delivery["by_hand"] == true).then(|| show_yes_no(session, &delivery["by_hand"])),
            ),
            ("cli.column.pushed_by", text("actor")),
            ("cli.column.repository", text("repository")),
            ("cli.column.tag", text("tag")),
            ("cli.column.digest", text("digest")),
            ("cli.column.attempts", text("attempt_count")),
            ("cli.column.created", time("created_at")),
            ("cli.column.next_try", time("next_at")),
            ("cli.column.ended", time("ended_at")),
        ],
    )?;
    match delivery["attempts"].as_array() {
        Some(attempts) if !attempts.is_empty() => {
            print_text(session, "\n")?;
            print_rows(session, &ATTEMPT_COLUMNS, attempts)
        }
        _ => Ok(()),
    }
}

/// What was sent and what came back, attempt by attempt, as `curl -v` shows it.
fn render_bodies(delivery: &Value) -> String {
    let mut text = String::new();
    for attempt in delivery["attempts"].as_array().into_iter().flatten() {
        text += &format!("\n--- {} ---\n", show_text(&attempt["number"]));
        let request = &attempt["request"];
        if request.is_object() {
            let line = format!(
                "{} {}",
                show_text(&request["method"]),
                show_text(&request["url"])
            );
            text += &render_message('>', &line, request);
        }
        let response = &attempt["response"];
        if response.is_object() {
            text += &render_message('<', &show_text(&response["status"]), response);
        }
    }
    text
}

fn render_message(mark: char, line: &str, message: &Value) -> String {
    let mut text = format!("{mark} {line}\n");
    for header in message["headers"].as_array().into_iter().flatten() {
        let (name, value) = (&header["name"], &header["value"]);
        text += &format!("{mark} {}: {}\n", show_text(name), show_text(value));
    }
    if let Some(body) = message["body"].as_str().filter(|body| !body.is_empty()) {
        text += &format!("\n{}\n", clean_lines(body));
    }
    if message["truncated"] == true {
        text.push_str("…\n");
    }
    clean_ends(&text)
}

/// Nothing of a stranger's moves the cursor, also where lines were put together.
fn clean_ends(text: &str) -> String {
    text.split('\n')
        .map(clean_text)
        .collect::<Vec<_>>()
        .join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_read_as_requests_and_answers_and_steer_no_terminal() {
        let delivery = json!({ "attempts": [{
            "number": 1,
            "request": { "method": "POST", "url": "https://h/***", "body": "{\"a\":1}",
                "headers": [{ "name": "webhook-id", "value": "x" }] },
            "response": { "status": 500, "headers": [], "body": "no\u{1b}[2J", "truncated": true },
        }] });
        assert_eq!(
            render_bodies(&delivery),
            "\n--- 1 ---\n> POST https://h/***\n> webhook-id: x\n\n{\"a\":1}\n< 500\n\nno\u{fffd}[2J\n…\n"
        );
    }

    #[test]
    fn an_attempt_has_a_length() {
        let attempt =
            json!({ "started_at": "2026-03-04T05:05:00Z", "ended_at": "2026-03-04T05:05:01.25Z" });
        assert_eq!(show_duration(&attempt), "1.25 s");
        assert_eq!(show_duration(&json!({})), "-");
    }
}
