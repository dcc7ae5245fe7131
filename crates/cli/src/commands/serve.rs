//! `wharf serve`: the server, from its settings to its end.

mod assembly;
mod builds;
mod configuration;
mod git;
mod logging;
mod mail;
mod signals;

use clap::Args;

use configuration::ServeConfiguration;

use crate::commands::host::HostOptions;
use crate::config::ConfigSnapshot;
use crate::failure::Failure;
use crate::session::Session;

/// Start the server
///
/// Without any setting it listens on 127.0.0.1:5000 and keeps everything in ./data. The first start creates the
/// account `admin` and shows its password once. Settings come from wharf.toml, the environment over it, flags over
/// both; `wharf check` explains what is wrong with them.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf serve
  wharf serve --listen 0.0.0.0:5000 --data-dir /var/lib/wharf
  WHARF_DATABASE_URL=postgres://wharf@db/wharf wharf serve --config /etc/wharf/wharf.toml")]
pub(crate) struct ServeArguments {
    #[command(flatten)]
    pub(crate) host: HostOptions,
    /// Address and port to listen on; port 0 takes a free one and prints it
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) listen: Option<String>,
}

/// Reads the settings and serves until a signal ends it.
pub(crate) fn run(arguments: ServeArguments, session: &Session) -> Result<(), Failure> {
    let listen = arguments.listen.as_deref();
    let snapshot = ConfigSnapshot::take(&arguments.host.sources(&session.environment, listen));
    let config = HostOptions::check_loaded(session, snapshot.load(&[]))?;
    assembly::run_server(&config, ServeConfiguration(snapshot), session)
}
