//! One entry of `[egress] allow`: an address, a network, or a host with its port.
//!
//! Pure. Called by whoever reads the configuration, and by [`Policy`](crate::Policy).

use crate::address::{AddressClass, unwrap_address};
use crate::error::EgressError;
use ipnet::IpNet;
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// A place that wharf itself may dial although it is private.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AllowEntry {
    /// An address (`10.0.0.5`) or a network (`10.0.0.0/8`), every port of it.
    Network(IpNet),
    /// One port of an address or a network, by whatever name it is asked for: what a packet filter can say.
    Port { network: IpNet, port: u16 },
    /// One port of a host, written as name or address (`git.internal:8443`, `[fd12::1]:443`).
    Endpoint { host: String, port: u16 },
}

impl AllowEntry {
    /// Whether this entry names the address itself, or the host and port it was found for.
    pub(crate) fn names(&self, host: &str, port: u16, address: IpAddr) -> bool {
        match self {
            AllowEntry::Network(network) => network.contains(&unwrap_address(address)),
            AllowEntry::Port { network, port: own } => {
                *own == port && network.contains(&unwrap_address(address))
            }
            AllowEntry::Endpoint { host: own, port: p } => *p == port && own == &fold_host(host),
        }
    }

    /// Whether this entry opens a denied address to whoever asks for `host` and `port`.
    ///
    /// Metadata services must be named by their very address: no operator who writes a whole network means to give
    /// away the machine's credentials. A name opens only what a name is used for inside a company: whoever controls
    /// its records would otherwise choose among link-local and multicast addresses too.
    pub(crate) fn opens(
        &self,
        host: &str,
        port: u16,
        address: IpAddr,
        class: AddressClass,
    ) -> bool {
        if !self.names(host, port, address) {
            return false;
        }
        let is_exact = match self {
            AllowEntry::Network(network) | AllowEntry::Port { network, .. } => {
                network.prefix_len() == network.max_prefix_len()
            }
            AllowEntry::Endpoint { host, .. } => read_address(host).is_some(),
        };
        match class {
            AddressClass::Metadata => is_exact,
            AddressClass::Public
            | AddressClass::Loopback
            | AddressClass::Private
            | AddressClass::Shared
            | AddressClass::UniqueLocal => true,
            AddressClass::LinkLocal
            | AddressClass::Multicast
            | AddressClass::Unspecified
            | AddressClass::Reserved => is_exact || !matches!(self, AllowEntry::Endpoint { .. }),
        }
    }
}

impl FromStr for AllowEntry {
    type Err = EgressError;

    /// # Errors
    /// [`EgressError::AllowEntry`] for a text of another form; a host without a port is one of them.
    fn from_str(text: &str) -> Result<AllowEntry, EgressError> {
        let refuse = |reason| EgressError::AllowEntry {
            text: text.to_owned(),
            reason,
        };
        let trimmed = text.trim();
        if let Ok(network) = trimmed.parse::<IpNet>() {
            return match network {
                IpNet::V6(v6) if unwrap_address(v6.addr().into()).is_ipv4() => {
                    Err(refuse("write the IPv4 network itself"))
                }
                _ => Ok(AllowEntry::Network(network.trunc())),
            };
        }
        if let Some(address) = read_address(trimmed) {
            return Ok(AllowEntry::Network(address.into()));
        }
        if trimmed.contains('/') {
            return Err(refuse("it is neither a network nor host:port"));
        }
        let (host, port) = trimmed
            .rsplit_once(':')
            .ok_or(refuse("a host needs its port: host:port"))?;
        let port = port
            .parse()
            .ok()
            .filter(|port| *port != 0)
            .ok_or(refuse("the port is a number from 1 to 65535"))?;
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        let host = fold_host(host);
        if host.is_empty() || !(host.chars().all(is_name) || read_address(&host).is_some()) {
            return Err(refuse("it is neither an address, a network nor host:port"));
        }
        Ok(AllowEntry::Endpoint { host, port })
    }
}

impl fmt::Display for AllowEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AllowEntry::Network(network) if network.prefix_len() == network.max_prefix_len() => {
                network.addr().fmt(f)
            }
            AllowEntry::Network(network) => network.fmt(f),
            AllowEntry::Port { network, port } => write!(f, "{network} port {port}"),
            AllowEntry::Endpoint { host, port } => f.write_str(&join_host_port(host, *port)),
        }
    }
}

/// A host as it is compared: lower case, without the dot of an absolute name and without brackets.
pub(crate) fn fold_host(host: &str) -> String {
    let bare = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(host);
    match read_address(bare) {
        Some(address) => address.to_string(),
        None => bare.strip_suffix('.').unwrap_or(bare).to_ascii_lowercase(),
    }
}

/// The address that a text is, with an embedded IPv4 address taken out.
pub(crate) fn read_address(text: &str) -> Option<IpAddr> {
    let bare = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(text);
    bare.parse().ok().map(unwrap_address)
}

/// `host:port`, with brackets around an IPv6 address.
pub(crate) fn join_host_port(host: &str, port: u16) -> String {
    if host.contains(':') && !host.starts_with('[') {
        format!("[{host}]:{port}")
    } else {
        format!("{host}:{port}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_networks_and_endpoints_are_read_and_written_back() {
        for (text, shown) in [
            ("10.0.0.5", "10.0.0.5"),
            (" 10.0.0.0/8 ", "10.0.0.0/8"),
            ("10.1.2.3/8", "10.0.0.0/8"),
            ("::ffff:10.0.0.5", "10.0.0.5"),
            ("fd12::/16", "fd12::/16"),
            ("fd12::1", "fd12::1"),
            ("Git.Internal:8443", "git.internal:8443"),
            ("git.internal.:443", "git.internal:443"),
            ("10.0.0.5:5000", "10.0.0.5:5000"),
            ("[fd12::1]:443", "[fd12::1]:443"),
        ] {
            let entry: AllowEntry = text.parse().expect(text);
            assert_eq!(entry.to_string(), shown);
            assert_eq!(shown.parse::<AllowEntry>().expect(shown), entry);
        }
    }

    #[test]
    fn anything_else_is_refused_with_a_reason() {
        for text in [
            "",
            "git.internal",
            "git:0",
            "git:99999",
            "a b:1",
            "http://a:1",
            "10.0.0.0/33",
            ":5000",
            "::ffff:10.0.0.0/104",
            "*:443",
            "user@a:1",
        ] {
            let error = text.parse::<AllowEntry>().expect_err(text);
            assert!(matches!(error, EgressError::AllowEntry { .. }), "{text}");
        }
    }
}
