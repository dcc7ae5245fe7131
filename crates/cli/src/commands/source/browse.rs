//! What a source sees on its host.

use super::arguments::{OwnersArguments, RefsOf, RepositoriesArguments};
use super::find::find_source;
use crate::client::{ApiClient, list_pages};
use crate::failure::Failure;
use crate::output::{Column, print_table, show_text, show_yes_no};
use crate::session::Session;

const OWNER_COLUMNS: [Column; 3] = [
    Column::text("cli.column.owner", |_, item| show_text(&item["path"])),
    Column::text("cli.column.kind", |_, item| show_text(&item["kind"])),
    Column::text("cli.column.name", |_, item| show_text(&item["name"])),
];

const REPOSITORY_COLUMNS: [Column; 3] = [
    Column::text("cli.column.remote", |_, item| show_text(&item["path"])),
    Column::text("cli.column.private", |session, item| {
        show_yes_no(session, &item["private"])
    }),
    Column::text("cli.column.default_branch", |_, item| {
        show_text(&item["default_branch"])
    }),
];

const REF_COLUMNS: [Column; 2] = [
    Column::text("cli.column.name", |_, item| show_text(&item["name"])),
    Column::text("cli.column.commit", |_, item| show_text(&item["commit"])),
];

pub(super) async fn owners(
    session: &Session,
    client: &ApiClient<'_>,
    arguments: &OwnersArguments,
) -> Result<(), Failure> {
    let source = find_source(session, client, &arguments.source).await?;
    let id = show_text(&source["id"]);
    let path = ["sources", &id, "owners"];
    let page = list_pages(session, client, &path, &[], &arguments.pages).await?;
    print_table(session, &OWNER_COLUMNS, &page)
}

pub(super) async fn repositories(
    session: &Session,
    client: &ApiClient<'_>,
    arguments: RepositoriesArguments,
) -> Result<(), Failure> {
    let source = find_source(session, client, &arguments.source).await?;
    let id = show_text(&source["id"]);
    let mut query = Vec::new();
    if let Some(owner) = arguments.owner {
        // The account itself is no group.
        if source["account"] == owner.as_str() {
            query.push(("owner_kind", "person".to_owned()));
        }
        query.push(("owner", owner));
    }
    if let Some(text) = arguments.search {
        query.push(("q", text));
    }
    let path = ["sources", &id, "repositories"];
    let page = list_pages(session, client, &path, &query, &arguments.pages).await?;
    print_table(session, &REPOSITORY_COLUMNS, &page)
}

/// `kind` is `branches` or `tags`.
pub(super) async fn refs(
    session: &Session,
    client: &ApiClient<'_>,
    arguments: &RefsOf,
    kind: &str,
) -> Result<(), Failure> {
    let source = find_source(session, client, &arguments.source).await?;
    let id = show_text(&source["id"]);
    let path = ["sources", &id, "repositories", &arguments.remote, kind];
    let page = list_pages(session, client, &path, &[], &arguments.pages).await?;
    print_table(session, &REF_COLUMNS, &page)
}
