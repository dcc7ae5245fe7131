//! `wharf robot`: accounts for machines, each in one namespace.

mod arguments;
mod login;

use serde_json::{Value, json};

use super::moment::{Direction, parse_time};
use super::outcome::{print_outcome, print_secret};
use super::request::set_given;
use crate::arguments::Options;
use crate::client::{ApiClient, list_pages};
use crate::failure::Failure;
use crate::output::{
    Column, print_json, print_record, print_table, show_day_time, show_text, show_yes_no,
};
use crate::session::{Format, Session};

pub(crate) use arguments::RobotArguments;
use arguments::{Changes, CreateArguments, EditArguments, RobotCommand, SecretArguments};
use login::Login;

const COLUMNS: [Column; 6] = [
    Column::text("cli.column.login", |_, item| show_text(&item["login"])),
    Column::text("cli.column.actions", |_, item| show_text(&item["actions"])),
    Column::text("cli.column.disabled", |session, item| {
        show_yes_no(session, &item["disabled"])
    }),
    Column::text("cli.column.expires", |session, item| {
        show_day_time(session, &item["expires_at"])
    }),
    Column::text("cli.column.last_used", |session, item| {
        show_day_time(session, &item["last_used_at"])
    }),
    Column::text("cli.column.description", |_, item| {
        show_text(&item["description"])
    }),
];

pub(crate) async fn run(
    arguments: RobotArguments,
    options: &Options,
    session: &Session,
) -> Result<(), Failure> {
    let client = ApiClient::connect(session, options)?;
    match arguments.command {
        RobotCommand::List(arguments) => {
            let path = ["namespaces", &arguments.namespace, "robots"];
            let page = list_pages(session, &client, &path, &[], &arguments.pages).await?;
            print_table(session, &COLUMNS, &page)
        }
        RobotCommand::Show(arguments) => show_robot(session, &client, &arguments.robot).await,
        RobotCommand::Create(arguments) => create_robot(session, &client, arguments).await,
        RobotCommand::Edit(arguments) => edit_robot(session, &client, arguments).await,
        RobotCommand::NewSecret(SecretArguments { robot }) => {
            let [namespaces, namespace, robots, name] = robot.path();
            let path = [namespaces, namespace, robots, name, "secret"];
            let answer = client.post(&path, &json!({})).await?;
            let login = robot.to_string();
            let parameters = [("name", login.as_str())];
            print_secret(
                session,
                &answer,
                "secret",
                "cli.robot.new_secret",
                &parameters,
            )
        }
        RobotCommand::Delete(arguments) => {
            let login = arguments.robot.to_string();
            arguments.confirmation.obtain(session, &login)?;
            let answer = client.delete(&arguments.robot.path()).await?;
            print_outcome(session, &answer, "cli.robot.deleted", &[("name", &login)])
        }
    }
}

async fn show_robot(
    session: &Session,
    client: &ApiClient<'_>,
    robot: &Login,
) -> Result<(), Failure> {
    let robot = client.get(&robot.path(), &[]).await?;
    if session.format == Format::Json {
        return print_json(session, &robot);
    }
    let text = |field: &str| Some(show_text(&robot[field]));
    let time = |field: &str| Some(show_day_time(session, &robot[field]));
    print_record(
        session,
        &[
            ("cli.column.login", text("login")),
            ("cli.column.description", text("description")),
            ("cli.column.actions", text("actions")),
            (
                "cli.column.disabled",
                Some(show_yes_no(session, &robot["disabled"])),
            ),
            ("cli.column.expires", time("expires_at")),
            ("cli.column.created_by", text("created_by")),
            ("cli.column.created", time("created_at")),
            ("cli.column.last_used", time("last_used_at")),
        ],
    )
}

async fn create_robot(
    session: &Session,
    client: &ApiClient<'_>,
    arguments: CreateArguments,
) -> Result<(), Failure> {
    let robot = &arguments.robot;
    let mut body = json!({ "name": robot.name, "actions": arguments.actions });
    set_given(&mut body, "description", arguments.description);
    if let Some(time) = parse_time(session, &arguments.expires, Direction::Future)? {
        body["expires_at"] = time.into();
    }
    let path = ["namespaces", &robot.namespace, "robots"];
    let answer = client.post(&path, &body).await?;
    let login = robot.to_string();
    let parameters = [("name", login.as_str())];
    print_secret(session, &answer, "secret", "cli.robot.created", &parameters)
}

async fn edit_robot(
    session: &Session,
    client: &ApiClient<'_>,
    arguments: EditArguments,
) -> Result<(), Failure> {
    let Changes {
        actions,
        description,
        disabled,
        expires,
    } = arguments.changes;
    let mut body = json!({});
    set_given(&mut body, "actions", actions);
    set_given(&mut body, "description", description);
    set_given(&mut body, "disabled", disabled);
    if let Some(text) = expires {
        // `never` takes the end away, which is not the same as leaving it.
        body["expires_at"] =
            parse_time(session, &text, Direction::Future)?.map_or(Value::Null, Value::from);
    }
    let answer = client.patch(&arguments.robot.path(), &body).await?;
    let login = arguments.robot.to_string();
    print_outcome(session, &answer, "cli.robot.changed", &[("name", &login)])
}
