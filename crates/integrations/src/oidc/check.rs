//! Looks whether a provider is one, before anybody signs in through it: its configuration and its keys, asked for anew.
//!
//! Who we are there, and our secret, are shown to it only when somebody comes back with a code: nothing of them is sent here.

use super::{OidcError, addresses::ask_for_addresses, keys::ask_for_keys, keys::is_usable};
use wharf_egress::Egress;

/// Asks `issuer` for what every sign-in needs of it; answers how many keys it signs with.
///
/// # Errors
/// When it cannot be reached, is another than it is called, or has no key that is believed.
pub async fn check_provider(egress: &Egress, issuer: &str) -> Result<usize, OidcError> {
    let addresses = ask_for_addresses(egress, issuer).await?;
    let keys = ask_for_keys(egress, &addresses.jwks_uri).await?;
    match keys.iter().filter(|key| is_usable(key)).count() {
        0 => Err(OidcError::Answer {
            what: "key list",
            reason: "it has no key that signs ID tokens".to_owned(),
        }),
        usable => Ok(usable),
    }
}
