//! Who the client is when proxies stand between: `X-Forwarded-*` and RFC 7239 `Forwarded`.
//!
//! Anybody can write these headers, so they count only as far as the proxies that the operator
//! named vouch for them: reading from the right, every hop that a trusted proxy appended.

use std::net::{IpAddr, SocketAddr};

use http::HeaderMap;
use http::header::{FORWARDED, HeaderName};
use http::uri::{Authority, Scheme};
use ipnet::IpNet;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// The client as far as it is known for certain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientAddress {
    /// The nearest address that no trusted proxy has; IPv4 is never written as mapped IPv6.
    pub ip: IpAddr,
    /// The scheme the client used, as a trusted proxy reports it: `http` or `https`.
    pub scheme: Option<Scheme>,
    /// The host the client asked for, as a trusted proxy reports it.
    pub host: Option<Authority>,
}

/// Finds the client behind `peer`, the other end of the socket.
///
/// Without a trusted proxy at that end every forwarding header is ignored. Where both kinds of
/// header are present, `Forwarded` is ignored: proxies that write `X-Forwarded-*` usually let the
/// other through from the client. A proxy must therefore overwrite or remove the kind it does not
/// maintain. A hop that is not an address (`unknown`, RFC 7239 §6.3) ends the search at the proxy
/// that reported it.
pub fn client_address(
    peer: SocketAddr,
    headers: &HeaderMap,
    trusted_proxies: &[IpNet],
) -> ClientAddress {
    let is_trusted = |ip: IpAddr| trusted_proxies.iter().any(|net| net.contains(&ip));
    let mut ip = peer.ip().to_canonical();
    if !is_trusted(ip) {
        return ClientAddress {
            ip,
            scheme: None,
            host: None,
        };
    }
    let reported = Reported::read(headers);
    let mut hop = reported.addresses.len();
    while hop > 0 && is_trusted(ip) {
        match parse_address(reported.addresses[hop - 1]) {
            Some(further) => ip = further,
            None => break,
        }
        hop -= 1;
    }
    let hops = reported.addresses.len();
    ClientAddress {
        ip,
        scheme: select_for_hop(&reported.schemes, hop, hops).and_then(parse_scheme),
        host: select_for_hop(&reported.hosts, hop, hops).and_then(parse_host),
    }
}

/// The three lists that proxies append to, leftmost first.
#[derive(Default)]
struct Reported<'a> {
    addresses: Vec<&'a str>,
    schemes: Vec<&'a str>,
    hosts: Vec<&'a str>,
}

impl<'a> Reported<'a> {
    fn read(headers: &'a HeaderMap) -> Self {
        let list = |name| split_lists(headers, name, ',').collect::<Vec<_>>();
        let reported = Self {
            addresses: list(X_FORWARDED_FOR),
            schemes: list(X_FORWARDED_PROTO),
            hosts: list(X_FORWARDED_HOST),
        };
        if reported.addresses.is_empty() && reported.schemes.is_empty() && reported.hosts.is_empty()
        {
            return Self::read_standard(headers);
        }
        reported
    }

    /// One element of `Forwarded` reports all three about the same hop, so the lists stay aligned:
    /// what an element leaves out is an empty entry.
    fn read_standard(headers: &'a HeaderMap) -> Self {
        let mut reported = Self::default();
        for element in split_lists(headers, FORWARDED, ',') {
            let parameter = |wanted: &str| {
                split_unquoted(element, ';')
                    .filter_map(|pair| pair.split_once('='))
                    .find(|(name, _)| name.trim().eq_ignore_ascii_case(wanted))
                    .map_or("", |(_, value)| value.trim().trim_matches('"'))
            };
            reported.addresses.push(parameter("for"));
            reported.schemes.push(parameter("proto"));
            reported.hosts.push(parameter("host"));
        }
        reported
    }
}

/// The entry about the hop at index `hop` if the list has one per hop, else the nearest proxy's.
fn select_for_hop<'a>(list: &[&'a str], hop: usize, hops: usize) -> Option<&'a str> {
    if list.len() == hops {
        list.get(hop.min(hops.saturating_sub(1)))
    } else {
        list.last()
    }
    .copied()
}

/// All values of a header as one list (RFC 9110 §5.3). A value that is not text counts as one
/// entry that means nothing, so that it cannot shift the others.
fn split_lists(headers: &HeaderMap, name: HeaderName, at: char) -> impl Iterator<Item = &str> {
    headers
        .get_all(name)
        .into_iter()
        .flat_map(move |value| split_unquoted(value.to_str().unwrap_or_default(), at))
}

/// Splits outside double quotes and trims the parts.
fn split_unquoted(text: &str, at: char) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    text.split(move |c: char| {
        let was_escaped = std::mem::take(&mut escaped);
        match c {
            '\\' if quoted && !was_escaped => escaped = true,
            '"' if !was_escaped => quoted = !quoted,
            _ => return c == at && !quoted,
        }
        false
    })
    .map(str::trim)
}

/// `1.2.3.4`, `1.2.3.4:80`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:80`.
fn parse_address(text: &str) -> Option<IpAddr> {
    let bare = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(text);
    bare.parse::<IpAddr>()
        .or_else(|_| text.parse::<SocketAddr>().map(|socket| socket.ip()))
        .ok()
        .map(|ip| ip.to_canonical())
}

