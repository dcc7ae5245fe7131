//! What is known of a request before anybody looks at what it asks for.

use crate::net::{ClientAddress, ConnectionInfo, client_address};
use http::{HeaderMap, Uri, header::HOST};
use ipnet::IpNet;
use std::net::IpAddr;
use wharf_model::RequestId;

/// One request, as handlers, logs and answers name it.
#[derive(Debug, Clone)]
pub struct RequestInfo {
    /// Its id, also in the answer's `X-Request-Id`.
    pub id: RequestId,
    /// The client behind trusted proxies.
    pub address: IpAddr,
    /// The authority that the client asked for, as `host` or `host:port`; `None` when it is no such thing.
    pub host: Option<String>,
    /// Whether the client speaks TLS, to us or to a trusted proxy.
    pub secure: bool,
}

impl RequestInfo {
    /// Reads it off the connection and the headers; forwarded ones count only from `trusted_proxies`.
    pub fn read(
        connection: &ConnectionInfo,
        uri: &Uri,
        headers: &HeaderMap,
        trusted_proxies: &[IpNet],
    ) -> Self {
        let ClientAddress { ip, scheme, host } =
            client_address(connection.peer, headers, trusted_proxies);
        let host = match host {
            Some(host) => Some(host.to_string()),
            None => headers
                .get(HOST)
                .and_then(|value| value.to_str().ok())
                .or_else(|| uri.authority().map(http::uri::Authority::as_str))
                .map(str::to_owned),
        };
        Self {
            id: RequestId::new(),
            address: ip,
            host: host.filter(|host| is_plain_authority(host)),
            secure: scheme.map_or(connection.tls, |scheme| scheme == http::uri::Scheme::HTTPS),
        }
    }

    /// Whether a secret may travel on this request: over TLS, or without leaving this machine.
    pub fn is_private(&self) -> bool {
        self.secure || self.address.is_loopback()
    }
}

/// Only what can stand in a quoted header parameter and in a URL.
fn is_plain_authority(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 255
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::SocketAddr;

    fn read(host: &str, forwarded: &[(&'static str, &str)], trusted: &[IpNet]) -> RequestInfo {
        let peer: SocketAddr = "10.1.2.3:9999".parse().unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(HOST, host.parse().unwrap());
        for (name, value) in forwarded {
            headers.insert(*name, value.parse().unwrap());
        }
        RequestInfo::read(
            &ConnectionInfo::detached(peer),
            &"/v2/".parse().unwrap(),
            &headers,
            trusted,
        )
    }

    #[test]
    fn a_host_that_could_break_out_of_a_header_is_no_host() {
        assert_eq!(
            read("hub.example:5000", &[], &[]).host.as_deref(),
            Some("hub.example:5000")
        );
        assert_eq!(read("a\",error=\"x", &[], &[]).host, None);
    }

    #[test]
    fn only_a_trusted_proxy_makes_a_request_secure() {
        let told = [
            ("x-forwarded-proto", "https"),
            ("x-forwarded-for", "192.0.2.7"),
        ];
        assert!(!read("h", &told, &[]).secure);
        let behind = read("h", &told, &["10.0.0.0/8".parse().unwrap()]);
        assert!(behind.secure && behind.is_private());
        assert_eq!(behind.address.to_string(), "192.0.2.7");
    }
}
