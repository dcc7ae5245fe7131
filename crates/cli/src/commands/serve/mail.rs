//! The operator's mail server with its authorities.

use std::path::PathBuf;

use wharf_integrations::target::mail::MailServer;

use crate::config::Config;

/// The file of authorities that could not be read.
#[derive(Debug)]
pub(super) struct UnreadableAuthorities {
    pub(super) file: PathBuf,
    pub(super) cause: std::io::Error,
}

/// The mail server of the settings; none when they name none.
pub(super) fn read_mail_server(
    config: &Config,
) -> Result<Option<MailServer>, UnreadableAuthorities> {
    let (Some(server), Some(file)) = (&config.smtp.server, &config.smtp.ca_file) else {
        return Ok(config.smtp.server.clone());
    };
    let pem = std::fs::read(file).map_err(|cause| UnreadableAuthorities {
        file: file.clone(),
        cause,
    })?;
    Ok(Some(server.clone().with_authorities(pem)))
}
