//! The URL of a receiver: a secret from its first `/` on.

use super::error::TargetError;
use super::mask::Mask;
use crate::Secret;
use std::fmt;
use url::Url;

/// The longest URL that is taken. Chat products make theirs with some hundred characters; proxies refuse more than this.
const LONGEST: usize = 2048;

/// Ports on which something else than HTTP listens, and where a request could be taken for a command: the "bad ports" of
/// the Fetch standard (section 2.9, "Port blocking").
const FOREIGN_PORTS: [u16; 82] = [
    1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102,
    103, 104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465,
    512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993,
    995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668,
    6669, 6679, 6697, 10080,
];

/// Where a webhook or a message goes. Debug shows scheme and host alone.
#[derive(Clone, PartialEq, Eq)]
pub struct TargetUrl(Url);

impl TargetUrl {
    /// Reads an http or https URL.
    ///
    /// # Errors
    /// [`TargetError::Url`] for another scheme, a name or password, a fragment, spaces and control characters, a port of
    /// another protocol, and more than 2,048 bytes. Whether the host may be dialed is not asked here.
    pub fn parse(secret: &Secret) -> Result<TargetUrl, TargetError> {
        let refuse = |reason| TargetError::Url { reason };
        let text = secret.expose();
        if text.len() > LONGEST {
            return Err(refuse("it is too long"));
        }
        // The parser would leave some of these out silently.
        if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(refuse("it has spaces or control characters"));
        }
        let url = Url::parse(text).map_err(|_| refuse("it is not an http or https URL"))?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
            return Err(refuse("it is not an http or https URL"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refuse("it has a user name or password in it"));
        }
        if url.fragment().is_some() {
            return Err(refuse("it has a part behind #, which is never sent"));
        }
        match url.port_or_known_default() {
            None | Some(0) => Err(refuse("it has no port")),
            Some(port) if FOREIGN_PORTS.contains(&port) => {
                Err(refuse("its port belongs to another protocol than HTTP"))
            }
            Some(_) => Ok(TargetUrl(url)),
        }
    }

    /// `host`, with its port unless that is the scheme's own: what is shown, and what deliveries share a lane by.
    pub fn host(&self) -> String {
        let host = self.0.host_str().unwrap_or_default();
        match self.0.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        }
    }

    /// The bare host and the port, for who asks whether it may be dialed.
    pub fn endpoint(&self) -> (String, u16) {
        (
            self.0.host_str().unwrap_or_default().to_owned(),
            self.0.port_or_known_default().unwrap_or_default(),
        )
    }

    /// Whether it is spoken to without TLS.
    pub fn is_plain(&self) -> bool {
        self.0.scheme() == "http"
    }

    /// Whether a secret that was given for the other may be kept for this one: scheme, host and port are the same.
    pub fn has_same_origin(&self, other: &TargetUrl) -> bool {
        self.0.origin() == other.0.origin()
    }

    /// `https://host/…`.
    pub fn masked(&self) -> String {
        let rest = match (self.0.path(), self.0.query()) {
            ("" | "/", None) => "/",
            _ => "/…",
        };
        format!("{}://{}{rest}", self.0.scheme(), self.host())
    }

    /// The URL itself, for the one place that sends.
    pub(super) fn expose(&self) -> &Url {
        &self.0
    }

    /// The same with more in its query.
    pub(super) fn with_query(&self, pairs: &[(&str, &str)]) -> TargetUrl {
        let mut url = self.0.clone();
        url.query_pairs_mut().extend_pairs(pairs);
        TargetUrl(url)
    }

    /// Hides path and query, whole and in parts.
    pub(super) fn add_to(&self, mask: &mut Mask) {
        mask.add(self.0.path().trim_matches('/'));
        for segment in self.0.path_segments().into_iter().flatten() {
            if !COMMON_SEGMENTS.contains(&segment) {
                mask.add(segment);
            }
        }
        mask.add(self.0.query().unwrap_or_default());
        for (_, value) in self.0.query_pairs() {
            mask.add(&value);
        }
    }
}

/// Segments that say what an interface is called. Hiding them would make answers unreadable and hide nothing.
const COMMON_SEGMENTS: [&str; 16] = [
    "cgi-bin",
    "dockerhub",
    "events",
    "generic",
    "harbor",
    "incoming",
    "message",
    "messages",
    "open-apis",
    "receiver",
    "services",
    "trigger",
    "triggers",
    "webhook",
    "webhooks",
    "workflows",
];

impl fmt::Debug for TargetUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<TargetUrl, TargetError> {
        TargetUrl::parse(&Secret::new(text))
    }

    #[test]
    fn a_url_shows_its_host_and_nothing_behind_it() {
        for (text, host, masked) in [
            (
                "https://Chat.Example/hooks/s3cret?key=v4lue",
                "chat.example",
                "https://chat.example/…",
            ),
            (
                "http://10.0.0.5:8080/x",
                "10.0.0.5:8080",
                "http://10.0.0.5:8080/…",
            ),
            ("https://a.example:443", "a.example", "https://a.example/"),
            ("https://a.example/?k=1", "a.example", "https://a.example/…"),
            (
                "https://[fd12::1]:8443/x",
                "[fd12::1]:8443",
                "https://[fd12::1]:8443/…",
            ),
        ] {
            let url = parse(text).expect(text);
            assert_eq!(url.host(), host);
            assert_eq!(url.masked(), masked);
            assert_eq!(format!("{url:?}"), masked);
        }
    }

    #[test]
    fn what_is_no_plain_http_url_is_refused() {
        for text in [
            "",
            "chat.example/hook",
            "file:///etc/passwd",
            "gopher://a.example/",
            "ftp://a.example/",
            "https://",
            "https://me@a.example/",
            "https://me:pw@a.example/",
            "https://a.example/#part",
            "https://a.example/\r\nX: y",
            "https://a.example/a b",
            " https://a.example/",
            "http://a.example:22/",
            "http://a.example:25/",
            "https://a.example:6667/",
            "http://a.example:0/",
            &format!("https://a.example/{}", "a".repeat(LONGEST)),
        ] {
            assert!(
                matches!(parse(text), Err(TargetError::Url { .. })),
                "{text:?}"
            );
        }
    }

    #[test]
    fn a_secret_stays_with_scheme_host_and_port() {
        let one = parse("https://a.example/x").expect("a URL");
        for (other, same) in [
            ("https://A.example:443/y", true),
            ("http://a.example/x", false),
            ("https://a.example:8443/x", false),
            ("https://b.example/x", false),
        ] {
            assert_eq!(
                one.has_same_origin(&parse(other).expect(other)),
                same,
                "{other}"
            );
        }
    }
}
