//! Whose token it is, what it may do, and whose repositories it sees.

use super::error::{ForgeError, Result};
use super::kind::ForgeKind;
use url::Url;
use wharf_model::Timestamp;

/// The person (or bot) that a token belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub kind: ForgeKind,
    /// `host` or `host:port`, for messages.
    pub host: String,
    /// The host's own id, which survives renaming.
    pub id: String,
    pub login: String,
    /// The full name, where there is one.
    pub name: Option<String>,
    pub web_url: Option<Url>,
    pub scopes: TokenScopes,
    /// Scopes that wharf needs and the token lacks, as far as the host tells; empty when nothing is known to be missing.
    pub missing_scopes: Vec<String>,
    /// When the token ends, where the host tells.
    pub expires_at: Option<Timestamp>,
}

/// What a token may do, as the host tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenScopes {
    Listed(Vec<String>),
    /// The host does not tell (fine-grained and app tokens of GitHub, tokens of Gitea); what is missing shows when it is
    /// needed, as [`ForgeError::MissingScopes`].
    Unlisted,
}

impl Account {
    /// Passes a token with all scopes that wharf needs.
    ///
    /// # Errors
    /// [`ForgeError::MissingScopes`] names each that is missing.
    pub fn check_scopes(&self) -> Result<()> {
        if self.missing_scopes.is_empty() {
            return Ok(());
        }
        Err(ForgeError::MissingScopes {
            kind: self.kind,
            host: self.host.clone(),
            scopes: self.missing_scopes.clone(),
        })
    }
}

/// Somebody who owns repositories.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    pub kind: OwnerKind,
    pub id: String,
    /// `acme`, or `acme/team` for a subgroup.
    pub path: String,
    pub name: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OwnerKind {
    /// The account itself.
    Person,
    /// An organization of GitHub or Gitea, a group or subgroup of GitLab.
    Group,
}

impl OwnerKind {
    /// The word in URLs.
    pub const fn as_str(self) -> &'static str {
        match self {
            OwnerKind::Person => "person",
            OwnerKind::Group => "group",
        }
    }
}
