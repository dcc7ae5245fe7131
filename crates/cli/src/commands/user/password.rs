//! `wharf user password`: one's own password, or an administrator's change of someone else's.

use clap::Args;
use serde_json::json;

use crate::ask;
use crate::client::ApiClient;
use crate::commands::outcome::print_secret;
use crate::failure::Failure;
use crate::session::Session;

/// Change your password, or give a user a new one (administrators)
///
/// Your own change asks for the current password first. With --password-stdin both are read from stdin, one on each
/// line, the current one first. For another user a password is made and shown once, unless --password-stdin gives it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf user password                      Your own
  printf '%s\\n%s\\n' \"$OLD\" \"$NEW\" | wharf user password --password-stdin
  wharf user password alice                A new one for alice, shown once
  wharf user reset-password admin          On the server's host, without logging in")]
pub(crate) struct PasswordArguments {
    /// Whose password [default: your own]
    #[arg(value_name = "USER")]
    username: Option<String>,
    /// Read from stdin instead of asking
    #[arg(long)]
    password_stdin: bool,
}

pub(super) async fn run(
    arguments: PasswordArguments,
    client: &ApiClient<'_>,
    session: &Session,
) -> Result<(), Failure> {
    match &arguments.username {
        Some(name) => give_password(session, client, name, arguments.password_stdin).await,
        None => change_own_password(session, client, arguments.password_stdin).await,
    }
}

async fn change_own_password(
    session: &Session,
    client: &ApiClient<'_>,
    from_stdin: bool,
) -> Result<(), Failure> {
    let (current, new) = if from_stdin {
        let current = ask::read_answer_line(session)?;
        (current, ask::read_answer_line(session)?)
    } else {
        let current = ask::ask_password(session, "cli.password.current")?;
        (current, ask::ask_new_password(session)?)
    };
    let body = json!({ "current_password": current, "new_password": new });
    client.post(&["me", "password"], &body).await?;
    let server = client.address().as_written();
    session.say("cli.user.own_password_changed", &[("server", &server)]);
    Ok(())
}

async fn give_password(
    session: &Session,
    client: &ApiClient<'_>,
    name: &str,
    from_stdin: bool,
) -> Result<(), Failure> {
    let body = if from_stdin {
        json!({ "new_password": ask::read_answer_line(session)? })
    } else {
        json!({})
    };
    let answer = client.post(&["users", name, "password"], &body).await?;
    let parameters = [("name", name)];
    print_secret(
        session,
        &answer,
        "password",
        "cli.user.password_changed",
        &parameters,
    )
}
