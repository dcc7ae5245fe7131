//! `wharf rule trigger-url`: addresses that start a build of a rule.

use clap::{Args, Subcommand};
use serde_json::json;

use super::arguments::WhichRule;
use super::path::RulePath;
use crate::ask::Confirmation;
use crate::client::{ApiClient, PageOptions, list_pages};
use crate::commands::outcome::{print_outcome, print_secret};
use crate::failure::Failure;
use crate::output::{Column, print_table, show_day_time, show_text};
use crate::session::Session;

/// Addresses that start a rule's builds when something POSTs to them
///
/// The address holds its secret: whoever has it starts builds, and nothing else. A body {"source_type": "Branch",
/// "source_name": "main"} chooses a branch or tag, as Docker Hub had it; calls that come too fast become one build.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  URL=$(wharf rule trigger-url create acme/web main nightly)
  curl -X POST \"$URL\"
  curl -X POST \"$URL\" -H 'Content-Type: application/json' -d '{\"source_type\": \"Tag\", \"source_name\": \"v1.2\"}'
  wharf rule trigger-url list acme/web main
  wharf rule trigger-url revoke acme/web main nightly")]
pub(super) struct TriggerUrlArguments {
    #[command(subcommand)]
    command: TriggerUrlCommand,
}

#[derive(Debug, Subcommand)]
enum TriggerUrlCommand {
    List(TriggerListArguments),
    Create(TriggerCreateArguments),
    Revoke(TriggerRevokeArguments),
}

/// List the trigger URLs of a rule; their secrets are not shown again
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf rule trigger-url list acme/web main")]
struct TriggerListArguments {
    #[command(flatten)]
    rule: WhichRule,
    #[command(flatten)]
    pages: PageOptions,
}

/// Make a trigger URL; it is shown once, alone on stdout
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  URL=$(wharf rule trigger-url create acme/web main nightly)")]
struct TriggerCreateArguments {
    #[command(flatten)]
    rule: WhichRule,
    /// What it is for
    #[arg(value_name = "NAME")]
    name: String,
}

/// Revoke a trigger URL; it is refused from the next call on
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf rule trigger-url revoke acme/web main nightly --yes")]
struct TriggerRevokeArguments {
    #[command(flatten)]
    rule: WhichRule,
    /// Its name
    #[arg(value_name = "NAME")]
    name: String,
    #[command(flatten)]
    confirmation: Confirmation,
}

const COLUMNS: [Column; 4] = [
    Column::text("cli.column.name", |_, item| show_text(&item["name"])),
    Column::text("cli.column.created_by", |_, item| {
        show_text(&item["created_by"])
    }),
    Column::text("cli.column.created", |session, item| {
        show_day_time(session, &item["created_at"])
    }),
    Column::text("cli.column.last_used", |session, item| {
        show_day_time(session, &item["last_used_at"])
    }),
];

pub(super) async fn run(
    session: &Session,
    client: &ApiClient<'_>,
    arguments: TriggerUrlArguments,
) -> Result<(), Failure> {
    match arguments.command {
        TriggerUrlCommand::List(arguments) => {
            let rule = RulePath::of(client, &arguments.rule);
            let path = rule.with(&["trigger-urls"]);
            let page = list_pages(session, client, &path, &[], &arguments.pages).await?;
            print_table(session, &COLUMNS, &page)
        }
        TriggerUrlCommand::Create(arguments) => {
            let rule = RulePath::of(client, &arguments.rule);
            let body = json!({ "name": arguments.name });
            let answer = client.post(&rule.with(&["trigger-urls"]), &body).await?;
            let parameters = [("name", arguments.name.as_str())];
            print_secret(
                session,
                &answer,
                "url",
                "cli.rule.trigger_created",
                &parameters,
            )
        }
        TriggerUrlCommand::Revoke(arguments) => {
            let rule = RulePath::of(client, &arguments.rule);
            arguments.confirmation.obtain(session, &arguments.name)?;
            let id = find_id(session, client, &rule, &arguments.name).await?;
            let answer = client.delete(&rule.with(&["trigger-urls", &id])).await?;
            let parameters = [("name", arguments.name.as_str())];
            print_outcome(session, &answer, "cli.rule.trigger_revoked", &parameters)
        }
    }
}

/// The id of a trigger URL by its name.
async fn find_id(
    session: &Session,
    client: &ApiClient<'_>,
    rule: &RulePath<'_>,
    name: &str,
) -> Result<String, Failure> {
    let path = rule.with(&["trigger-urls"]);
    let page = list_pages(session, client, &path, &[], &PageOptions::default()).await?;
    let mut items = page["items"].as_array().into_iter().flatten();
    match items.find(|item| item["name"] == name) {
        Some(found) => Ok(show_text(&found["id"])),
        None => Err(Failure::new(
            session.text("cli.rule.no_trigger", &[("name", name)]),
        )),
    }
}
