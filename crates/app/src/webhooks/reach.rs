//! Whether a code host can reach us. Pure.

use std::net::IpAddr;
use url::{Host, Url};
use wharf_egress::AddressClass;
use wharf_model::{SourceAddress, SourceKind, WebhookId};

/// Why a host cannot deliver to us, as a word of the catalogue (`webhook.…`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unreachable {
    /// `[server] public_url` is not set.
    NoPublicUrl,
    /// It names this machine, or a private network, and the host is somewhere else.
    PrivateUrl,
}

impl Unreachable {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::NoPublicUrl => "no_public_url",
            Self::PrivateUrl => "private_public_url",
        }
    }
}

/// Where the host shall deliver to, or why it cannot.
///
/// A private address of ours is good for a host that has a private address itself, and one of this machine for a host on
/// this machine.
pub(super) fn find_url(
    public_url: Option<&str>,
    kind: SourceKind,
    host: &SourceAddress,
    id: WebhookId,
) -> Result<Url, Unreachable> {
    let base = public_url.ok_or(Unreachable::NoPublicUrl)?;
    let url = Url::parse(&format!("{base}/hooks/{kind}/{id}"));
    let url = url.map_err(|_| Unreachable::NoPublicUrl)?;
    let ours = classify(url.host());
    let theirs = classify(host_of(host).as_ref().map(as_ref));
    match (ours, theirs) {
        (Place::Public, _) => Ok(url),
        (Place::Private, Place::Private | Place::Machine) => Ok(url),
        (Place::Machine, Place::Machine) => Ok(url),
        _ => Err(Unreachable::PrivateUrl),
    }
}

/// How far away a name or address can be understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// This machine only.
    Machine,
    /// A network of somebody's own.
    Private,
    /// Everywhere; a name is taken to be one of those.
    Public,
}

fn classify(host: Option<Host<&str>>) -> Place {
    match host {
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            let is_local = |name: &str| name == "localhost" || name.ends_with(".localhost");
            match name {
                _ if is_local(name) => Place::Machine,
                // A name without a dot, and RFC 6762's and RFC 8375's, mean something only inside.
                _ if !name.contains('.') => Place::Private,
                _ if [".local", ".lan", ".internal", ".home.arpa"]
                    .iter()
                    .any(|end| name.ends_with(end)) =>
                {
                    Place::Private
                }
                _ => Place::Public,
            }
        }
        Some(Host::Ipv4(address)) => classify_address(address.into()),
        Some(Host::Ipv6(address)) => classify_address(address.into()),
        None => Place::Machine,
    }
}

fn classify_address(address: IpAddr) -> Place {
    match AddressClass::of(address) {
        AddressClass::Public => Place::Public,
        AddressClass::Loopback | AddressClass::Unspecified => Place::Machine,
        _ => Place::Private,
    }
}

fn host_of(address: &SourceAddress) -> Option<Host> {
    Host::parse(address.host()).ok()
}

fn as_ref(host: &Host) -> Host<&str> {
    match host {
        Host::Domain(name) => Host::Domain(name),
        Host::Ipv4(address) => Host::Ipv4(*address),
        Host::Ipv6(address) => Host::Ipv6(*address),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_told_an_address_that_it_can_reach() {
        let id = WebhookId::new();
        for (ours, theirs, works) in [
            (Some("https://hub.example"), "https://github.com", true),
            (Some("https://hub.example"), "http://127.0.0.1:3000", true),
            (Some("http://127.0.0.1:5000"), "https://github.com", false),
            (Some("http://localhost:5000"), "http://git.lan", false),
            (Some("http://127.0.0.1:5000"), "http://127.0.0.1:3000", true),
            (Some("http://[::1]:5000"), "http://localhost:3000", true),
            (Some("http://10.0.0.5:5000"), "https://github.com", false),
            (Some("http://10.0.0.5:5000"), "http://10.0.0.6:3000", true),
            (Some("http://hub:5000"), "http://gitea:3000", true),
            (Some("http://hub.internal"), "https://gitlab.com", false),
            (None, "https://github.com", false),
        ] {
            let host = theirs.parse().unwrap();
            let found = find_url(ours, SourceKind::Github, &host, id);
            assert_eq!(found.is_ok(), works, "{ours:?} {theirs}");
            if let (Ok(url), Some(ours)) = (found, ours) {
                assert_eq!(url.as_str(), format!("{ours}/hooks/github/{id}"));
            }
        }
    }
}
