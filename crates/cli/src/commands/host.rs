//! What is done on the server's own host, with its data folder and database: no network, no login.

mod fsck;
mod reset;

use std::path::PathBuf;

use clap::Args;
use wharf_db::DatabaseUrl;

use crate::ask;
use crate::config::{Config, DatabaseLocation, Environment, Loaded, Sources, load_config};
use crate::failure::Failure;
use crate::session::Session;

/// Where a server on this host has its settings and its data.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct HostOptions {
    /// Settings file; a missing one means defaults [default: wharf.toml]
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Folder of the server's data [default: data]
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
}

impl HostOptions {
    /// Names the sources for [`load_config`].
    pub(crate) fn sources<'a>(
        &'a self,
        environment: &'a Environment,
        listen: Option<&'a str>,
    ) -> Sources<'a> {
        Sources {
            file: self.config.as_deref(),
            data_dir: self.data_dir.as_deref(),
            listen,
            environment: Some(environment),
        }
    }

    /// The settings, complete and right; warnings go to stderr, errors are the failure, all of them at once.
    pub(crate) fn load_config(
        &self,
        session: &Session,
        listen: Option<&str>,
    ) -> Result<Config, Failure> {
        let loaded = load_config(&self.sources(&session.environment, listen));
        Self::check_loaded(session, loaded)
    }

    /// The same of settings that were read: what is wrong goes to stderr, an error is the failure.
    pub(crate) fn check_loaded(session: &Session, loaded: Loaded) -> Result<Config, Failure> {
        let failed = loaded.has_errors();
        for problem in &loaded.problems {
            eprintln!(
                "{}: {}",
                problem.severity.as_str(),
                problem.render_line(session.language)
            );
        }
        if failed {
            return Err(Failure::new(session.text("config.unusable", &[]))
                .with_hint(session.text("config.unusable_hint", &[])));
        }
        Ok(loaded.config)
    }
}

/// Set a user's password on this host, without logging in
///
/// For the day when nobody knows the administrator's password. It works on the database directly, beside a running
/// server too, which notices within a second. Without --password-stdin a password is made and shown once.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf user reset-password admin
  wharf user reset-password admin --data-dir /var/lib/wharf
  pass show wharf | wharf user reset-password admin --password-stdin")]
pub(crate) struct ResetPasswordArguments {
    /// Whose password
    #[arg(value_name = "USER")]
    pub(crate) username: String,
    /// Read the new password from stdin
    #[arg(long)]
    pub(crate) password_stdin: bool,
    #[command(flatten)]
    pub(crate) host: HostOptions,
}

/// Compare the database with the files on this host
///
/// Names every row without its file and every file without its row, broken references and wrong counters. It changes
/// nothing, and works beside a running server. Exit code 1 when content is damaged; files without a row only take space.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf fsck
  wharf fsck --read-bytes --data-dir /var/lib/wharf")]
pub(crate) struct FsckArguments {
    /// Also read every blob and compare its bytes with its digest; takes as long as reading the whole store
    #[arg(long)]
    pub(crate) read_bytes: bool,
    #[command(flatten)]
    pub(crate) host: HostOptions,
}

/// Sets a password in the database.
pub(crate) fn reset_password(
    arguments: ResetPasswordArguments,
    session: &Session,
) -> Result<(), Failure> {
    let config = arguments.host.load_config(session, None)?;
    require_database(&config, session)?;
    let password = match arguments.password_stdin {
        true => Some(ask::read_answer_line(session)?),
        false => None,
    };
    reset::reset_password(&config, &arguments.username, password, session)
}

/// Compares rows with files.
pub(crate) fn check_data(arguments: FsckArguments, session: &Session) -> Result<(), Failure> {
    let config = arguments.host.load_config(session, None)?;
    require_database(&config, session)?;
    fsck::check_data(&config, arguments.read_bytes, session)
}

/// Refuses to work on a database that was never made: these commands look at a server's data, they make none.
fn require_database(config: &Config, session: &Session) -> Result<(), Failure> {
    match &config.database {
        DatabaseLocation::Sqlite(path) if !path.exists() => {
            let path = path.display().to_string();
            Err(
                Failure::new(session.text("cli.host.no_database", &[("path", &path)]))
                    .with_hint(session.text("cli.host.no_database_hint", &[])),
            )
        }
        _ => Ok(()),
    }
}

/// The settings' place of the rows in the words of the database room.
pub(crate) fn database_url(config: &Config) -> DatabaseUrl {
    match &config.database {
        DatabaseLocation::Sqlite(path) => DatabaseUrl::Sqlite(path.clone()),
        DatabaseLocation::Postgres(url) => DatabaseUrl::Postgres(url.expose().to_owned()),
    }
}

/// A runtime for one command: its work waits more than it computes.
fn start_runtime(session: &Session) -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(session.text("cli.runtime_failed", &[])).caused_by(&error))
}
