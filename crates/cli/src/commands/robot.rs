//! `wharf robot`: accounts for machines, each in one namespace.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::moment::{Direction, parse_time};
use super::outcome::{print_outcome, print_secret};
use super::user::set_given;
use crate::arguments::Options;
use crate::ask::Confirmation;
use crate::client::{ApiClient, PageOptions, list_pages};
use crate::failure::Failure;
use crate::output::{
    Column, print_json, print_record, print_table, show_day_time, show_text, show_yes_no,
};
use crate::session::{Format, Session};

/// Robots: accounts for machines, with chosen actions in one namespace
///
/// A robot is written NAMESPACE+NAME, and logs in by that name with its secret.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf robot create acme+ci --action pull,push
  wharf robot list acme")]
pub(crate) struct RobotArguments {
    #[command(subcommand)]
    command: RobotCommand,
}

#[derive(Debug, Subcommand)]
enum RobotCommand {
    List(ListArguments),
    Show(ShowArguments),
    Create(CreateArguments),
    Edit(EditArguments),
    NewSecret(SecretArguments),
    Delete(DeleteArguments),
}

/// List the robots of a namespace
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf robot list acme")]
struct ListArguments {
    /// Which namespace
    #[arg(value_name = "NAMESPACE")]
    namespace: String,
    #[command(flatten)]
    pages: PageOptions,
}

/// Show one robot
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf robot show acme+ci")]
struct ShowArguments {
    /// NAMESPACE+NAME
    #[arg(value_name = "ROBOT", value_parser = parse_login)]
    robot: Login,
}

/// Create a robot; its secret is shown once, alone on stdout
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf robot create acme+ci --action pull,push
  wharf robot create acme+cluster --action pull --expires 1y --description 'production pulls'
  SECRET=$(wharf robot create acme+ci --action pull,push)")]
struct CreateArguments {
    /// NAMESPACE+NAME
    #[arg(value_name = "ROBOT", value_parser = parse_login)]
    robot: Login,
    /// What it may do: pull, push, delete, build:start, trigger:run
    #[arg(
        long = "action",
        value_name = "ACTION",
        value_delimiter = ',',
        required = true
    )]
    actions: Vec<String>,
    /// What it is for
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// When it ends: 90d, 2027-12-31, an RFC 3339 time, or never
    #[arg(long, value_name = "TIME", default_value = "never")]
    expires: String,
}

/// Change a robot
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf robot edit acme+ci --action pull
  wharf robot edit acme+ci --disabled true
  wharf robot edit acme+ci --expires never")]
struct EditArguments {
    /// NAMESPACE+NAME
    #[arg(value_name = "ROBOT", value_parser = parse_login)]
    robot: Login,
    #[command(flatten)]
    changes: Changes,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
struct Changes {
    /// All it may do from now on
    #[arg(long = "action", value_name = "ACTION", value_delimiter = ',')]
    actions: Option<Vec<String>>,
    /// What it is for
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// Whether its logins are refused
    #[arg(long, value_name = "BOOL")]
    disabled: Option<bool>,
    /// When it ends: 90d, 2027-12-31, an RFC 3339 time, or never
    #[arg(long, value_name = "TIME")]
    expires: Option<String>,
}

/// Give a robot a new secret; the old one is refused from the next request on
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  SECRET=$(wharf robot new-secret acme+ci)")]
struct SecretArguments {
    /// NAMESPACE+NAME
    #[arg(value_name = "ROBOT", value_parser = parse_login)]
    robot: Login,
}

/// Delete a robot; it is refused from the next request on
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf robot delete acme+ci
  wharf robot delete acme+ci --yes         Without asking, for scripts")]
struct DeleteArguments {
    /// NAMESPACE+NAME
    #[arg(value_name = "ROBOT", value_parser = parse_login)]
    robot: Login,
    #[command(flatten)]
    confirmation: Confirmation,
}

/// A robot's login name in its two parts.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Login {
    namespace: String,
    name: String,
}

impl Login {
    fn path(&self) -> [&str; 4] {
        ["namespaces", &self.namespace, "robots", &self.name]
    }
}

impl std::fmt::Display for Login {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}+{}", self.namespace, self.name)
    }
}

fn parse_login(text: &str) -> Result<Login, String> {
    match text.split_once('+') {
        Some((namespace, name)) if !namespace.is_empty() && !name.is_empty() => Ok(Login {
            namespace: namespace.to_owned(),
            name: name.to_owned(),
        }),
        _ => Err("a robot is written NAMESPACE+NAME, for example acme+ci".to_owned()),
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_robot_is_written_as_namespace_and_name() {
        let login = parse_login("acme+ci").unwrap();
        assert_eq!(login.path(), ["namespaces", "acme", "robots", "ci"]);
        assert_eq!(login.to_string(), "acme+ci");
        for text in ["ci", "+ci", "acme+", ""] {
            assert!(parse_login(text).is_err(), "{text}");
        }
    }
}
