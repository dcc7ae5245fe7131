//! `wharf user`: accounts, by administrators; one's own password, by everyone.

mod password;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::host::ResetPasswordArguments;
use super::outcome::{print_outcome, print_secret};
use crate::arguments::Options;
use crate::ask::{self, Confirmation};
use crate::client::{ApiClient, PageOptions, list_pages};
use crate::failure::Failure;
use crate::output::{
    Column, print_json, print_record, print_table, show_day_time, show_text, show_yes_no,
};
use crate::session::{Format, Session};

/// Accounts and passwords
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf user list
  wharf user create alice
  wharf user password")]
pub(crate) struct UserArguments {
    #[command(subcommand)]
    pub(crate) command: UserCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    List(ListArguments),
    Show(ShowArguments),
    Create(CreateArguments),
    Edit(EditArguments),
    Delete(DeleteArguments),
    Password(password::PasswordArguments),
    ResetPassword(ResetPasswordArguments),
}

/// List all users (administrators)
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf user list
  wharf user list --format json | jq -r '.items[].username'")]
pub(crate) struct ListArguments {
    #[command(flatten)]
    pages: PageOptions,
}

/// Show one user, or yourself
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf user show                          Who am I
  wharf user show alice")]
pub(crate) struct ShowArguments {
    /// Whom to show [default: yourself]
    #[arg(value_name = "USER")]
    username: Option<String>,
}

/// Create a user (administrators)
///
/// Without --password-stdin a password is made; it is shown once, alone on stdout.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf user create alice
  wharf user create bob --display-name 'Bob B.' --email bob@example.com --admin
  PASSWORD=$(wharf user create ci)")]
pub(crate) struct CreateArguments {
    /// Name to log in with; it also names the user's own namespace
    #[arg(value_name = "USER")]
    username: String,
    #[command(flatten)]
    profile: Profile,
    /// Let the user administer the whole server
    #[arg(long)]
    admin: bool,
    /// Read the password from stdin
    #[arg(long)]
    password_stdin: bool,
}

#[derive(Debug, Args)]
struct Profile {
    /// Name as people read it
    #[arg(long, value_name = "NAME")]
    display_name: Option<String>,
    /// Where messages go
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
}

/// Change a user (administrators)
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf user edit alice --admin true
  wharf user edit alice --disabled true    Keep the account, refuse its logins
  wharf user edit alice --namespace-limit 50")]
pub(crate) struct EditArguments {
    /// Whom to change
    #[arg(value_name = "USER")]
    username: String,
    #[command(flatten)]
    changes: Changes,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
struct Changes {
    /// Name as people read it
    #[arg(long, value_name = "NAME")]
    display_name: Option<String>,
    /// Where messages go
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    /// Whether the user administers the server
    #[arg(long, value_name = "BOOL")]
    admin: Option<bool>,
    /// Whether logins are refused
    #[arg(long, value_name = "BOOL")]
    disabled: Option<bool>,
    /// How many namespaces the user may own
    #[arg(long, value_name = "N")]
    namespace_limit: Option<u32>,
}

/// Delete a user (administrators)
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf user delete alice
  wharf user delete alice --yes            Without asking, for scripts")]
pub(crate) struct DeleteArguments {
    /// Whom to delete
    #[arg(value_name = "USER")]
    username: String,
    #[command(flatten)]
    confirmation: Confirmation,
}

const COLUMNS: [Column; 6] = [
    Column::text("cli.column.username", |_, item| {
        show_text(&item["username"])
    }),
    Column::text("cli.column.display_name", |_, item| {
        show_text(&item["display_name"])
    }),
    Column::text("cli.column.email", |_, item| show_text(&item["email"])),
    Column::text("cli.column.admin", |session, item| {
        show_yes_no(session, &item["admin"])
    }),
    Column::text("cli.column.disabled", |session, item| {
        show_yes_no(session, &item["disabled"])
    }),
    Column::text("cli.column.last_login", |session, item| {
        show_day_time(session, &item["last_login_at"])
    }),
];

pub(crate) async fn run(
    arguments: UserArguments,
    options: &Options,
    session: &Session,
) -> Result<(), Failure> {
    let client = ApiClient::connect(session, options)?;
    match arguments.command {
        UserCommand::List(arguments) => {
            let page = list_pages(session, &client, &["users"], &[], &arguments.pages).await?;
            print_table(session, &COLUMNS, &page)
        }
        UserCommand::Show(arguments) => show_user(session, &client, arguments).await,
        UserCommand::Create(arguments) => create_user(session, &client, arguments).await,
        UserCommand::Edit(arguments) => edit_user(session, &client, arguments).await,
        UserCommand::Delete(arguments) => {
            let name = &arguments.username;
            arguments.confirmation.obtain(session, name)?;
            let answer = client.delete(&["users", name]).await?;
            print_outcome(session, &answer, "cli.user.deleted", &[("name", name)])
        }
        UserCommand::Password(arguments) => password::run(arguments, &client, session).await,
        // Works on the host's database; the dispatcher sent it there.
        UserCommand::ResetPassword(arguments) => super::host::reset_password(arguments, session),
    }
}

async fn show_user(
    session: &Session,
    client: &ApiClient<'_>,
    arguments: ShowArguments,
) -> Result<(), Failure> {
    let user = match &arguments.username {
        Some(name) => client.get(&["users", name], &[]).await?,
        None => client.get(&["me"], &[]).await?,
    };
    if session.format == Format::Json {
        return print_json(session, &user);
    }
    let text = |field: &str| Some(show_text(&user[field]));
    print_record(
        session,
        &[
            ("cli.column.username", text("username")),
            ("cli.column.display_name", text("display_name")),
            ("cli.column.email", text("email")),
            (
                "cli.column.admin",
                Some(show_yes_no(session, &user["admin"])),
            ),
            (
                "cli.column.disabled",
                Some(show_yes_no(session, &user["disabled"])),
            ),
            ("cli.column.namespace_limit", text("namespace_limit")),
            (
                "cli.column.created",
                Some(show_day_time(session, &user["created_at"])),
            ),
            (
                "cli.column.last_login",
                Some(show_day_time(session, &user["last_login_at"])),
            ),
        ],
    )
}

async fn create_user(
    session: &Session,
    client: &ApiClient<'_>,
    arguments: CreateArguments,
) -> Result<(), Failure> {
    let mut body = json!({ "username": arguments.username, "admin": arguments.admin });
    set_given(&mut body, "display_name", arguments.profile.display_name);
    set_given(&mut body, "email", arguments.profile.email);
    if arguments.password_stdin {
        body["password"] = ask::read_answer_line(session)?.into();
    }
    let user = client.post(&["users"], &body).await?;
    let parameters = [("name", arguments.username.as_str())];
    print_secret(session, &user, "password", "cli.user.created", &parameters)
}

async fn edit_user(
    session: &Session,
    client: &ApiClient<'_>,
    arguments: EditArguments,
) -> Result<(), Failure> {
    let Changes {
        display_name,
        email,
        admin,
        disabled,
        namespace_limit,
    } = arguments.changes;
    let mut body = json!({});
    set_given(&mut body, "display_name", display_name);
    set_given(&mut body, "email", email);
    set_given(&mut body, "admin", admin);
    set_given(&mut body, "disabled", disabled);
    set_given(&mut body, "namespace_limit", namespace_limit);
    let name = &arguments.username;
    let user = client.patch(&["users", name], &body).await?;
    print_outcome(session, &user, "cli.user.changed", &[("name", name)])
}

/// Puts a field into a request only when the person gave it.
pub(super) fn set_given(body: &mut Value, field: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        body[field] = value.into();
    }
}
