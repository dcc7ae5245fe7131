//! `[smtp]`: whom mails of triggers are given to. Without a host nothing is mailed.

use std::net::IpAddr;
use std::path::PathBuf;

use wharf_integrations::Secret as MailSecret;
use wharf_integrations::target::mail::{MailSecurity, MailServer, RecipientRule};

use super::Secret;
use crate::config::problem::{Complaint, Problem};
use crate::config::reader::Reader;
use crate::config::value::RawValue;

const SECTION: &str = "smtp";

/// `[smtp]` of `wharf.toml`.
#[derive(Clone, Debug, Default)]
pub(crate) struct SmtpConfig {
    /// The server; none when nothing is mailed.
    pub(crate) server: Option<MailServer>,
    /// Authorities that are believed for it beside the system's.
    pub(crate) ca_file: Option<PathBuf>,
}

pub(super) fn read_smtp(reader: &mut Reader) -> SmtpConfig {
    let mut text = |key| {
        reader.take_optional(
            SECTION,
            key,
            |value| value.as_text().map(|text| text.trim().to_owned()),
            Clone::clone,
        )
    };
    let (host, from, username) = (text("host"), text("from"), text("username"));
    let port = reader.take_optional(
        SECTION,
        "port",
        |value| value.as_count(1..=65_535),
        u64::to_string,
    );
    let security = reader.take_or(
        SECTION,
        "security",
        parse_security,
        MailSecurity::default(),
        |security| show_security(*security).to_owned(),
    );
    let password = reader.take_optional(SECTION, "password", parse_password, |_| {
        super::MASK.to_owned()
    });
    let recipients = reader.take_optional(SECTION, "recipients", parse_recipients, |rules| {
        let texts: Vec<_> = rules.iter().map(RecipientRule::to_string).collect();
        texts.join(", ")
    });
    let ca_file = reader.take_optional(
        SECTION,
        "ca_file",
        |value| value.as_text().map(PathBuf::from),
        |path| path.display().to_string(),
    );
    let Some(host) = host else {
        return SmtpConfig::default();
    };
    let mut complain = |key, about: &'static str| {
        reader.report(Problem::error(key).about(about).with("value", host.clone()));
        SmtpConfig::default()
    };
    let Some(from) = from else {
        return complain("config.smtp_from_missing", "smtp.from");
    };
    let port = port.and_then(|port| u16::try_from(port).ok());
    let Ok(mut server) = MailServer::new(&host, port, security, &from) else {
        return complain("config.smtp_from", "smtp.from");
    };
    match (username, password) {
        (Some(_), Some(_)) if security == MailSecurity::None && !is_this_machine(&host) => {
            return complain("config.smtp_plain_password", "smtp.security");
        }
        (Some(username), Some(password)) => {
            server = server.with_credentials(&username, MailSecret::new(password.expose()));
        }
        (None, None) => {}
        _ => return complain("config.smtp_half_login", "smtp.password"),
    }
    if let Some(recipients) = recipients {
        server = server.with_recipients(recipients);
    }
    SmtpConfig {
        server: Some(server),
        ca_file,
    }
}

/// Whether nothing leaves the machine on the way there.
fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

fn parse_security(value: &RawValue) -> Result<MailSecurity, Complaint> {
    let text = value.as_text()?;
    text.parse()
        .map_err(|()| Complaint::new("config.smtp_security").with("value", text))
}

fn show_security(security: MailSecurity) -> &'static str {
    match security {
        MailSecurity::StartTls => "starttls",
        MailSecurity::Tls => "tls",
        MailSecurity::None => "none",
    }
}

fn parse_recipients(value: &RawValue) -> Result<Vec<RecipientRule>, Complaint> {
    let texts = value.as_list()?;
    let rules = texts.iter().map(|text| {
        let rule = text.trim().parse();
        rule.map_err(|_| Complaint::new("config.smtp_recipients").with("value", text.as_str()))
    });
    rules.collect()
}

fn parse_password(value: &RawValue) -> Result<Secret, Complaint> {
    // Not `as_text` alone: its complaint about a wrong type would repeat the value.
    match value {
        RawValue::Word(text) | RawValue::Text(text) if !text.is_empty() => {
            Ok(Secret::new(text.as_str()))
        }
        _ => Err(Complaint::new("config.token_type")),
    }
}
