//! Who the client says it is, and where that comes from.

use crate::{RegistryHost, Result, Secret};
use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;

/// What a registry is told about who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    /// A name with its password, token or robot secret.
    Password { username: String, password: Secret },
    /// A refresh token that an OAuth2 login left (`identitytoken` in docker's file).
    IdentityToken(Secret),
    /// A token that is sent as it is (`registrytoken`).
    RegistryToken(Secret),
}

impl Credential {
    pub(crate) fn secret(&self) -> &Secret {
        match self {
            Credential::Password { password, .. } => password,
            Credential::IdentityToken(secret) | Credential::RegistryToken(secret) => secret,
        }
    }
}

/// A running look-up of credentials.
pub type FindingCredential<'a> =
    Pin<Box<dyn Future<Output = Result<Option<Credential>>> + Send + 'a>>;

/// Where credentials are kept. It is asked for each token anew, so a login takes effect at once.
pub trait CredentialSource: Send + Sync + fmt::Debug {
    /// The credentials for a registry; `None` to ask anonymously.
    fn find_credential<'a>(&'a self, registry: &'a RegistryHost) -> FindingCredential<'a>;
}

/// Credentials that are known beforehand; without any, everything is asked anonymously.
#[derive(Debug, Clone, Default)]
pub struct KnownCredentials(HashMap<RegistryHost, Credential>);

impl KnownCredentials {
    pub fn new(known: impl IntoIterator<Item = (RegistryHost, Credential)>) -> KnownCredentials {
        KnownCredentials(known.into_iter().collect())
    }
}

impl CredentialSource for KnownCredentials {
    fn find_credential<'a>(&'a self, registry: &'a RegistryHost) -> FindingCredential<'a> {
        let found = self.0.get(registry).cloned();
        Box::pin(async move { Ok(found) })
    }
}
