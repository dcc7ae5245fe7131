//! Makes the client of one account.

use super::address::ForgeAddress;
use super::contract::Forge;
use super::error::{ForgeError, Result};
use super::gitea::Gitea;
use super::github::GitHub;
use super::gitlab::GitLab;
use super::kind::ForgeKind;
use crate::Secret;
use std::sync::Arc;
use wharf_egress::Egress;

/// An account on a code host.
#[derive(Debug, Clone)]
pub struct ForgeAccess {
    pub kind: ForgeKind,
    pub address: ForgeAddress,
    pub token: Secret,
    /// Authorities (PEM) that are believed for this account's host beside the system's.
    pub authorities: Option<String>,
}

/// A client for an account. Nothing is sent yet.
///
/// With authorities of its own it has connections of its own, so keep it while it is used.
///
/// # Errors
/// [`ForgeError::Credentials`] for a token that cannot be sent, [`ForgeError::Unreachable`] for authorities that are
/// none.
pub fn open_forge(egress: &Egress, access: ForgeAccess) -> Result<Arc<dyn Forge>> {
    let ForgeAccess {
        kind,
        address,
        token,
        authorities,
    } = access;
    let egress = trust(egress, kind, &address, authorities.as_deref())?;
    Ok(match kind {
        ForgeKind::GitHub => Arc::new(GitHub::new(address, egress, token)?),
        ForgeKind::GitLab => Arc::new(GitLab::new(address, egress, token)?),
        ForgeKind::Gitea => Arc::new(Gitea::new(address, egress, token)?),
    })
}

/// The way out to an address, with the authorities that were given for it.
fn trust(
    egress: &Egress,
    kind: ForgeKind,
    address: &ForgeAddress,
    authorities: Option<&str>,
) -> Result<Egress> {
    let Some(pem) = authorities else {
        return Ok(egress.clone());
    };
    let mut trusting = egress.clone();
    for url in [address.as_url(), &address.api_base(kind)] {
        let host = url.host_str().unwrap_or_default();
        let port = url.port_or_known_default().unwrap_or_default();
        trusting = trusting
            .with_authority(&format!("{host}:{port}"), pem.as_bytes())
            .map_err(|source| ForgeError::Unreachable {
                host: address.host(),
                source,
            })?;
    }
    Ok(trusting)
}
