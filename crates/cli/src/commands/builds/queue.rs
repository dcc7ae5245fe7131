//! `wharf builds queue`: what waits, in its order.

use serde_json::Value;

use super::show;
use crate::client::ApiClient;
use crate::failure::Failure;
use crate::output::{Column, clean_text, print_json, print_rows, show_day_time, show_text};
use crate::session::{Format, Session};

const COLUMNS: [Column; 6] = [
    Column::number("cli.column.position", |_, item| {
        show_text(&item["position"])
    }),
    Column::text("cli.column.expected", |session, item| {
        show_day_time(session, &item["expected_start"])
    }),
    Column::text(
        "cli.column.repository",
        |session, item| match &item["build"] {
            // Somebody else's place: that it is there is told, what it is not.
            Value::Null => session.text("cli.builds.not_yours", &[]).into_owned(),
            build => show_text(&build["repository"]),
        },
    ),
    Column::number("cli.column.number", |_, item| {
        show_text(&item["build"]["number"])
    }),
    Column::text("cli.column.ref", |_, item| show::show_ref(&item["build"])),
    Column::text("cli.column.created", |session, item| {
        show_day_time(session, &item["build"]["created_at"])
    }),
];

pub(super) async fn run(session: &Session, client: &ApiClient<'_>) -> Result<(), Failure> {
    let queue = client.get(&["builds", "queue"], &[]).await?;
    if session.format == Format::Json {
        return print_json(session, &queue);
    }
    if let Some(problem) = queue["problem"].as_str() {
        session.say(
            "cli.builds.queue_problem",
            &[("problem", &clean_text(problem))],
        );
    }
    let waiting = queue["waiting"].as_array().map_or(&[][..], Vec::as_slice);
    if !waiting.is_empty() {
        print_rows(session, &COLUMNS, waiting)?;
    }
    let count = waiting.len().to_string();
    let (running, slots) = (
        show_text(&queue["running"]),
        show_text(&queue["concurrency"]),
    );
    let parameters = [
        ("running", running.as_str()),
        ("slots", &slots),
        ("waiting", &count),
    ];
    session.say("cli.builds.queue_summary", &parameters);
    Ok(())
}
