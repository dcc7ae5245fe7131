//! The address of a server as people write it, and the URL it means.

use std::net::IpAddr;

use url::{Host, Url};

/// A server: its origin, and its name as docker's `config.json` and image names have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ServerAddress {
    url: Url,
    host: String,
}

impl ServerAddress {
    /// Reads `HOST`, `HOST:PORT`, `http://…` or `https://…`; `None` when it is none of these.
    ///
    /// Without a scheme it is https, except for this machine itself, where docker clients speak http too.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (scheme, host) = match text.split_once("://") {
            Some((scheme @ ("http" | "https"), host)) => (Some(scheme), host),
            Some(_) => return None,
            None => (None, text),
        };
        let host = host.strip_suffix('/').unwrap_or(host);
        if host.is_empty() || host.contains(['/', '@', '?', '#', ' ']) {
            return None;
        }
        let guess = Url::parse(&format!("{}://{host}", scheme.unwrap_or("https"))).ok()?;
        let url = if scheme.is_none() && is_loopback(&guess) {
            Url::parse(&format!("http://{host}")).ok()?
        } else {
            guess
        };
        Some(ServerAddress {
            url,
            host: host.to_owned(),
        })
    }

    /// The origin: scheme, host, port.
    pub(crate) fn url(&self) -> &Url {
        &self.url
    }

    /// `host[:port]` as it was written: the key of docker's `config.json`.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    pub(crate) fn is_loopback(&self) -> bool {
        is_loopback(&self.url)
    }

    /// The text that [`ServerAddress::parse`] reads back to the same address.
    pub(crate) fn as_written(&self) -> String {
        format!("{}://{}", self.url.scheme(), self.host)
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scheme_is_https_unless_it_is_written_or_the_host_is_this_machine() {
        for (text, url, host) in [
            (
                "registry.example",
                "https://registry.example/",
                "registry.example",
            ),
            (
                "registry.example:8443",
                "https://registry.example:8443/",
                "registry.example:8443",
            ),
            (
                "http://10.0.0.5:5000/",
                "http://10.0.0.5:5000/",
                "10.0.0.5:5000",
            ),
            (
                "https://localhost:5000",
                "https://localhost:5000/",
                "localhost:5000",
            ),
            ("localhost:5000", "http://localhost:5000/", "localhost:5000"),
            ("127.0.0.1:80", "http://127.0.0.1/", "127.0.0.1:80"),
            ("[::1]:5000", "http://[::1]:5000/", "[::1]:5000"),
        ] {
            let address = ServerAddress::parse(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(address.url().as_str(), url);
            assert_eq!(address.host(), host);
            assert_eq!(ServerAddress::parse(&address.as_written()), Some(address));
        }
    }

    #[test]
    fn anything_more_than_an_origin_is_refused() {
        for text in ["", "ftp://a", "a/b", "user@a", "http://", "a b", "a:99999"] {
            assert_eq!(ServerAddress::parse(text), None, "{text}");
        }
    }
}
