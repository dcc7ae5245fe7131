//! `wharf rule secret`: what `RUN --mount=type=secret` may name. Values go in and never come out.

use std::io::Read;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::json;

use super::arguments::WhichRule;
use super::path::RulePath;
use crate::ask::{Confirmation, ask_password};
use crate::client::ApiClient;
use crate::commands::outcome::print_outcome;
use crate::failure::Failure;
use crate::output::{Column, print_table, show_day_time, show_text};
use crate::session::Session;

/// Secrets of a rule's builds, for RUN --mount=type=secret,id=NAME
///
/// Nobody reads them back, and they are masked in logs. Builds of an uploaded Dockerfile, or of a commit that no branch or
/// tag holds, do not get them.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf rule secret set acme/web main npm < ~/.npmrc
  wharf rule secret list acme/web main
  wharf rule secret delete acme/web main npm")]
pub(super) struct SecretArguments {
    #[command(subcommand)]
    command: SecretCommand,
}

#[derive(Debug, Subcommand)]
enum SecretCommand {
    List(SecretListArguments),
    Set(SecretSetArguments),
    Delete(SecretDeleteArguments),
}

/// List the names of a rule's secrets
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf rule secret list acme/web main")]
struct SecretListArguments {
    #[command(flatten)]
    rule: WhichRule,
}

/// Set a secret, from stdin, from a file, or asked for without echo
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf rule secret set acme/web main npm
  wharf rule secret set acme/web main npm < ~/.npmrc
  wharf rule secret set acme/web main key --file deploy.pem")]
struct SecretSetArguments {
    #[command(flatten)]
    rule: WhichRule,
    /// The id that the Dockerfile names
    #[arg(value_name = "NAME")]
    name: String,
    /// Read it from a file instead of stdin
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
}

/// Delete a secret
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf rule secret delete acme/web main npm --yes")]
struct SecretDeleteArguments {
    #[command(flatten)]
    rule: WhichRule,
    /// The secret's name
    #[arg(value_name = "NAME")]
    name: String,
    #[command(flatten)]
    confirmation: Confirmation,
}

const COLUMNS: [Column; 3] = [
    Column::text("cli.column.name", |_, item| show_text(&item["name"])),
    Column::text("cli.column.set_by", |_, item| show_text(&item["set_by"])),
    Column::text("cli.column.set_at", |session, item| {
        show_day_time(session, &item["set_at"])
    }),
];

pub(super) async fn run(
    session: &Session,
    client: &ApiClient<'_>,
    arguments: SecretArguments,
) -> Result<(), Failure> {
    match arguments.command {
        SecretCommand::List(arguments) => {
            let rule = RulePath::of(client, &arguments.rule);
            let answer = client.get(&rule.with(&[]), &[]).await?;
            print_table(session, &COLUMNS, &json!({ "items": answer["secrets"] }))
        }
        SecretCommand::Set(arguments) => {
            let rule = RulePath::of(client, &arguments.rule);
            let value = read_secret(session, arguments.file.as_deref())?;
            let path = rule.with(&["secrets", &arguments.name]);
            let answer = client.put(&path, &json!({ "value": value })).await?;
            let parameters = [("name", arguments.name.as_str())];
            print_outcome(session, &answer, "cli.rule.secret_set", &parameters)
        }
        SecretCommand::Delete(arguments) => {
            let rule = RulePath::of(client, &arguments.rule);
            arguments.confirmation.obtain(session, &arguments.name)?;
            let answer = client
                .delete(&rule.with(&["secrets", &arguments.name]))
                .await?;
            let parameters = [("name", arguments.name.as_str())];
            print_outcome(session, &answer, "cli.rule.secret_deleted", &parameters)
        }
    }
}

/// A file as it is; from a terminal one line without echo.
fn read_secret(session: &Session, file: Option<&Path>) -> Result<String, Failure> {
    let mut text = String::new();
    let outcome = match file {
        Some(path) => std::fs::read_to_string(path).map(|read| text = read),
        None if session.stdin_is_terminal => {
            return ask_password(session, "cli.rule.secret_prompt");
        }
        None => std::io::stdin().read_to_string(&mut text).map(|_| ()),
    };
    outcome.map_err(|error| {
        let shown = file.map_or_else(|| "stdin".to_owned(), |path| path.display().to_string());
        Failure::new(session.text("cli.file_unreadable", &[("path", &shown)])).caused_by(&error)
    })?;
    Ok(text)
}
