//! `wharf builds`: builds on the server.

mod arguments;
mod follow;
mod log_view;
mod queue;
mod show;
mod start;
mod which;

use serde_json::json;

use super::outcome::print_outcome;
use super::repo::strip_host;
use crate::arguments::Options;
use crate::client::{ApiClient, list_pages};
use crate::failure::Failure;
use crate::output::{Column, print_table, show_day_time, show_text};
use crate::session::Session;

pub(crate) use arguments::BuildsArguments;
use arguments::{
    BuildsCommand, ListArguments, LogsArguments, QueueArguments, RetryArguments, RetryPushArguments,
};
use which::Build;

/// The first column is for lists of several repositories.
const COLUMNS: [Column; 9] = [
    Column::text("cli.column.repository", |_, item| {
        show_text(&item["repository"])
    }),
    Column::number("cli.column.number", |_, item| show_text(&item["number"])),
    Column::text("cli.column.state", show::show_state),
    Column::text("cli.column.rule", |_, item| show_text(&item["rule"])),
    Column::text("cli.column.ref", |_, item| show::show_ref(item)),
    Column::text("cli.column.commit", |_, item| {
        show::shorten(&item["commit"])
    }),
    Column::text("cli.column.image_tags", |_, item| show_text(&item["tags"])),
    Column::text("cli.column.created", |session, item| {
        show_day_time(session, &item["created_at"])
    }),
    Column::number("cli.column.duration", show::show_duration),
];

pub(crate) async fn run(
    arguments: BuildsArguments,
    options: &Options,
    session: &Session,
) -> Result<(), Failure> {
    let client = &ApiClient::connect(session, options)?;
    match arguments.command {
        BuildsCommand::Start(arguments) => start::run(session, client, *arguments).await,
        BuildsCommand::List(arguments) => list(session, client, arguments).await,
        BuildsCommand::Show(arguments) => {
            let build = Build::find(session, client, &arguments.build).await?;
            let answer = client.get(&build.path(&[]), &[]).await?;
            show::print_build(session, &answer)
        }
        BuildsCommand::Logs(arguments) => show_log(session, client, arguments).await,
        BuildsCommand::Cancel(arguments) => {
            let build = Build::find(session, client, &arguments.build).await?;
            let answer = client.post(&build.path(&["cancel"]), &json!({})).await?;
            print_outcome(session, &answer, "cli.builds.canceled", &build.names())
        }
        BuildsCommand::Retry(arguments) => retry(session, client, arguments).await,
        BuildsCommand::RetryPush(arguments) => retry_push(session, client, arguments).await,
        BuildsCommand::Queue(QueueArguments {}) => queue::run(session, client).await,
    }
}

async fn list(
    session: &Session,
    client: &ApiClient<'_>,
    arguments: ListArguments,
) -> Result<(), Failure> {
    let mut query = Vec::new();
    if let Some(reference) = arguments.reference {
        query.push(("ref", reference));
    }
    if let Some(state) = arguments.state {
        query.push(("state", state));
    }
    if let Some(rule) = arguments.rule {
        query.push(("rule", rule));
    }
    let named = arguments.repository.as_deref();
    match named.map(|name| strip_host(client.address(), name)) {
        Some(repository) => {
            let path = ["repositories", repository, "builds"];
            let page = list_pages(session, client, &path, &query, &arguments.pages).await?;
            print_table(session, &COLUMNS[1..], &page)
        }
        None => {
            let page = list_pages(session, client, &["builds"], &query, &arguments.pages).await?;
            print_table(session, &COLUMNS, &page)
        }
    }
}

async fn retry_push(
    session: &Session,
    client: &ApiClient<'_>,
    arguments: RetryPushArguments,
) -> Result<(), Failure> {
    let repository = strip_host(client.address(), &arguments.repository);
    let build = Build::of(repository, arguments.number.to_string());
    let record = client.get(&build.path(&[]), &[]).await?;
    let image = arguments.image.as_str();
    let mut pushes = record["pushes"].as_array().into_iter().flatten();
    let Some(push) = pushes.find(|push| push["image"] == image) else {
        return Err(Failure::new(
            session.text("cli.builds.no_push", &[("image", image)]),
        ));
    };
    let id = show_text(&push["id"]);
    let path = build.path(&["pushes", &id, "retry"]);
    let answer = client.post(&path, &json!({})).await?;
    print_outcome(
        session,
        &answer,
        "cli.builds.push_retried",
        &[("image", image)],
    )
}

async fn show_log(
    session: &Session,
    client: &ApiClient<'_>,
    arguments: LogsArguments,
) -> Result<(), Failure> {
    if arguments.follow {
        let build = Build::wait_for(session, client, &arguments.build).await?;
        follow::follow_build(session, client, &build).await
    } else {
        let build = Build::find(session, client, &arguments.build).await?;
        follow::print_log(session, client, &build).await
    }
}

async fn retry(
    session: &Session,
    client: &ApiClient<'_>,
    arguments: RetryArguments,
) -> Result<(), Failure> {
    let build = Build::find(session, client, &arguments.build).await?;
    let answer = client.post(&build.path(&["retry"]), &json!({})).await?;
    start::report(
        session,
        client,
        build.repository(),
        &answer,
        arguments.follow,
    )
    .await
}
