//! Writing a password into the database of this host.

use std::sync::Arc;

use wharf_app::{HostError, HostOptions, SystemClock, reset_password_on_host};

use super::database_url;
use crate::config::Config;
use crate::failure::Failure;
use crate::output::print_text;
use crate::session::Session;

/// Sets the password; one that was made is printed, alone, on stdout.
pub(super) fn reset_password(
    config: &Config,
    username: &str,
    password: Option<String>,
    session: &Session,
) -> Result<(), Failure> {
    let options = HostOptions {
        database: database_url(config),
        clock: Arc::new(SystemClock),
    };
    let runtime = super::start_runtime(session)?;
    let made = runtime
        .block_on(reset_password_on_host(&options, username, password))
        .map_err(|error| explain(&error, config, session))?;
    session.say("cli.user.password_changed", &[("name", username)]);
    if let Some(made) = made {
        session.say("cli.secret.shown_once", &[]);
        print_text(session, &made)?;
    }
    Ok(())
}

fn explain(error: &HostError, config: &Config, session: &Session) -> Failure {
    let folder = config.data_dir.display().to_string();
    let failure = Failure::new(session.text("cli.host.unavailable", &[("path", &folder)]));
    let failure = failure.caused_by(error);
    match error {
        HostError::NoDatabase(_) => {
            failure.with_hint(session.text("cli.host.no_database_hint", &[]))
        }
        HostError::WeakPassword => failure.with_hint(session.text("hint.weak_password", &[])),
        _ => failure,
    }
}
