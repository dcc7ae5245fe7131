//! Addresses that mails go to, and which of them the operator allows.

use crate::target::error::TargetError;
use lettre::Address;
use std::{fmt, str::FromStr};

/// The most recipients of one trigger. A team has a list; with hundreds, a trigger would be a way to send bulk mail.
pub const MOST_RECIPIENTS: usize = 20;

/// The longest address (RFC 5321, section 4.5.3.1.3, without the angle brackets).
const LONGEST: usize = 254;

/// A mail address of the plain form: letters, digits and the signs of an atom, `@`, a domain (RFC 5321, section 4.1.2,
/// without quoted names, comments and address literals).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient(Address);

impl Recipient {
    /// Reads an address.
    ///
    /// # Errors
    /// [`TargetError::Recipient`].
    pub fn parse(text: &str) -> Result<Recipient, TargetError> {
        let refuse = |reason| TargetError::Recipient {
            address: text.chars().filter(|c| !c.is_control()).take(80).collect(),
            reason,
        };
        if text.len() > LONGEST {
            return Err(refuse("it is too long"));
        }
        let (name, domain) = text.rsplit_once('@').ok_or_else(|| refuse("it has no @"))?;
        let is_atom =
            |byte: u8| byte.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&byte);
        if name.is_empty() || !name.bytes().all(is_atom) {
            return Err(refuse("its name has other characters than addresses have"));
        }
        let is_label = |label: &str| {
            !label.is_empty()
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        if !domain.split('.').all(is_label) {
            return Err(refuse("its domain is none"));
        }
        let address = Address::new(name, domain).map_err(|_| refuse("it is malformed"))?;
        Ok(Recipient(address))
    }

    pub(super) fn address(&self) -> &Address {
        &self.0
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Whom the operator lets mails go to: one entry of `[smtp] recipients`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecipientRule {
    /// `*`: anybody.
    Anyone,
    /// `example.org`: everybody there, and nobody below it.
    Domain(String),
    /// `ops@example.org`: this address alone.
    Address(Recipient),
}

impl RecipientRule {
    fn allows(&self, recipient: &Recipient) -> bool {
        match self {
            Self::Anyone => true,
            Self::Domain(domain) => recipient.0.domain().eq_ignore_ascii_case(domain),
            Self::Address(address) => {
                address.0.user() == recipient.0.user()
                    && address
                        .0
                        .domain()
                        .eq_ignore_ascii_case(recipient.0.domain())
            }
        }
    }
}

impl FromStr for RecipientRule {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, TargetError> {
        match text {
            "*" => Ok(Self::Anyone),
            text if text.contains('@') => Recipient::parse(text).map(Self::Address),
            // A domain is what makes an address with any name before it.
            domain => {
                Recipient::parse(&format!("a@{domain}"))?;
                Ok(Self::Domain(domain.to_owned()))
            }
        }
    }
}

impl fmt::Display for RecipientRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anyone => f.write_str("*"),
            Self::Domain(domain) => f.write_str(domain),
            Self::Address(address) => address.fmt(f),
        }
    }
}

/// Whether the operator lets mails go to all of these.
pub(super) fn check_allowed(
    rules: &[RecipientRule],
    recipients: &[Recipient],
) -> Result<(), TargetError> {
    let is_out = |recipient: &&Recipient| !rules.iter().any(|rule| rule.allows(recipient));
    match recipients.iter().find(is_out) {
        None => Ok(()),
        Some(recipient) => Err(TargetError::Recipient {
            address: recipient.to_string(),
            reason: "the operator lets no mail go there, see [smtp] recipients",
        }),
    }
}

/// Whether so many, each once, may be named.
pub(super) fn check_recipients(recipients: &[Recipient]) -> Result<(), TargetError> {
    let refuse = |reason| Err(TargetError::Recipients { reason });
    if recipients.is_empty() {
        return refuse("no recipients");
    }
    if recipients.len() > MOST_RECIPIENTS {
        return refuse("more than 20 recipients");
    }
    for (index, one) in recipients.iter().enumerate() {
        if recipients[..index].contains(one) {
            return refuse("recipients that are named twice");
        }
    }
    Ok(())
}
