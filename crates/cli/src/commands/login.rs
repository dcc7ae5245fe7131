//! `wharf login`: checks a login with the server and keeps it where docker keeps its own.

use std::io::Write;

use clap::Args;

use super::outcome::print_outcome;
use crate::arguments::Options;
use crate::ask;
use crate::client::{
    ApiClient, CredentialStore, Credentials, ServerAddress, find_named_server, parse_server,
};
use crate::failure::Failure;
use crate::output::show_text;
use crate::session::Session;

/// Log in to a server; docker is logged in with it
///
/// The login is checked and then kept in docker's config.json, or in the credential helper that is configured there.
/// Later commands talk to this server. A personal access token serves as password, and a robot logs in as
/// NAMESPACE+NAME with its secret.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf login localhost:5000
  wharf login registry.example.com -u alice
  echo $SECRET | wharf login registry.example.com -u acme+ci --password-stdin
  wharf login http://10.0.0.5:5000         A server without TLS")]
pub(crate) struct LoginArguments {
    /// HOST[:PORT], or http://HOST for a server without TLS
    #[arg(value_name = "SERVER")]
    pub(crate) address: Option<String>,
    /// User name, or NAMESPACE+NAME of a robot
    #[arg(long, short, value_name = "USER")]
    pub(crate) username: Option<String>,
    /// Read the password or token from stdin
    #[arg(long)]
    pub(crate) password_stdin: bool,
}

pub(crate) async fn run(
    arguments: LoginArguments,
    options: &Options,
    session: &Session,
) -> Result<(), Failure> {
    let mut store = CredentialStore::open(session)?;
    let address = choose_server(session, options, arguments.address.as_deref(), &store)?;
    let username = choose_username(session, arguments.username)?;
    let password = choose_password(session, arguments.password_stdin)?;
    let credentials = Credentials::Basic {
        username: username.clone(),
        password: password.clone(),
    };
    let client = ApiClient::with_credentials(session, address, credentials)?;
    let info = client.get(&["info"], &[]).await?;
    let place = store.keep_login(session, client.address(), &username, &password)?;
    let version = show_text(&info["version"]);
    let parameters = [
        ("host", client.address().host()),
        ("username", &username),
        ("version", &version),
        ("place", &place),
    ];
    print_outcome(session, &info, "cli.login.succeeded", &parameters)
}

/// The server that a command is about: its argument, `--server`, the environment, then the last login.
pub(super) fn choose_server(
    session: &Session,
    options: &Options,
    argument: Option<&str>,
    store: &CredentialStore,
) -> Result<ServerAddress, Failure> {
    let named = match argument {
        Some(text) => Some(parse_server(session, text)?),
        None => find_named_server(session, options)?,
    };
    named.or_else(|| store.find_server()).ok_or_else(|| {
        Failure::usage(session.text("cli.client.no_server", &[]))
            .with_hint(session.text("cli.client.no_server_hint", &[]))
    })
}

fn choose_username(session: &Session, argument: Option<String>) -> Result<String, Failure> {
    if let Some(username) =
        argument.or_else(|| session.variable("WHARF_USERNAME").map(str::to_owned))
    {
        return Ok(username);
    }
    if !session.stdin_is_terminal {
        return Err(Failure::usage(
            session.text("cli.login.username_missing", &[]),
        ));
    }
    eprint!("{} ", session.text("cli.login.username_prompt", &[]));
    std::io::stderr().flush().ok();
    ask::read_answer_line(session)
}

fn choose_password(session: &Session, from_stdin: bool) -> Result<String, Failure> {
    if from_stdin {
        return ask::read_answer_line(session);
    }
    let from_environment = session
        .variable("WHARF_TOKEN")
        .or_else(|| session.variable("WHARF_PASSWORD"));
    match from_environment {
        Some(password) => Ok(password.to_owned()),
        None => ask::ask_password(session, "cli.password.login"),
    }
}
