//! `wharf source`: your accounts on code hosts.

mod add;
mod add_arguments;
mod arguments;
mod browse;
mod device;
mod find;
mod removals;
mod show;
mod webhook;

use serde_json::json;

use super::outcome::print_outcome;
use crate::arguments::Options;
use crate::client::{ApiClient, list_pages};
use crate::failure::Failure;
use crate::output::{Column, print_table, show_day_time, show_text};
use crate::session::Session;

pub(crate) use arguments::SourceArguments;
use arguments::{DeleteArguments, SourceCommand};
pub(super) use find::find_source;

const COLUMNS: [Column; 6] = [
    Column::text("cli.column.kind", |_, item| show_text(&item["kind"])),
    Column::text("cli.column.address", |_, item| show_text(&item["address"])),
    Column::text("cli.column.account", |_, item| show_text(&item["account"])),
    Column::text("cli.column.method", |_, item| show_text(&item["method"])),
    Column::text("cli.column.problem", |_, item| {
        show_text(&item["health"]["message"])
    }),
    Column::text("cli.column.checked", |session, item| {
        show_day_time(session, &item["checked_at"])
    }),
];

pub(crate) async fn run(
    arguments: SourceArguments,
    options: &Options,
    session: &Session,
) -> Result<(), Failure> {
    let client = &ApiClient::connect(session, options)?;
    match arguments.command {
        SourceCommand::Add(arguments) => add::add(session, client, arguments.host).await,
        SourceCommand::List(arguments) => {
            let page = list_pages(session, client, &["sources"], &[], &arguments.pages).await?;
            print_table(session, &COLUMNS, &page)
        }
        SourceCommand::Show(arguments) => show::show(session, client, &arguments.source).await,
        SourceCommand::Edit(arguments) => add::edit(session, client, arguments).await,
        SourceCommand::Check(arguments) => {
            let source = find_source(session, client, &arguments.source).await?;
            let id = show_text(&source["id"]);
            let answer = client.post(&["sources", &id, "check"], &json!({})).await?;
            show::print_source(session, &answer)
        }
        SourceCommand::Delete(arguments) => delete(session, client, arguments).await,
        SourceCommand::Owners(arguments) => browse::owners(session, client, &arguments).await,
        SourceCommand::Repositories(arguments) => {
            browse::repositories(session, client, arguments).await
        }
        SourceCommand::Branches(arguments) => {
            browse::refs(session, client, &arguments.refs, "branches").await
        }
        SourceCommand::Tags(arguments) => {
            browse::refs(session, client, &arguments.refs, "tags").await
        }
        SourceCommand::Webhook(arguments) => webhook::run(session, client, arguments).await,
        SourceCommand::Removals(arguments) => removals::run(session, client, arguments).await,
    }
}

async fn delete(
    session: &Session,
    client: &ApiClient<'_>,
    arguments: DeleteArguments,
) -> Result<(), Failure> {
    arguments
        .confirmation
        .require_answerable(session, &arguments.source)?;
    let source = find_source(session, client, &arguments.source).await?;
    let (id, address) = (show_text(&source["id"]), show_text(&source["address"]));
    show::say_rules(session, client, &id).await?;
    arguments.confirmation.obtain(session, &address)?;
    // The person has just seen which rules stop.
    let force = [("force", "true")];
    let answer = client.delete_with(&["sources", &id], &force).await?;
    print_outcome(
        session,
        &answer,
        "cli.source.deleted",
        &[("address", &address)],
    )
}
