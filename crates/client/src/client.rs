//! The client itself: what it is made of and what it remembers between requests.

use crate::challenge::Challenge;
use crate::health::Health;
use crate::remembered::Remembered;
use crate::token::Tokens;
use crate::{CredentialSource, KnownCredentials, Registries, RetryPolicy};
use std::fmt;
use std::sync::Arc;
use url::Url;
use wharf_egress::Egress;

/// What a [`Client`] is made of.
#[derive(Clone)]
pub struct ClientSettings {
    /// The way out; it must have been given [`Registries::host_settings`] of the same registries.
    pub egress: Egress,
    pub registries: Registries,
    pub credentials: Arc<dyn CredentialSource>,
    pub retry: RetryPolicy,
}

impl ClientSettings {
    /// No mirrors, no credentials, the usual patience.
    pub fn new(egress: Egress) -> ClientSettings {
        ClientSettings {
            egress,
            registries: Registries::default(),
            credentials: Arc::new(KnownCredentials::default()),
            retry: RetryPolicy::default(),
        }
    }
}

/// Talks to registries. Cloning it copies a pointer; clones share connections, tokens and what is known of mirrors.
///
/// Every call may be dropped at any point: nothing goes on behind it, and a later call starts from a sound state.
#[derive(Clone)]
pub struct Client(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) egress: Egress,
    pub(crate) registries: Registries,
    pub(crate) credentials: Arc<dyn CredentialSource>,
    pub(crate) retry: RetryPolicy,
    pub(crate) tokens: Tokens,
    pub(crate) health: Health,
    /// How each registry wants to be told who asks.
    pub(crate) challenges: Remembered<Challenge>,
    /// Where registries that may speak either scheme were found.
    pub(crate) bases: Remembered<Url>,
}

impl Client {
    pub fn new(settings: ClientSettings) -> Client {
        Client(Arc::new(Inner {
            egress: settings.egress,
            registries: settings.registries,
            credentials: settings.credentials,
            retry: settings.retry,
            tokens: Tokens::default(),
            health: Health::default(),
            challenges: Remembered::default(),
            bases: Remembered::default(),
        }))
    }
}

/// Shows neither tokens nor credentials.
impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("egress", &self.0.egress)
            .field("registries", &self.0.registries)
            .finish_non_exhaustive()
    }
}
