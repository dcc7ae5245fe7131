//! `wharf rule`: which pushes become images.

mod arguments;
mod changes;
mod definition;
mod links;
mod options;
mod path;
mod secrets;
mod show;
mod trigger_urls;

use serde_json::json;

use super::outcome::print_outcome;
use super::repo::strip_host;
use crate::arguments::Options;
use crate::client::{ApiClient, list_pages};
use crate::failure::Failure;
use crate::output::{
    Column, print_json, print_rows, print_table, show_day_time, show_text, show_word, show_yes_no,
};
use crate::session::{Format, Session};

pub(crate) use arguments::RuleArguments;
use arguments::{RuleCommand, WhichRule};
use path::RulePath;

const COLUMNS: [Column; 6] = [
    Column::text("cli.column.name", |_, item| show_text(&item["name"])),
    Column::text("cli.column.enabled", |session, item| {
        show_yes_no(session, &item["enabled"])
    }),
    Column::text("cli.column.source", |_, item| {
        show_text(&item["source"]["address"])
    }),
    Column::text("cli.column.remote", |_, item| show_text(&item["remote"])),
    Column::text("cli.column.builds", |session, item| {
        show::show_trigger(session, &item["definition"])
    }),
    Column::text("cli.column.image_tags", |session, item| {
        show::show_naming(session, &item["definition"])
    }),
];

const DECISION_COLUMNS: [Column; 8] = [
    Column::text("cli.column.time", |session, item| {
        show_day_time(session, &item["at"])
    }),
    Column::text("cli.column.ref", |_, item| show_text(&item["ref"])),
    Column::text("cli.column.commit", |_, item| {
        show::shorten_commit(&item["new"])
    }),
    Column::text("cli.column.decision", |session, item| {
        show_word(session, "verdict", &item["decision"])
    }),
    Column::number("cli.column.build", |_, item| show_text(&item["build"])),
    Column::text("cli.column.cause", |session, item| {
        show_word(session, "build_cause", &item["cause"])
    }),
    Column::text("cli.column.reason", |session, item| {
        show::show_reason(session, &item["reason"])
    }),
    Column::text("cli.column.detail", |_, item| show_text(&item["detail"])),
];

/// Builds that were just started.
const START_COLUMNS: [Column; 4] = [
    Column::number("cli.column.build", |_, item| show_text(&item["number"])),
    Column::text("cli.column.ref", |_, item| show_text(&item["ref"])),
    Column::text("cli.column.commit", |_, item| {
        show::shorten_commit(&item["commit"])
    }),
    Column::text("cli.column.image_tags", |_, item| show_text(&item["tags"])),
];

pub(crate) async fn run(
    arguments: RuleArguments,
    options: &Options,
    session: &Session,
) -> Result<(), Failure> {
    let client = &ApiClient::connect(session, options)?;
    match arguments.command {
        RuleCommand::List(arguments) => {
            let repository = strip_host(client.address(), &arguments.repository);
            let path = ["repositories", repository, "rules"];
            let page = list_pages(session, client, &path, &[], &arguments.pages).await?;
            print_table(session, &COLUMNS, &page)
        }
        RuleCommand::Show(arguments) => {
            let path = RulePath::of(client, &arguments.rule).with(&[]);
            let rule = client.get(&path, &[]).await?;
            show::print_rule(session, &rule)
        }
        RuleCommand::Create(arguments) => changes::create(session, client, *arguments).await,
        RuleCommand::Edit(arguments) => changes::edit(session, client, *arguments).await,
        RuleCommand::Try(arguments) => changes::try_rule(session, client, *arguments).await,
        RuleCommand::Delete(arguments) => {
            let name = arguments.rule.rule.as_str();
            arguments.confirmation.obtain(session, name)?;
            let path = RulePath::of(client, &arguments.rule).with(&[]);
            let answer = client.delete(&path).await?;
            print_outcome(session, &answer, "cli.rule.deleted", &[("name", name)])
        }
        RuleCommand::Enable(arguments) => {
            let path = RulePath::of(client, &arguments.rule);
            switch(session, client, &path, true).await
        }
        RuleCommand::Disable(arguments) => {
            let path = RulePath::of(client, &arguments.rule);
            switch(session, client, &path, false).await
        }
        RuleCommand::Decisions(arguments) => {
            let path = RulePath::of(client, &arguments.rule).with(&["decisions"]);
            let page = list_pages(session, client, &path, &[], &arguments.pages).await?;
            print_table(session, &DECISION_COLUMNS, &page)
        }
        RuleCommand::BuildHeads(arguments) => build_heads(session, client, &arguments.rule).await,
        RuleCommand::Secret(arguments) => secrets::run(session, client, arguments).await,
        RuleCommand::TriggerUrl(arguments) => trigger_urls::run(session, client, arguments).await,
        RuleCommand::Link(arguments) => links::run(session, client, arguments).await,
    }
}

async fn switch(
    session: &Session,
    client: &ApiClient<'_>,
    rule: &RulePath<'_>,
    enabled: bool,
) -> Result<(), Failure> {
    let answer = client
        .patch(&rule.with(&[]), &json!({ "enabled": enabled }))
        .await?;
    let key = if enabled {
        "cli.rule.enabled"
    } else {
        "cli.rule.disabled"
    };
    print_outcome(session, &answer, key, &[("name", rule.rule)])
}

async fn build_heads(
    session: &Session,
    client: &ApiClient<'_>,
    rule: &WhichRule,
) -> Result<(), Failure> {
    let path = RulePath::of(client, rule).with(&["heads"]);
    let answer = client.post(&path, &json!({})).await?;
    if session.format == Format::Json {
        return print_json(session, &answer);
    }
    let builds = answer["builds"].as_array().map_or(&[][..], Vec::as_slice);
    if builds.is_empty() {
        session.say("cli.nothing_found", &[]);
        return Ok(());
    }
    print_rows(session, &START_COLUMNS, builds)
}
