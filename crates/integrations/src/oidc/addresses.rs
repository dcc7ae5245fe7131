//! The provider's addresses: found once and again after a while. A provider that was not to be asked is left alone for a
//! moment: else whoever signs in meanwhile waits for its silence, one after the other.

use super::{OidcError, answer::fetch};
use serde::Deserialize;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;
use url::Url;
use wharf_egress::Egress;

/// How long found addresses are believed. They hardly ever change; an hour is what somebody who moves a provider waits.
const BELIEVED: Duration = Duration::from_secs(3600);

/// How long a failure is believed. Shorter has everybody wait for a provider that is away, longer keeps people out of one
/// that is back.
const FAILED: Duration = Duration::from_secs(10);

/// OpenID Connect Discovery 1.0, section 3.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Addresses {
    issuer: String,
    pub(super) authorization_endpoint: Url,
    pub(super) token_endpoint: Url,
    pub(super) jwks_uri: Url,
    pub(super) userinfo_endpoint: Option<Url>,
    pub(super) token_endpoint_auth_methods_supported: Option<Vec<String>>,
}

/// What was found, and when asking failed last.
#[derive(Default)]
pub(super) struct Discovery(Mutex<Found>);

#[derive(Default)]
struct Found {
    addresses: Option<(Addresses, Instant)>,
    failed: Option<Instant>,
}

impl Found {
    /// What is known without asking; none when it is time to ask.
    fn recall(&self, now: Instant) -> Option<Result<Addresses, OidcError>> {
        let within = |at: Instant, time: Duration| now.saturating_duration_since(at) < time;
        if let Some((addresses, at)) = &self.addresses
            && within(*at, BELIEVED)
        {
            return Some(Ok(addresses.clone()));
        }
        let failed = self.failed.is_some_and(|at| within(at, FAILED));
        failed.then_some(Err(OidcError::Away))
    }
}

impl Discovery {
    /// The addresses of `issuer`.
    ///
    /// # Errors
    /// When the provider cannot be asked for them, [`OidcError::Away`] while that is not tried again.
    pub(super) async fn find(&self, egress: &Egress, issuer: &str) -> Result<Addresses, OidcError> {
        let mut found = self.0.lock().await;
        if let Some(known) = found.recall(Instant::now()) {
            return known;
        }
        match ask_for_addresses(egress, issuer).await {
            Ok(addresses) => {
                *found = Found {
                    addresses: Some((addresses.clone(), Instant::now())),
                    failed: None,
                };
                Ok(addresses)
            }
            Err(error) => {
                found.failed = Some(Instant::now());
                Err(error)
            }
        }
    }
}

/// Asks, whatever is known already.
pub(super) async fn ask_for_addresses(
    egress: &Egress,
    issuer: &str,
) -> Result<Addresses, OidcError> {
    // Section 4.1: its last slash is not written twice.
    let text = format!(
        "{}/.well-known/openid-configuration",
        issuer.trim_end_matches('/')
    );
    let wrong = |reason: &str| OidcError::Answer {
        what: "configuration",
        reason: reason.to_owned(),
    };
    let url = Url::parse(&text).map_err(|_| wrong("its address is none"))?;
    let addresses: Addresses = fetch(egress, url, "configuration").await?;
    // Section 4.3: else one provider could speak for another.
    if addresses.issuer != issuer {
        return Err(wrong(&format!("it calls itself {}", addresses.issuer)));
    }
    Ok(addresses)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_believed_for_ten_seconds_and_what_was_found_for_an_hour() {
        let now = Instant::now();
        let after = |seconds| now + Duration::from_secs(seconds);
        let mut found = Found::default();
        assert!(found.recall(now).is_none());
        found.failed = Some(now);
        assert!(matches!(found.recall(after(9)), Some(Err(OidcError::Away))));
        assert!(found.recall(after(10)).is_none());
        let addresses = serde_json::json!({
            "issuer": "https://id.example", "authorization_endpoint": "https://id.example/a",
            "token_endpoint": "https://id.example/t", "jwks_uri": "https://id.example/k",
        });
        found.addresses = Some((serde_json::from_value(addresses).unwrap(), now));
        assert!(matches!(found.recall(after(3599)), Some(Ok(_))));
        assert!(found.recall(after(3600)).is_none());
    }
}
