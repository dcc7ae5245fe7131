//! `wharf source removals`: what wharf still has to take away at code hosts.

use super::arguments::RemovalsArguments;
use crate::client::{ApiClient, list_pages};
use crate::commands::outcome::print_outcome;
use crate::failure::Failure;
use crate::output::{Column, print_table, show_day_time, show_text, show_yes_no};
use crate::session::Session;

const COLUMNS: [Column; 8] = [
    Column::text("cli.column.id", |_, item| show_text(&item["id"])),
    Column::text("cli.column.address", |_, item| show_text(&item["address"])),
    Column::text("cli.column.remote", |_, item| show_text(&item["remote"])),
    Column::text("cli.column.kind", |_, item| show_text(&item["what"])),
    Column::number("cli.column.attempts", |_, item| {
        show_text(&item["attempts"])
    }),
    Column::text("cli.column.given_up", |session, item| {
        show_yes_no(session, &item["given_up"])
    }),
    Column::text("cli.column.next_try", |session, item| {
        show_day_time(session, &item["next_at"])
    }),
    Column::text("cli.column.detail", |_, item| show_text(&item["detail"])),
];

pub(super) async fn run(
    session: &Session,
    client: &ApiClient<'_>,
    arguments: RemovalsArguments,
) -> Result<(), Failure> {
    if let Some(id) = &arguments.dismiss {
        let answer = client.delete(&["removals", id]).await?;
        return print_outcome(session, &answer, "cli.source.removal_dismissed", &[]);
    }
    let page = list_pages(session, client, &["removals"], &[], &arguments.pages).await?;
    print_table(session, &COLUMNS, &page)
}
