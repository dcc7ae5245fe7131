//! Writing a password into the database of this host.

use std::sync::Arc;

use serde_json::json;
use wharf_app::{HostError, HostOptions, SystemClock, reset_password_on_host};

use super::database_url;
use crate::commands::outcome::print_secret;
use crate::config::Config;
use crate::failure::Failure;
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
    // In the form in which the API answers an administrator's change.
    let answer = json!({ "password": made });
    let parameters = [("name", username)];
    print_secret(
        session,
        &answer,
        "password",
        "cli.user.password_changed",
        &parameters,
    )
}

fn explain(error: &HostError, config: &Config, session: &Session) -> Failure {
    match error {
        HostError::UnknownUser(name) => {
            Failure::new(session.text("cli.user.missing", &[("name", name)]))
        }
        HostError::WeakPassword => Failure::new(session.text("error.weak_password", &[]))
            .with_hint(session.text("hint.weak_password", &[])),
        _ => {
            let folder = config.data_dir.display().to_string();
            Failure::new(session.text("cli.host.unavailable", &[("path", &folder)]))
                .caused_by(error)
        }
    }
}
