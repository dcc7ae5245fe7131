//! `wharf namespace`: the first segments of repository names, and who they belong to.

use clap::{Args, Subcommand};
use serde_json::json;

use super::deletion::{confirm_deletion, list_whole};
use super::outcome::print_outcome;
use super::request::set_given;
use crate::arguments::Options;
use crate::ask::Confirmation;
use crate::client::{ApiClient, PageOptions, list_pages};
use crate::failure::Failure;
use crate::output::{Column, print_json, print_record, print_table, show_day_time, show_text};
use crate::session::{Format, Session};

/// Namespaces: the first part of a repository's name
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf namespace create acme
  wharf namespace list")]
pub(crate) struct NamespaceArguments {
    #[command(subcommand)]
    command: NamespaceCommand,
}

#[derive(Debug, Subcommand)]
enum NamespaceCommand {
    List(ListArguments),
    Show(ShowArguments),
    Create(CreateArguments),
    Edit(EditArguments),
    Delete(DeleteArguments),
}

/// List the namespaces you can see
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf namespace list")]
struct ListArguments {
    #[command(flatten)]
    pages: PageOptions,
}

/// Show one namespace
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf namespace show acme")]
struct ShowArguments {
    /// Which namespace
    #[arg(value_name = "NAMESPACE")]
    name: String,
}

/// Create a namespace that you own
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf namespace create acme --description 'Images of ACME'")]
struct CreateArguments {
    /// Lower-case letters, digits, and - _ . between them
    #[arg(value_name = "NAMESPACE")]
    name: String,
    /// What it is for
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
}

/// Change a namespace (its owners)
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf namespace edit acme --description 'Images of ACME'")]
struct EditArguments {
    /// Which namespace
    #[arg(value_name = "NAMESPACE")]
    name: String,
    /// What it is for
    #[arg(long, value_name = "TEXT", required = true)]
    description: String,
}

/// Delete a namespace (its owners)
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf namespace delete acme              An empty one
  wharf namespace delete acme --with-repositories
  wharf namespace delete acme --yes        Without asking, for scripts")]
struct DeleteArguments {
    /// Which namespace
    #[arg(value_name = "NAMESPACE")]
    name: String,
    /// Delete its repositories too, with their images, builds and rules
    #[arg(long)]
    with_repositories: bool,
    #[command(flatten)]
    confirmation: Confirmation,
}

const COLUMNS: [Column; 5] = [
    Column::text("cli.column.name", |_, item| show_text(&item["name"])),
    Column::text("cli.column.role", |_, item| show_text(&item["role"])),
    Column::number("cli.column.repositories", |_, item| {
        show_text(&item["repository_count"])
    }),
    Column::text("cli.column.created", |session, item| {
        show_day_time(session, &item["created_at"])
    }),
    Column::text("cli.column.description", |_, item| {
        show_text(&item["description"])
    }),
];

pub(crate) async fn run(
    arguments: NamespaceArguments,
    options: &Options,
    session: &Session,
) -> Result<(), Failure> {
    let client = ApiClient::connect(session, options)?;
    match arguments.command {
        NamespaceCommand::List(arguments) => {
            let page = list_pages(session, &client, &["namespaces"], &[], &arguments.pages).await?;
            print_table(session, &COLUMNS, &page)
        }
        NamespaceCommand::Show(arguments) => {
            show_namespace(session, &client, &arguments.name).await
        }
        NamespaceCommand::Create(arguments) => {
            let name = &arguments.name;
            let mut body = json!({ "name": name });
            set_given(&mut body, "description", arguments.description);
            let answer = client.post(&["namespaces"], &body).await?;
            print_outcome(session, &answer, "cli.namespace.created", &[("name", name)])
        }
        NamespaceCommand::Edit(arguments) => {
            let name = &arguments.name;
            let body = json!({ "description": arguments.description });
            let answer = client.patch(&["namespaces", name], &body).await?;
            print_outcome(session, &answer, "cli.namespace.changed", &[("name", name)])
        }
        NamespaceCommand::Delete(arguments) => {
            let name = &arguments.name;
            let path = ["namespaces", name];
            let confirmation = arguments.confirmation;
            confirm_deletion(session, &client, confirmation, &path, name).await?;
            let query = list_whole(arguments.with_repositories);
            let answer = client.delete_with(&path, query).await?;
            print_outcome(session, &answer, "cli.namespace.deleted", &[("name", name)])
        }
    }
}

async fn show_namespace(
    session: &Session,
    client: &ApiClient<'_>,
    name: &str,
) -> Result<(), Failure> {
    let namespace = client.get(&["namespaces", name], &[]).await?;
    if session.format == Format::Json {
        return print_json(session, &namespace);
    }
    let text = |field: &str| Some(show_text(&namespace[field]));
    print_record(
        session,
        &[
            ("cli.column.name", text("name")),
            ("cli.column.description", text("description")),
            ("cli.column.role", text("role")),
            ("cli.column.repositories", text("repository_count")),
            (
                "cli.column.created",
                Some(show_day_time(session, &namespace["created_at"])),
            ),
        ],
    )
}