fn parse_scheme(text: &str) -> Option<Scheme> {
    [Scheme::HTTPS, Scheme::HTTP]
        .into_iter()
        .find(|scheme| text.eq_ignore_ascii_case(scheme.as_str()))
}

/// A host and perhaps a port; an address with user information is nobody's `Host` (RFC 9110 §7.2).
fn parse_host(text: &str) -> Option<Authority> {
    text.parse::<Authority>()
        .ok()
        .filter(|authority| !authority.as_str().contains('@'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROXY: &str = "10.0.0.1:999";

    fn find(peer: &str, headers: &[(&'static str, &str)]) -> (String, String, String) {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().expect("header value"));
        }
        let trusted = ["10.0.0.0/8", "fd00::/8"].map(|net| net.parse().expect("network"));
        let found = client_address(peer.parse().expect("peer"), &map, &trusted);
        let text = |part: Option<String>| part.unwrap_or_default();
        (
            found.ip.to_string(),
            text(found.scheme.map(|scheme| scheme.to_string())),
            text(found.host.map(|host| host.to_string())),
        )
    }

    fn expect(found: (String, String, String), ip: &str, scheme: &str, host: &str) {
        assert_eq!(found, (ip.to_owned(), scheme.to_owned(), host.to_owned()));
    }

    #[test]
    fn headers_of_a_stranger_are_ignored() {
        let headers = [
            ("x-forwarded-for", "1.1.1.1"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "evil"),
            ("forwarded", "for=1.1.1.1;proto=https;host=evil"),
        ];
        expect(find("203.0.113.9:1", &headers), "203.0.113.9", "", "");
        expect(
            find("[::ffff:203.0.113.9]:1", &headers),
            "203.0.113.9",
            "",
            "",
        );
    }

    #[test]
    fn the_rightmost_untrusted_hop_wins_over_forged_ones() {
        let forged = [
            ("x-forwarded-for", "1.1.1.1, 203.0.113.9"),
            ("x-forwarded-for", "10.0.0.2"),
        ];
        expect(find(PROXY, &forged), "203.0.113.9", "", "");
        expect(find("[::ffff:10.0.0.1]:1", &forged), "203.0.113.9", "", "");
        expect(
            find(PROXY, &[("x-forwarded-for", "10.0.0.3,10.0.0.2")]),
            "10.0.0.3",
            "",
            "",
        );
        expect(find(PROXY, &[]), "10.0.0.1", "", "");
    }

    #[test]
    fn an_obscure_hop_ends_the_search_at_the_proxy_that_reported_it() {
        for obscure in ["unknown", "_secret", "", "1.2.3", "1.1.1.1 x"] {
            let value = format!("8.8.8.8, {obscure}");
            expect(
                find(PROXY, &[("x-forwarded-for", &value)]),
                "10.0.0.1",
                "",
                "",
            );
            let value = format!("8.8.8.8, {obscure}, 10.0.0.7");
            expect(
                find(PROXY, &[("x-forwarded-for", &value)]),
                "10.0.0.7",
                "",
                "",
            );
        }
    }

    #[test]
    fn scheme_and_host_are_those_of_the_hop_found() {
        let aligned = [
            ("x-forwarded-for", "1.1.1.1, 203.0.113.9, 10.0.0.2"),
            ("x-forwarded-proto", "http, https, http"),
            ("x-forwarded-host", "forged, hub.example:5000, inner"),
        ];
        expect(
            find(PROXY, &aligned),
            "203.0.113.9",
            "https",
            "hub.example:5000",
        );
        let single = [
            ("x-forwarded-for", "203.0.113.9, 10.0.0.2"),
            ("x-forwarded-proto", "HTTPS"),
            ("x-forwarded-host", "forged, hub.example, inner"),
        ];
        expect(find(PROXY, &single), "203.0.113.9", "https", "inner");
        let only = [
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "hub.example"),
        ];
        expect(find(PROXY, &only), "10.0.0.1", "https", "hub.example");
    }

    #[test]
    fn nonsense_is_no_scheme_and_no_host() {
        for (scheme, host) in [
            ("ftp", "a b"),
            ("https://x", "user@host"),
            ("", "a/b"),
            ("javascript", ""),
        ] {
            let headers = [("x-forwarded-proto", scheme), ("x-forwarded-host", host)];
            expect(find(PROXY, &headers), "10.0.0.1", "", "");
        }
    }

    #[test]
    fn the_standard_header_is_read_like_the_older_ones() {
        let headers = [
            (
                "forwarded",
                "for=1.1.1.1;host=forged, For=\"[2001:db8::1]:4711\";PROTO=https;host=\"hub.example:5000\"",
            ),
            ("forwarded", "for=\"[fd00::2]\";by=10.0.0.1;proto=http"),
        ];
        expect(
            find(PROXY, &headers),
            "2001:db8::1",
            "https",
            "hub.example:5000",
        );
        expect(
            find(PROXY, &[("forwarded", "for=\"a,b;c\\\"\", for=unknown")]),
            "10.0.0.1",
            "",
            "",
        );
    }

    #[test]
    fn the_older_headers_silence_the_standard_one() {
        let headers = [
            ("forwarded", "for=1.1.1.1;host=forged"),
            ("x-forwarded-for", "203.0.113.9"),
        ];
        expect(find(PROXY, &headers), "203.0.113.9", "", "");
    }
}
