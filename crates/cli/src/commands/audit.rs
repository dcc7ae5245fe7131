//! `wharf audit`: who did what, and when.

use clap::{Args, Subcommand};

use super::moment::{Direction, parse_time};
use crate::arguments::Options;
use crate::client::{ApiClient, PageOptions, list_pages};
use crate::failure::Failure;
use crate::output::{Column, print_table, show_day_time, show_text};
use crate::session::Session;

/// The audit log
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf audit list --limit 20")]
pub(crate) struct AuditArguments {
    #[command(subcommand)]
    command: AuditCommand,
}

#[derive(Debug, Subcommand)]
enum AuditCommand {
    List(ListArguments),
}

/// List what was done, newest first (administrators; owners for their namespace)
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf audit list --limit 20
  wharf audit list --namespace acme --since 7d
  wharf audit list --actor alice --since 2027-01-01 --until 2027-02-01")]
struct ListArguments {
    /// Only what this user, robot or token did
    #[arg(long, value_name = "NAME")]
    actor: Option<String>,
    /// Only this kind of deed
    #[arg(long, value_name = "ACTION")]
    action: Option<String>,
    /// Only what was done to this
    #[arg(long, value_name = "NAME")]
    target: Option<String>,
    /// Only in this namespace (its owners need this)
    #[arg(long, short, value_name = "NAMESPACE")]
    namespace: Option<String>,
    /// Not before: 7d (ago), 2027-01-31, or an RFC 3339 time
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Not after: 1d (ago), 2027-01-31, or an RFC 3339 time
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    #[command(flatten)]
    pages: PageOptions,
}

const COLUMNS: [Column; 5] = [
    Column::text("cli.column.time", |session, item| {
        show_day_time(session, &item["at"])
    }),
    Column::text("cli.column.actor", |_, item| show_text(&item["actor"])),
    Column::text("cli.column.action", |_, item| show_text(&item["action"])),
    Column::text("cli.column.target", |_, item| show_text(&item["target"])),
    Column::text("cli.column.address", |_, item| show_text(&item["address"])),
];

pub(crate) async fn run(
    arguments: AuditArguments,
    options: &Options,
    session: &Session,
) -> Result<(), Failure> {
    let AuditCommand::List(arguments) = arguments.command;
    let read_time = |text: Option<String>| match text {
        Some(text) => parse_time(session, &text, Direction::Past),
        None => Ok(None),
    };
    let filters = [
        ("actor", arguments.actor),
        ("action", arguments.action),
        ("target", arguments.target),
        ("namespace", arguments.namespace),
        ("since", read_time(arguments.since)?),
        ("until", read_time(arguments.until)?),
    ];
    let query: Vec<(&str, String)> = filters
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect();
    let client = ApiClient::connect(session, options)?;
    let page = list_pages(session, &client, &["audit"], &query, &arguments.pages).await?;
    print_table(session, &COLUMNS, &page)
}
