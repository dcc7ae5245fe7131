//! One source, and what uses it.

use serde_json::Value;

use super::find::find_source;
use crate::client::ApiClient;
use crate::failure::Failure;
use crate::output::{print_json, print_record, print_text, show_day_time, show_text};
use crate::session::{Format, Session};

pub(super) async fn show(
    session: &Session,
    client: &ApiClient<'_>,
    word: &str,
) -> Result<(), Failure> {
    let source = find_source(session, client, word).await?;
    let id = show_text(&source["id"]);
    let source = client.get(&["sources", &id], &[]).await?;
    print_source(session, &source)?;
    if session.format == Format::Table {
        say_rules(session, client, &id).await?;
    }
    Ok(())
}

pub(super) fn print_source(session: &Session, source: &Value) -> Result<(), Failure> {
    if session.format == Format::Json {
        return print_json(session, source);
    }
    let text = |field: &str| (!source[field].is_null()).then(|| show_text(&source[field]));
    let health = |field: &str| {
        let value = &source["health"][field];
        (!value.is_null()).then(|| show_text(value))
    };
    let time = |field: &str| Some(show_day_time(session, &source[field]));
    print_record(
        session,
        &[
            ("cli.column.kind", text("kind")),
            ("cli.column.address", text("address")),
            ("cli.column.account", text("account")),
            ("cli.column.method", text("method")),
            (
                "cli.column.state",
                (source["health"]["ok"] == true)
                    .then(|| session.text("cli.source.works", &[]).into_owned()),
            ),
            ("cli.column.problem", health("message")),
            ("cli.column.detail", health("detail")),
            ("cli.column.host_keys_origin", text("host_keys_origin")),
            ("cli.column.checked", time("checked_at")),
            ("cli.column.created", time("created_at")),
            ("cli.column.id", text("id")),
        ],
    )?;
    let keys = source["host_keys"].as_array().into_iter().flatten();
    let keys: Vec<&str> = keys.filter_map(|key| key.as_str()).collect();
    if !keys.is_empty() {
        session.say("cli.source.host_keys", &[]);
        print_text(session, &format!("{}\n", keys.join("\n")))?;
    }
    print_public_key(session, source)
}

/// The public half of a deploy key, alone on stdout, so that it can be sent where it belongs.
pub(super) fn print_public_key(session: &Session, source: &Value) -> Result<(), Failure> {
    match source["public_key"].as_str() {
        Some(key) => {
            session.say("cli.source.public_key", &[]);
            print_text(session, &format!("{}\n", key.trim_end()))
        }
        None => Ok(()),
    }
}

/// Says which rules use a source, so that nobody takes it away unknowing.
pub(super) async fn say_rules(
    session: &Session,
    client: &ApiClient<'_>,
    id: &str,
) -> Result<(), Failure> {
    let uses = client.get(&["sources", id, "rules"], &[]).await?;
    for rule in uses["items"].as_array().into_iter().flatten() {
        let (repository, name) = (show_text(&rule["repository"]), show_text(&rule["rule"]));
        let parameters = [("repository", repository.as_str()), ("name", name.as_str())];
        session.say("cli.source.used_by", &parameters);
    }
    Ok(())
}
