//! `wharf token`: one's own personal access tokens.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::moment::{Direction, parse_time};
use super::outcome::{print_outcome, print_secret};
use crate::arguments::Options;
use crate::ask::Confirmation;
use crate::client::{ApiClient, PageOptions, list_pages};
use crate::failure::Failure;
use crate::output::{Column, print_table, show_day_time, show_text};
use crate::session::Session;

/// Your personal access tokens
///
/// A token stands in for your password, with chosen actions and never more than you may do yourself.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf token create laptop
  wharf token list")]
pub(crate) struct TokenArguments {
    #[command(subcommand)]
    command: TokenCommand,
}

#[derive(Debug, Subcommand)]
enum TokenCommand {
    List(ListArguments),
    Create(CreateArguments),
    Delete(DeleteArguments),
}

/// List your tokens; their secrets are not kept and cannot be shown
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf token list")]
struct ListArguments {
    #[command(flatten)]
    pages: PageOptions,
}

/// Create a token; its secret is shown once, alone on stdout
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf token create laptop
  wharf token create deploy --action pull --expires 90d
  TOKEN=$(wharf token create backup --action pull --expires 2027-12-31)")]
struct CreateArguments {
    /// A name to know it by
    #[arg(value_name = "NAME")]
    name: String,
    /// What it may do: pull, push, delete, build:start, trigger:run, admin
    #[arg(
        long = "action",
        value_name = "ACTION",
        value_delimiter = ',',
        default_values_t = ["pull".to_owned(), "push".to_owned()],
    )]
    actions: Vec<String>,
    /// When it ends: 90d, 12h, 2027-12-31, an RFC 3339 time, or never
    #[arg(long, value_name = "TIME", default_value = "never")]
    expires: String,
}

/// Delete a token; it is refused from the next request on
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf token delete laptop
  wharf token delete 0195e7c2-8d5e-7a41-b1c3-2f6d1f0a9b1e --yes")]
struct DeleteArguments {
    /// The token's name or id
    #[arg(value_name = "TOKEN")]
    token: String,
    #[command(flatten)]
    confirmation: Confirmation,
}

const COLUMNS: [Column; 6] = [
    Column::text("cli.column.id", |_, item| show_text(&item["id"])),
    Column::text("cli.column.name", |_, item| show_text(&item["name"])),
    Column::text("cli.column.actions", |_, item| show_text(&item["actions"])),
    Column::text("cli.column.created", |session, item| {
        show_day_time(session, &item["created_at"])
    }),
    Column::text("cli.column.expires", |session, item| {
        show_day_time(session, &item["expires_at"])
    }),
    Column::text("cli.column.last_used", |session, item| {
        show_day_time(session, &item["last_used_at"])
    }),
];

pub(crate) async fn run(
    arguments: TokenArguments,
    options: &Options,
    session: &Session,
) -> Result<(), Failure> {
    let client = ApiClient::connect(session, options)?;
    match arguments.command {
        TokenCommand::List(arguments) => {
            let page = list_pages(session, &client, &["tokens"], &[], &arguments.pages).await?;
            print_table(session, &COLUMNS, &page)
        }
        TokenCommand::Create(arguments) => {
            let mut body = json!({ "name": arguments.name, "actions": arguments.actions });
            if let Some(time) = parse_time(session, &arguments.expires, Direction::Future)? {
                body["expires_at"] = time.into();
            }
            let token = client.post(&["tokens"], &body).await?;
            let parameters = [("name", arguments.name.as_str())];
            print_secret(session, &token, "secret", "cli.token.created", &parameters)
        }
        TokenCommand::Delete(arguments) => {
            let id = find_token(session, &client, &arguments.token).await?;
            let parameters = [("name", arguments.token.as_str())];
            arguments.confirmation.obtain(session, &arguments.token)?;
            let answer = client.delete(&["tokens", &id]).await?;
            print_outcome(session, &answer, "cli.token.deleted", &parameters)
        }
    }
}

/// The id of the token that a person names by its name or id.
async fn find_token(
    session: &Session,
    client: &ApiClient<'_>,
    named: &str,
) -> Result<String, Failure> {
    let page = list_pages(session, client, &["tokens"], &[], &PageOptions::default()).await?;
    let tokens = page["items"].as_array().map_or(&[][..], Vec::as_slice);
    let matches = |field: &str| tokens.iter().find(|token| token[field] == named);
    matches("id")
        .or_else(|| matches("name"))
        .and_then(|token: &Value| token["id"].as_str())
        .map(str::to_owned)
        .ok_or_else(|| Failure::new(session.text("cli.token.missing", &[("name", named)])))
}
