//! `wharf source webhook`: how code hosts tell of pushes.

use serde_json::{Value, json};

use super::arguments::{RefsOf, WebhookArguments, WebhookCommand};
use super::find::find_source;
use crate::client::{ApiClient, PageOptions, list_pages};
use crate::commands::outcome::print_secret;
use crate::failure::Failure;
use crate::output::{
    Column, print_json, print_record, print_rows, print_table, show_day_time, show_text,
};
use crate::session::{Format, Session};

const COLUMNS: [Column; 5] = [
    Column::text("cli.column.remote", |_, item| show_text(&item["remote"])),
    Column::text("cli.column.state", |_, item| show_text(&item["state"])),
    Column::text("cli.column.problem", |_, item| {
        show_text(&item["health"]["message"])
    }),
    Column::text("cli.column.delivered", |session, item| {
        show_day_time(session, &item["delivered_at"])
    }),
    Column::text("cli.column.checked", |session, item| {
        show_day_time(session, &item["checked_at"])
    }),
];

const DELIVERY_COLUMNS: [Column; 4] = [
    Column::text("cli.column.time", |session, item| {
        show_day_time(session, &item["at"])
    }),
    Column::text("cli.column.event", |_, item| show_text(&item["event"])),
    Column::text("cli.column.outcome", |_, item| show_text(&item["outcome"])),
    Column::text("cli.column.detail", |_, item| show_text(&item["detail"])),
];

const ATTEMPT_COLUMNS: [Column; 4] = [
    Column::text("cli.column.time", |session, item| {
        show_day_time(session, &item["at"])
    }),
    Column::text("cli.column.event", |_, item| show_text(&item["event"])),
    Column::number("cli.column.status", |_, item| show_text(&item["status"])),
    Column::text("cli.column.outcome", |_, item| show_text(&item["outcome"])),
];

pub(super) async fn run(
    session: &Session,
    client: &ApiClient<'_>,
    arguments: WebhookArguments,
) -> Result<(), Failure> {
    match arguments.command {
        WebhookCommand::List(arguments) => {
            let source = find_source(session, client, &arguments.source).await?;
            let id = show_text(&source["id"]);
            let path = ["sources", &id, "webhooks"];
            let page = list_pages(session, client, &path, &[], &arguments.pages).await?;
            print_table(session, &COLUMNS, &page)
        }
        WebhookCommand::Show(arguments) => show(session, client, &arguments.refs).await,
        WebhookCommand::Repair(arguments) => {
            let (source, webhook) = find_webhook(session, client, &arguments.refs).await?;
            let path = ["sources", &source, "webhooks", &webhook, "repair"];
            let answer = client.post(&path, &json!({})).await?;
            print_table(session, &COLUMNS, &json!({ "items": [answer] }))
        }
        WebhookCommand::Attempts(arguments) => {
            let (source, webhook) = find_webhook(session, client, &arguments.refs).await?;
            let path = ["sources", &source, "webhooks", &webhook, "attempts"];
            let answer = client.get(&path, &[]).await?;
            if answer["items"].is_null() && session.format == Format::Table {
                session.say("cli.source.no_attempts", &[]);
                return Ok(());
            }
            print_table(session, &ATTEMPT_COLUMNS, &answer)
        }
        WebhookCommand::NewSecret(arguments) => {
            let (source, webhook) = find_webhook(session, client, &arguments.refs).await?;
            let path = ["sources", &source, "webhooks", &webhook, "secret"];
            let answer = client.post(&path, &json!({})).await?;
            let parameters = [("remote", arguments.refs.remote.as_str())];
            print_secret(
                session,
                &answer,
                "line",
                "cli.source.webhook_secret",
                &parameters,
            )
        }
    }
}

async fn show(session: &Session, client: &ApiClient<'_>, refs: &RefsOf) -> Result<(), Failure> {
    let (source, webhook) = find_webhook(session, client, refs).await?;
    let path = ["sources", &source, "webhooks", &webhook];
    let answer = client.get(&path, &[]).await?;
    let path = ["sources", &source, "webhooks", &webhook, "deliveries"];
    let deliveries = list_pages(session, client, &path, &[], &refs.pages).await?;
    if session.format == Format::Json {
        let mut whole = answer;
        whole["deliveries"] = deliveries["items"].clone();
        return print_json(session, &whole);
    }
    let text = |field: &str| (!answer[field].is_null()).then(|| show_text(&answer[field]));
    let health = |field: &str| {
        let value = &answer["health"][field];
        (!value.is_null()).then(|| show_text(value))
    };
    let time = |field: &str| Some(show_day_time(session, &answer[field]));
    print_record(
        session,
        &[
            ("cli.column.remote", text("remote")),
            ("cli.column.state", text("state")),
            ("cli.column.problem", health("message")),
            ("cli.column.detail", health("detail")),
            ("cli.column.address", text("url")),
            ("cli.column.checked", time("checked_at")),
            ("cli.column.delivered", time("delivered_at")),
        ],
    )?;
    let items = deliveries["items"]
        .as_array()
        .map_or(&[][..], Vec::as_slice);
    if items.is_empty() {
        session.say("cli.source.no_deliveries", &[]);
        return Ok(());
    }
    println!();
    print_rows(session, &DELIVERY_COLUMNS, items)
}

async fn find_webhook(
    session: &Session,
    client: &ApiClient<'_>,
    refs: &RefsOf,
) -> Result<(String, String), Failure> {
    let source = find_source(session, client, &refs.source).await?;
    let id = show_text(&source["id"]);
    let path = ["sources", &id, "webhooks"];
    let page = list_pages(session, client, &path, &[], &PageOptions::default()).await?;
    let mut items = page["items"].as_array().into_iter().flatten();
    let found: Option<&Value> = items.find(|item| item["remote"] == refs.remote.as_str());
    match found {
        Some(webhook) => Ok((id, show_text(&webhook["id"]))),
        None => {
            let parameters = [("remote", refs.remote.as_str())];
            Err(
                Failure::new(session.text("cli.source.no_webhook", &parameters))
                    .with_hint(session.text("cli.source.no_webhook_hint", &[])),
            )
        }
    }
}
