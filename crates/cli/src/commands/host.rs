//! What is done on the server's own host, with its data folder and database: no network, no login.

use std::path::PathBuf;

use clap::Args;

use crate::ask;
use crate::config::{Config, Environment, Sources, load_config};
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
/// Names every row without its file and every file without its row. It changes nothing, and works beside a running
/// server.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf fsck
  wharf fsck --data-dir /var/lib/wharf")]
pub(crate) struct FsckArguments {
    #[command(flatten)]
    pub(crate) host: HostOptions,
}

/// Sets a password in the database.
pub(crate) fn reset_password(
    arguments: ResetPasswordArguments,
    session: &Session,
) -> Result<(), Failure> {
    let config = arguments.host.load_config(session, None)?;
    let password = match arguments.password_stdin {
        true => Some(ask::read_answer_line(session)?),
        false => None,
    };
    write_password(&config, &arguments.username, password.as_deref(), session)
}

/// Compares rows with files.
pub(crate) fn check_data(arguments: FsckArguments, session: &Session) -> Result<(), Failure> {
    let config = arguments.host.load_config(session, None)?;
    compare_rows_with_files(&config, session)
}

/// The place where the database is opened and the password written.
fn write_password(
    config: &Config,
    _username: &str,
    _password: Option<&str>,
    session: &Session,
) -> Result<(), Failure> {
    let folder = config.data_dir.display().to_string();
    Err(Failure::new(
        session.text("cli.host.unavailable", &[("path", &folder)]),
    ))
}

/// The place where blobs and rows are compared.
fn compare_rows_with_files(config: &Config, session: &Session) -> Result<(), Failure> {
    let folder = config.data_dir.display().to_string();
    Err(Failure::new(
        session.text("cli.host.unavailable", &[("path", &folder)]),
    ))
}
