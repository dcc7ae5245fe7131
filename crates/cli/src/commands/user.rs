//! `wharf user`: accounts, by administrators; one's own password, by everyone.

mod arguments;
mod password;

use serde_json::json;

use super::deletion::{confirm_deletion, list_whole};
use super::outcome::{print_outcome, print_secret};
use super::request::set_given;
use crate::arguments::Options;
use crate::ask;
use crate::client::{ApiClient, list_pages};
use crate::failure::Failure;
use crate::output::{
    Column, print_json, print_record, print_table, show_day_time, show_text, show_yes_no,
};
use crate::session::{Format, Session};

use arguments::{Changes, CreateArguments, EditArguments, ShowArguments};
pub(crate) use arguments::{UserArguments, UserCommand};

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
            let path = ["users", name];
            let confirmation = arguments.confirmation;
            confirm_deletion(session, &client, confirmation, &path, name).await?;
            let query = list_whole(arguments.with_repositories);
            let answer = client.delete_with(&path, query).await?;
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
