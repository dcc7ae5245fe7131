//! `wharf member`: who belongs to a namespace, and with which role.

use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;

use super::outcome::print_outcome;
use crate::arguments::Options;
use crate::ask::Confirmation;
use crate::client::{ApiClient, PageOptions, list_pages};
use crate::failure::Failure;
use crate::output::{Column, print_table, show_day_time, show_text};
use crate::session::Session;

/// Members of a namespace and their roles
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf member create acme alice --role developer
  wharf member list acme")]
pub(crate) struct MemberArguments {
    #[command(subcommand)]
    command: MemberCommand,
}

#[derive(Debug, Subcommand)]
enum MemberCommand {
    List(ListArguments),
    #[command(visible_alias = "add")]
    Create(CreateArguments),
    Edit(EditArguments),
    Delete(DeleteArguments),
}

/// What a member may do; each role may do what those above it may.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Role {
    /// Pull everything in the namespace
    Reader,
    /// Push and create repositories
    Developer,
    /// Delete, edit, and make robots
    Maintainer,
    /// Members and settings of the namespace
    Owner,
}

impl Role {
    fn as_str(self) -> &'static str {
        match self {
            Role::Reader => "reader",
            Role::Developer => "developer",
            Role::Maintainer => "maintainer",
            Role::Owner => "owner",
        }
    }
}

/// List the members of a namespace
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf member list acme")]
struct ListArguments {
    /// Which namespace
    #[arg(value_name = "NAMESPACE")]
    namespace: String,
    #[command(flatten)]
    pages: PageOptions,
}

/// Make a user a member of a namespace (its owners)
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf member create acme alice --role developer")]
struct CreateArguments {
    /// Which namespace
    #[arg(value_name = "NAMESPACE")]
    namespace: String,
    /// Whom to add
    #[arg(value_name = "USER")]
    username: String,
    /// What the member may do
    #[arg(long, value_enum)]
    role: Role,
}

/// Change a member's role (owners of the namespace)
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf member edit acme alice --role maintainer")]
struct EditArguments {
    /// Which namespace
    #[arg(value_name = "NAMESPACE")]
    namespace: String,
    /// Whose role
    #[arg(value_name = "USER")]
    username: String,
    /// What the member may do from now on
    #[arg(long, value_enum)]
    role: Role,
}

/// Remove a member from a namespace (its owners)
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf member delete acme alice
  wharf member delete acme alice --yes     Without asking, for scripts")]
struct DeleteArguments {
    /// Which namespace
    #[arg(value_name = "NAMESPACE")]
    namespace: String,
    /// Whom to remove
    #[arg(value_name = "USER")]
    username: String,
    #[command(flatten)]
    confirmation: Confirmation,
}

const COLUMNS: [Column; 3] = [
    Column::text("cli.column.username", |_, item| {
        show_text(&item["username"])
    }),
    Column::text("cli.column.role", |_, item| show_text(&item["role"])),
    Column::text("cli.column.added", |session, item| {
        show_day_time(session, &item["added_at"])
    }),
];

pub(crate) async fn run(
    arguments: MemberArguments,
    options: &Options,
    session: &Session,
) -> Result<(), Failure> {
    let client = ApiClient::connect(session, options)?;
    match arguments.command {
        MemberCommand::List(arguments) => {
            let path = ["namespaces", &arguments.namespace, "members"];
            let page = list_pages(session, &client, &path, &[], &arguments.pages).await?;
            print_table(session, &COLUMNS, &page)
        }
        MemberCommand::Create(CreateArguments {
            namespace,
            username,
            role,
        })
        | MemberCommand::Edit(EditArguments {
            namespace,
            username,
            role,
        }) => {
            let path = ["namespaces", &namespace, "members", &username];
            let answer = client.put(&path, &json!({ "role": role.as_str() })).await?;
            let parameters = [
                ("username", username.as_str()),
                ("namespace", &namespace),
                ("role", role.as_str()),
            ];
            print_outcome(session, &answer, "cli.member.set", &parameters)
        }
        MemberCommand::Delete(arguments) => {
            let (namespace, username) = (&arguments.namespace, &arguments.username);
            arguments.confirmation.obtain(session, username)?;
            let path = ["namespaces", namespace, "members", username];
            let answer = client.delete(&path).await?;
            let parameters = [("username", username.as_str()), ("namespace", namespace)];
            print_outcome(session, &answer, "cli.member.deleted", &parameters)
        }
    }
}
