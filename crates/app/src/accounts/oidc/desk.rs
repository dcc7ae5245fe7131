//! What a running server keeps of signing in through the provider.

use super::OidcSettings;
use moka::sync::Cache;
use std::time::Duration;
use wharf_egress::Egress;
use wharf_integrations::oidc::Provider;

/// For how long a browser may be away. Shorter breaks sign-ins with a second factor that is at home, longer keeps returns
/// good that somebody forgot on a screen.
pub(crate) const AWAY: Duration = Duration::from_secs(600);

/// Returns that are kept in mind. The provider takes each code once anyway; this is what holds if it does not.
const RETURNS: u64 = 100_000;

/// The provider, and which returns were here already.
pub(crate) struct OidcDesk {
    pub(super) provider: Provider,
    taken: Cache<String, ()>,
}

impl OidcDesk {
    pub(crate) fn open(settings: &OidcSettings, egress: Egress) -> Self {
        Self {
            provider: Provider::new(settings.provider.clone(), egress),
            taken: Cache::builder()
                .max_capacity(RETURNS)
                .time_to_live(AWAY)
                .build(),
        }
    }

    /// Takes a return; answers whether it is here for the first time.
    pub(super) fn take(&self, state: &str) -> bool {
        self.taken.entry(state.to_owned()).or_insert(()).is_fresh()
    }
}
