//! `wharf repo`: repositories, what they say about themselves, and the way to their tags.

mod edit;
mod reference;

use clap::{Args, Subcommand};

use super::deletion::confirm_deletion;
use super::outcome::print_outcome;
use super::tag;
use crate::arguments::Options;
use crate::ask::Confirmation;
use crate::client::{ApiClient, PageOptions, list_pages};
use crate::failure::Failure;
use crate::output::{
    Column, print_json, print_record, print_table, print_text, show_day_time, show_size, show_text,
    show_yes_no,
};
use crate::session::{Format, Session};

pub(super) use reference::{split_reference, strip_host};

/// Repositories and their tags
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf repo list --namespace acme
  wharf repo tags acme/web
  wharf repo tag show acme/web:1.0")]
pub(crate) struct RepoArguments {
    #[command(subcommand)]
    command: RepoCommand,
}

#[derive(Debug, Subcommand)]
enum RepoCommand {
    List(ListArguments),
    Show(ShowArguments),
    Create(edit::CreateArguments),
    Edit(edit::EditArguments),
    Delete(DeleteArguments),
    Tags(tag::ListArguments),
    Tag(tag::TagArguments),
    Favorite(FavoriteArguments),
    Unfavorite(UnfavoriteArguments),
}

/// List the repositories you can see
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf repo list
  wharf repo list --namespace acme
  wharf repo list --search web --favorites")]
struct ListArguments {
    /// Only those of one namespace
    #[arg(long, short, value_name = "NAMESPACE")]
    namespace: Option<String>,
    /// Only those whose name contains this
    #[arg(long, short, value_name = "TEXT")]
    search: Option<String>,
    /// Only your favorites
    #[arg(long)]
    favorites: bool,
    #[command(flatten)]
    pages: PageOptions,
}

/// Show one repository with its description
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf repo show acme/web")]
struct ShowArguments {
    /// Which repository
    #[arg(value_name = "REPOSITORY")]
    name: String,
}

/// Delete a repository with all its versions
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf repo delete acme/web
  wharf repo delete acme/web --yes         Without asking, for scripts")]
struct DeleteArguments {
    /// Which repository
    #[arg(value_name = "REPOSITORY")]
    name: String,
    #[command(flatten)]
    confirmation: Confirmation,
}

/// Make a repository one of your favorites
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf repo favorite acme/web
  wharf repo list --favorites")]
struct FavoriteArguments {
    /// Which repository
    #[arg(value_name = "REPOSITORY")]
    name: String,
}

/// Take a repository out of your favorites
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf repo unfavorite acme/web")]
struct UnfavoriteArguments {
    /// Which repository
    #[arg(value_name = "REPOSITORY")]
    name: String,
}

const COLUMNS: [Column; 7] = [
    Column::text("cli.column.name", |_, item| show_text(&item["name"])),
    Column::text("cli.column.public", |session, item| {
        show_yes_no(session, &item["public"])
    }),
    Column::number("cli.column.tags", |_, item| show_text(&item["tag_count"])),
    Column::number("cli.column.size", |_, item| {
        show_size(item["size_bytes"].as_u64().unwrap_or(0))
    }),
    Column::number("cli.column.pulls", |_, item| show_text(&item["pull_count"])),
    Column::text("cli.column.last_push", |session, item| {
        show_day_time(session, &item["last_push_at"])
    }),
    Column::text("cli.column.description", |_, item| {
        show_text(&item["short_description"])
    }),
];

pub(crate) async fn run(
    arguments: RepoArguments,
    options: &Options,
    session: &Session,
) -> Result<(), Failure> {
    let client = ApiClient::connect(session, options)?;
    match arguments.command {
        RepoCommand::List(arguments) => list_repositories(session, &client, arguments).await,
        RepoCommand::Show(arguments) => show_repository(session, &client, &arguments.name).await,
        RepoCommand::Create(arguments) => edit::create(arguments, &client, session).await,
        RepoCommand::Edit(arguments) => edit::edit(arguments, &client, session).await,
        RepoCommand::Delete(arguments) => {
            let name = strip_host(client.address(), &arguments.name);
            let path = ["repositories", name];
            let confirmation = arguments.confirmation;
            confirm_deletion(session, &client, confirmation, &path, name).await?;
            let answer = client.delete(&path).await?;
            print_outcome(session, &answer, "cli.repo.deleted", &[("name", name)])
        }
        RepoCommand::Tags(arguments) => tag::list(arguments, &client, session).await,
        RepoCommand::Tag(arguments) => tag::run(arguments, &client, session).await,
        RepoCommand::Favorite(arguments) => {
            let name = strip_host(client.address(), &arguments.name);
            let path = ["repositories", name, "favorite"];
            let answer = client.put_empty(&path).await?;
            print_outcome(session, &answer, "cli.repo.favorite", &[("name", name)])
        }
        RepoCommand::Unfavorite(arguments) => {
            let name = strip_host(client.address(), &arguments.name);
            let answer = client.delete(&["repositories", name, "favorite"]).await?;
            print_outcome(session, &answer, "cli.repo.unfavorite", &[("name", name)])
        }
    }
}

async fn list_repositories(
    session: &Session,
    client: &ApiClient<'_>,
    arguments: ListArguments,
) -> Result<(), Failure> {
    let mut query = Vec::new();
    if let Some(namespace) = arguments.namespace {
        query.push(("namespace", namespace));
    }
    if let Some(text) = arguments.search {
        query.push(("q", text));
    }
    if arguments.favorites {
        query.push(("favourite", "true".to_owned()));
    }
    let path = ["repositories"];
    let page = list_pages(session, client, &path, &query, &arguments.pages).await?;
    print_table(session, &COLUMNS, &page)
}

async fn show_repository(
    session: &Session,
    client: &ApiClient<'_>,
    name: &str,
) -> Result<(), Failure> {
    let name = strip_host(client.address(), name);
    let repository = client.get(&["repositories", name], &[]).await?;
    if session.format == Format::Json {
        return print_json(session, &repository);
    }
    let text = |field: &str| Some(show_text(&repository[field]));
    let time = |field: &str| Some(show_day_time(session, &repository[field]));
    let flag = |field: &str| Some(show_yes_no(session, &repository[field]));
    let size = repository["size_bytes"].as_u64().map(show_size);
    print_record(
        session,
        &[
            ("cli.column.name", text("name")),
            ("cli.column.address", text("address")),
            ("cli.column.public", flag("public")),
            ("cli.column.role", text("role")),
            ("cli.column.favorite", flag("favorite")),
            ("cli.column.tags", text("tag_count")),
            ("cli.column.size", size),
            ("cli.column.pulls", text("pull_count")),
            ("cli.column.created", time("created_at")),
            ("cli.column.last_push", time("last_push_at")),
            ("cli.column.short_description", text("short_description")),
        ],
    )?;
    match repository["description"].as_str() {
        Some(description) if !description.is_empty() => {
            // Markdown is read line by line, so its lines stay; everything else strangers can do does not.
            let lines: Vec<String> = description.lines().map(crate::output::clean_text).collect();
            print_text(session, &format!("\n{}\n", lines.join("\n")))
        }
        _ => Ok(()),
    }
}
