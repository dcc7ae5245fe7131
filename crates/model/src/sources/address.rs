//! Where a code host is: scheme, host, port and perhaps a path, written in one way only.

use std::{fmt, net::Ipv6Addr, str::FromStr, sync::Arc};

/// Longest address: a name of 253 characters, and a path that some proxies put before everything.
const MAX_LENGTH: usize = 512;

/// Why a text is no address of a code host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Not `https://`, `http://` or `ssh://`.
    #[error("an address begins with https://, http:// or ssh://")]
    Scheme,
    /// A user name or password before the host: they have fields of their own, and addresses are shown.
    #[error("an address holds no user name or password")]
    UserInfo,
    /// The host, the port or the path has not the right form.
    #[error("an address is a scheme, a host, perhaps a port and perhaps a path")]
    Form,
}

/// How a code host is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SourceScheme {
    /// TLS.
    Https,
    /// Without TLS; only to hosts that the operator names.
    Http,
    /// Secure shell; plain git only.
    Ssh,
}

impl SourceScheme {
    /// The scheme as URLs have it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Https => "https",
            Self::Http => "http",
            Self::Ssh => "ssh",
        }
    }

    const fn default_port(self) -> u16 {
        match self {
            Self::Https => 443,
            Self::Http => 80,
            Self::Ssh => 22,
        }
    }
}

/// `https://git.example:8443/path`: lower case up to the path, without the scheme's own port and without a slash at the
/// end, so that one host has one address. Cloning copies a pointer.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceAddress(Arc<str>);

impl SourceAddress {
    /// The address as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// How the host is reached.
    pub fn scheme(&self) -> SourceScheme {
        match self.0.as_bytes() {
            [b's', ..] => SourceScheme::Ssh,
            [_, _, _, _, b's', ..] => SourceScheme::Https,
            _ => SourceScheme::Http,
        }
    }

    /// Host and port as they are written, the port only where it is not the scheme's own.
    pub fn authority(&self) -> &str {
        let rest = self.0.split_once("://").map_or("", |(_, rest)| rest);
        rest.split_once('/')
            .map_or(rest, |(authority, _)| authority)
    }

    /// The name or address; an IPv6 address keeps its brackets.
    pub fn host(&self) -> &str {
        split_port(self.authority()).0
    }

    /// The port that is dialed.
    pub fn port(&self) -> u16 {
        let written = split_port(self.authority()).1;
        written
            .and_then(|port| port.parse().ok())
            .unwrap_or_else(|| self.scheme().default_port())
    }

    /// Whether it is the same server: scheme, host and port are what counts, whatever folder is named.
    pub fn is_same_server(&self, other: &Self) -> bool {
        (self.scheme(), self.authority()) == (other.scheme(), other.authority())
    }

    /// What stands after the host, with a slash before it; empty for most.
    pub fn path(&self) -> &str {
        let rest = self.0.split_once("://").map_or("", |(_, rest)| rest);
        rest.find('/').map_or("", |at| &rest[at..])
    }
}

impl FromStr for SourceAddress {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let text = text.trim();
        let (scheme, rest) = text.split_once("://").ok_or(AddressError::Scheme)?;
        let scheme = match scheme.to_ascii_lowercase().as_str() {
            "https" => SourceScheme::Https,
            "http" => SourceScheme::Http,
            "ssh" => SourceScheme::Ssh,
            _ => return Err(AddressError::Scheme),
        };
        let (authority, path) = match rest.find('/') {
            Some(at) => rest.split_at(at),
            None => (rest, ""),
        };
        if authority.contains('@') {
            return Err(AddressError::UserInfo);
        }
        let authority = authority.to_ascii_lowercase();
        let (host, port) = split_port(&authority);
        let port = match port {
            None => None,
            Some(text) => match text.parse::<u16>() {
                Ok(port) if port != 0 && text.bytes().all(|byte| byte.is_ascii_digit()) => {
                    Some(port)
                }
                _ => return Err(AddressError::Form),
            },
        };
        let path = path.trim_end_matches('/');
        if text.len() > MAX_LENGTH || !is_host(host) || !is_path(path) {
            return Err(AddressError::Form);
        }
        let port = port
            .filter(|port| *port != scheme.default_port())
            .map_or(String::new(), |port| format!(":{port}"));
        let whole = format!("{}://{host}{port}{path}", scheme.as_str());
        Ok(Self(whole.into()))
    }
}

/// The host and, behind the last colon that is not inside brackets, the port.
fn split_port(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (authority, None),
    }
}

fn is_host(host: &str) -> bool {
    if let Some(inner) = host.strip_prefix('[') {
        let inner = inner.strip_suffix(']');
        return inner.is_some_and(|inner| inner.parse::<Ipv6Addr>().is_ok());
    }
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    host.len() <= 253 && host.split('.').all(is_label)
}

/// Plain segments: nothing that a URL, a shell or git would read as something else.
fn is_path(path: &str) -> bool {
    let is_segment = |segment: &str| {
        !segment.is_empty()
            && !segment.starts_with(['-', '.'])
            && segment.bytes().all(|byte| {
                byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~')
            })
    };
    path.is_empty() || path[1..].split('/').all(is_segment)
}

impl fmt::Display for SourceAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for SourceAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", &self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_host_has_one_address() {
        for (text, address, host, port, path) in [
            (
                "https://github.com",
                "https://github.com",
                "github.com",
                443,
                "",
            ),
            (
                "HTTPS://GitHub.com:443/",
                "https://github.com",
                "github.com",
                443,
                "",
            ),
            (
                "http://git.lan:3000/",
                "http://git.lan:3000",
                "git.lan",
                3000,
                "",
            ),
            (
                "https://a.b/Code/x/",
                "https://a.b/Code/x",
                "a.b",
                443,
                "/Code/x",
            ),
            ("ssh://host:2222", "ssh://host:2222", "host", 2222, ""),
            (
                "ssh://[fd12::1]/srv/git",
                "ssh://[fd12::1]/srv/git",
                "[fd12::1]",
                22,
                "/srv/git",
            ),
        ] {
            let read: SourceAddress = text.parse().unwrap();
            assert_eq!(
                (read.as_str(), read.host(), read.port(), read.path()),
                (address, host, port, path)
            );
        }
    }

    #[test]
    fn what_is_no_plain_address_is_refused() {
        use AddressError::{Form, Scheme, UserInfo};
        for (text, error) in [
            ("github.com", Scheme),
            ("file:///srv", Scheme),
            ("ext::sh -c x", Scheme),
            ("git://host", Scheme),
            ("https:///host", Form),
            ("https://", Form),
            ("https://u:p@host", UserInfo),
            ("ssh://-oProxyCommand=x/", Form),
            ("ssh://git@-host", UserInfo),
            ("https://host:0", Form),
            ("https://host:+1", Form),
            ("https://host?x=1", Form),
            ("https://host/a?x", Form),
            ("https://host/../etc", Form),
            ("https://host/a//b", Form),
            ("https://host/-x", Form),
            ("https://ho st", Form),
            ("https://host\n/a", Form),
        ] {
            assert_eq!(text.parse::<SourceAddress>(), Err(error), "{text}");
        }
    }
}
