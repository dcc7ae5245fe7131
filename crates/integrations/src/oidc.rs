//! OpenID Connect: a person proves who they are at a provider that the operator named (authorization code with PKCE).
//!
//! [`Provider`] finds the provider's addresses and keys, writes the address that a browser is sent to, redeems the code that
//! it comes back with, and believes an ID token only after everything that OpenID Connect Core 3.1.3.7 asks for. Refuses:
//! algorithms with a shared secret or none, keys from anywhere but the provider's own list, to ask for that list more than
//! once a minute whatever tokens say. Who somebody is here is the caller's business: `wharf-app`.

mod addresses;
mod answer;
mod check;
mod keys;
mod provider;
mod token;

pub use check::check_provider;
pub use provider::{AuthorizationRequest, Provider, ProviderSettings};
pub use token::Identity;

use wharf_egress::EgressError;

/// Why somebody could not prove who they are.
#[derive(Debug, thiserror::Error)]
pub enum OidcError {
    /// The provider was not reached.
    #[error("the identity provider was not reached")]
    Egress(#[from] EgressError),
    /// It answered, but not as a provider does.
    #[error("the identity provider's {what} cannot be used: {reason}")]
    Answer { what: &'static str, reason: String },
    /// It was not reached a moment ago and is not asked again yet.
    #[error("the identity provider could not be asked a moment ago")]
    Away,
    /// It does not take the code.
    #[error("the identity provider refused the code: {0}")]
    Code(String),
    /// What it says proves nothing.
    #[error("the ID token proves nothing: {0}")]
    Token(&'static str),
}

impl OidcError {
    /// Whether the provider is at fault, rather than whoever comes back from it.
    pub fn is_of_provider(&self) -> bool {
        matches!(self, Self::Egress(_) | Self::Answer { .. } | Self::Away)
    }
}
