//! Which requests go through a proxy: the meaning of `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY`.
//!
//! The values are passed in; the environment is never read here. Behind a proxy names are resolved and judged by the
//! proxy, which is the way out that the operator chose; addresses that are written out are still judged here.

use crate::allow::{fold_host, read_address};
use crate::error::EgressError;
use ipnet::IpNet;
use std::fmt;
use url::{Host, Url};

/// The proxies for each scheme and the hosts that are reached without one.
#[derive(Clone, Default)]
pub struct ProxySettings {
    http: Option<Url>,
    https: Option<Url>,
    direct: Vec<DirectRule>,
}

/// One entry of `NO_PROXY`.
#[derive(Debug, Clone, PartialEq, Eq)]
enum DirectRule {
    All,
    Network(IpNet),
    /// The name and, unless it was written with a leading dot, what lies below it too.
    Name {
        name: String,
        itself: bool,
        port: Option<u16>,
    },
}

impl ProxySettings {
    /// Reads the values of the three variables; an empty one counts as not set.
    ///
    /// # Errors
    /// [`EgressError::Proxy`] for anything but `[http://|https://][user:password@]host[:port]`.
    pub fn parse(
        http: Option<&str>,
        https: Option<&str>,
        no_proxy: Option<&str>,
    ) -> Result<ProxySettings, EgressError> {
        Ok(ProxySettings {
            http: parse_proxy("HTTP_PROXY", http)?,
            https: parse_proxy("HTTPS_PROXY", https)?,
            direct: no_proxy
                .unwrap_or_default()
                .split([',', ' '])
                .filter_map(parse_rule)
                .collect(),
        })
    }

    /// The proxy for a URL. This machine itself is never reached through one.
    pub(crate) fn find_proxy(&self, url: &Url) -> Option<&Url> {
        let proxy = match url.scheme() {
            "http" => self.http.as_ref(),
            _ => self.https.as_ref(),
        }?;
        let host = fold_host(url.host_str()?);
        let port = url.port_or_known_default()?;
        let is_direct =
            is_this_machine(url) || self.direct.iter().any(|rule| rule.matches(&host, port));
        (!is_direct).then_some(proxy)
    }
}

impl DirectRule {
    fn matches(&self, host: &str, port: u16) -> bool {
        match self {
            DirectRule::All => true,
            DirectRule::Network(network) => {
                read_address(host).is_some_and(|address| network.contains(&address))
            }
            DirectRule::Name {
                name,
                itself,
                port: own,
            } => {
                let is_below = || {
                    host.strip_suffix(name.as_str())
                        .is_some_and(|rest| rest.ends_with('.'))
                };
                own.is_none_or(|own| own == port) && ((*itself && host == name) || is_below())
            }
        }
    }
}

/// Shows hosts and no passwords.
impl fmt::Debug for ProxySettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let show = |url: &Option<Url>| url.as_ref().and_then(Url::host_str).map(str::to_owned);
        f.debug_struct("ProxySettings")
            .field("http", &show(&self.http))
            .field("https", &show(&self.https))
            .field("direct", &self.direct)
            .finish()
    }
}

/// Whether a URL names this machine: `localhost`, anything below it (RFC 6761 §6.3), or a loopback address.
pub(crate) fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => {
            let name = fold_host(name);
            name == "localhost" || name.ends_with(".localhost")
        }
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => {
            read_address(&address.to_string()).is_some_and(|address| address.is_loopback())
        }
        None => false,
    }
}

fn parse_proxy(variable: &'static str, value: Option<&str>) -> Result<Option<Url>, EgressError> {
    let Some(text) = value.map(str::trim).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let whole = if text.contains("://") {
        text.to_owned()
    } else {
        format!("http://{text}")
    };
    Url::parse(&whole)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
        .map(Some)
        .ok_or(EgressError::Proxy { variable })
}

fn parse_rule(text: &str) -> Option<DirectRule> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    if text == "*" {
        return Some(DirectRule::All);
    }
    if let Ok(network) = text.parse() {
        return Some(DirectRule::Network(network));
    }
    if let Some(address) = read_address(text) {
        return Some(DirectRule::Network(address.into()));
    }
    let (name, port) = match text.rsplit_once(':') {
        Some((name, port)) => (name, Some(port.parse().ok()?)),
        None => (text, None),
    };
    let below = name.strip_prefix("*.").or(name.strip_prefix('.'));
    Some(DirectRule::Name {
        name: fold_host(below.unwrap_or(name)),
        itself: below.is_none(),
        port,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(settings: &ProxySettings, url: &str) -> Option<String> {
        let url = Url::parse(url).expect("a URL");
        settings.find_proxy(&url).map(Url::to_string)
    }

    #[test]
    fn each_scheme_has_its_proxy_and_this_machine_has_none() {
        let settings = ProxySettings::parse(Some("one:3128"), Some("https://two:8443"), None)
            .expect("settings");
        assert_eq!(
            find(&settings, "http://a.example").as_deref(),
            Some("http://one:3128/")
        );
        assert_eq!(
            find(&settings, "https://a.example").as_deref(),
            Some("https://two:8443/")
        );
        for url in [
            "http://localhost",
            "https://x.localhost:5000",
            "http://127.0.0.2",
            "http://[::1]/",
        ] {
            assert_eq!(find(&settings, url), None, "{url}");
        }
        assert_eq!(find(&ProxySettings::default(), "http://a.example"), None);
    }

    #[test]
    fn no_proxy_names_hosts_domains_networks_and_ports() {
        let direct = "internal, .below.example *.star.example,10.0.0.0/8,192.168.1.5,port.example:8443,,fd12::1";
        let settings =
            ProxySettings::parse(Some("p:1"), Some("p:1"), Some(direct)).expect("settings");
        for (url, is_direct) in [
            ("https://internal", true),
            ("https://INTERNAL.", true),
            ("https://git.internal", true),
            ("https://notinternal", false),
            ("https://below.example", false),
            ("https://a.below.example", true),
            ("https://a.star.example", true),
            ("https://10.9.8.7", true),
            ("https://11.9.8.7", false),
            ("https://192.168.1.5:99", true),
            ("https://port.example:8443", true),
            ("https://port.example", false),
            ("https://[fd12::1]", true),
        ] {
            assert_eq!(find(&settings, url).is_none(), is_direct, "{url}");
        }
        let all = ProxySettings::parse(Some("p:1"), Some("p:1"), Some("*")).expect("settings");
        assert_eq!(find(&all, "https://a.example"), None);
    }

    #[test]
    fn what_is_no_http_proxy_is_refused_and_passwords_are_not_shown() {
        for text in ["socks5://a:1", "http://", "::"] {
            let error = ProxySettings::parse(None, Some(text), None).expect_err(text);
            assert_eq!(
                error.to_string(),
                "HTTPS_PROXY is not the URL of an http proxy"
            );
        }
        let settings =
            ProxySettings::parse(Some("http://me:hush@p:1"), None, None).expect("settings");
        assert!(!format!("{settings:?}").contains("hush"));
    }
}
