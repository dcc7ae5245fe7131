//! The operator's mail server: `[smtp]` of the settings.

use super::compose::MailTarget;
use super::recipient::{RecipientRule, check_allowed};
use crate::Secret;
use crate::target::error::TargetError;
use lettre::message::Mailbox;
use std::str::FromStr;

/// How the connection is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MailSecurity {
    /// Plain first, then TLS by `STARTTLS`, which must be offered (RFC 3207). Port 587.
    #[default]
    StartTls,
    /// TLS from the first byte (RFC 8314). Port 465.
    Tls,
    /// Not at all: for a server on the same machine.
    None,
}

impl FromStr for MailSecurity {
    type Err = ();

    fn from_str(text: &str) -> Result<MailSecurity, ()> {
        match text {
            "starttls" => Ok(MailSecurity::StartTls),
            "tls" => Ok(MailSecurity::Tls),
            "none" => Ok(MailSecurity::None),
            _ => Err(()),
        }
    }
}

impl MailSecurity {
    /// The usual port.
    pub fn usual_port(self) -> u16 {
        match self {
            MailSecurity::StartTls => 587,
            MailSecurity::Tls => 465,
            MailSecurity::None => 25,
        }
    }
}

/// Whom mails are given to. The operator named it, so it may be anywhere, also on a private address.
#[derive(Debug, Clone)]
pub struct MailServer {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) security: MailSecurity,
    pub(super) credentials: Option<(String, Secret)>,
    pub(super) from: Mailbox,
    /// To whom triggers may send.
    pub(super) recipients: Vec<RecipientRule>,
    /// PEM of authorities that are believed beside the system's.
    pub(super) authorities: Option<Vec<u8>>,
}

impl MailServer {
    /// Puts the settings together. `from` is an address, or a name and an address in `<>`; mails go to addresses of its
    /// domain alone until [`MailServer::with_recipients`] says otherwise, so that no trigger mails strangers in the
    /// operator's name.
    ///
    /// # Errors
    /// [`TargetError::Recipient`] for a sender that is none.
    pub fn new(
        host: &str,
        port: Option<u16>,
        security: MailSecurity,
        from: &str,
    ) -> Result<MailServer, TargetError> {
        let sender = from
            .parse()
            .ok()
            .filter(|_| !from.contains(char::is_control));
        let from: Mailbox = sender.ok_or_else(|| TargetError::Recipient {
            address: from.chars().filter(|c| !c.is_control()).collect(),
            reason: "a sender is written wharf <wharf@mail.example>",
        })?;
        Ok(MailServer {
            recipients: vec![RecipientRule::Domain(from.email.domain().to_owned())],
            host: host.to_owned(),
            port: port.unwrap_or_else(|| security.usual_port()),
            security,
            credentials: None,
            from,
            authorities: None,
        })
    }

    /// Signs in before sending. Over an unencrypted connection the server must be on this machine: see the settings.
    #[must_use]
    pub fn with_credentials(mut self, username: &str, password: Secret) -> MailServer {
        self.credentials = Some((username.to_owned(), password));
        self
    }

    /// Believes these authorities (PEM) beside the system's.
    #[must_use]
    pub fn with_authorities(mut self, pem: Vec<u8>) -> MailServer {
        self.authorities = Some(pem);
        self
    }

    /// Lets mails go to these instead of the sender's own domain.
    #[must_use]
    pub fn with_recipients(mut self, recipients: Vec<RecipientRule>) -> MailServer {
        self.recipients = recipients;
        self
    }

    /// Whether the operator lets a mail go to all of its recipients: asked when a trigger is saved, and at each mail.
    ///
    /// # Errors
    /// [`TargetError::Recipient`] names the first that is not allowed.
    pub fn check_allowed(&self, target: &MailTarget) -> Result<(), TargetError> {
        check_allowed(&self.recipients, &target.recipients)
    }

    /// `host:port`: what deliveries share a lane by.
    pub fn lane(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }
}
