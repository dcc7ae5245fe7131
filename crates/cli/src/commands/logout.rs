//! `wharf logout`: forgets a kept login. The server is not asked; tokens stay valid until they are deleted.

use clap::Args;

use super::login::choose_server;
use crate::arguments::Options;
use crate::client::CredentialStore;
use crate::failure::Failure;
use crate::session::Session;

/// Forget the login of a server; docker forgets it too
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf logout localhost:5000
  wharf logout                             The server of the last login")]
pub(crate) struct LogoutArguments {
    /// The server, as it was given to login
    #[arg(value_name = "SERVER")]
    pub(crate) address: Option<String>,
}

pub(crate) fn run(
    arguments: LogoutArguments,
    options: &Options,
    session: &Session,
) -> Result<(), Failure> {
    let mut store = CredentialStore::open(session)?;
    let address = choose_server(session, options, arguments.address.as_deref(), &store)?;
    let was_there = store.forget_login(session, &address)?;
    let key = if was_there {
        "cli.logout.succeeded"
    } else {
        "cli.logout.nothing"
    };
    session.say(key, &[("host", address.host())]);
    Ok(())
}
