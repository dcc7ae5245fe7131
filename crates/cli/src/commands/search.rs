//! `wharf search`: repositories, namespaces and users by a part of their name.

use clap::Args;

use crate::arguments::Options;
use crate::client::{ApiClient, PageOptions, list_pages};
use crate::failure::Failure;
use crate::output::{Column, print_table, show_text, show_yes_no};
use crate::session::Session;

/// Find repositories, namespaces and users
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf search web
  wharf search web --format json | jq -r '.items[].name'")]
pub(crate) struct SearchArguments {
    /// What to look for
    #[arg(value_name = "TEXT")]
    text: String,
    #[command(flatten)]
    pages: PageOptions,
}

const COLUMNS: [Column; 4] = [
    Column::text("cli.column.kind", |session, item| {
        match item["kind"].as_str() {
            Some("repository") => session.text("cli.kind.repository", &[]).into_owned(),
            Some("namespace") => session.text("cli.kind.namespace", &[]).into_owned(),
            Some("user") => session.text("cli.kind.user", &[]).into_owned(),
            _ => show_text(&item["kind"]),
        }
    }),
    Column::text("cli.column.name", |_, item| show_text(&item["name"])),
    Column::text("cli.column.public", |session, item| {
        match item["public"].is_null() {
            true => "-".to_owned(),
            false => show_yes_no(session, &item["public"]),
        }
    }),
    Column::text("cli.column.description", |_, item| {
        show_text(&item["short_description"])
    }),
];

pub(crate) async fn run(
    arguments: SearchArguments,
    options: &Options,
    session: &Session,
) -> Result<(), Failure> {
    let client = ApiClient::connect(session, options)?;
    let query = [("q", arguments.text)];
    let page = list_pages(session, &client, &["search"], &query, &arguments.pages).await?;
    print_table(session, &COLUMNS, &page)
}
