//! The proxies that steps are told about.
//!
//! Docker's client gives a build those of its own `config.json`; here the environment's come after them, because the
//! steps run on this very machine. Neither is part of a cache key or of the image (predefined arguments).

use std::collections::BTreeMap;

use serde::Deserialize;
use url::Url;

use crate::config::Environment;

const NAMES: [&str; 5] = [
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "FTP_PROXY",
    "ALL_PROXY",
];

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ConfigFile {
    proxies: BTreeMap<String, ProxyEntry>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ProxyEntry {
    http_proxy: String,
    https_proxy: String,
    no_proxy: String,
    ftp_proxy: String,
    all_proxy: String,
}

/// The default proxies in docker's `config.json`, by the names of their variables. A file of another form has none: it is
/// docker's, and whoever needs a login from it is told what is wrong.
pub(in crate::commands::build) fn read_proxy_config(json: &str) -> BTreeMap<String, String> {
    let mut file: ConfigFile = serde_json::from_str(json).unwrap_or_default();
    let entry = file.proxies.remove("default").unwrap_or_default();
    let values = [
        entry.http_proxy,
        entry.https_proxy,
        entry.no_proxy,
        entry.ftp_proxy,
        entry.all_proxy,
    ];
    NAMES
        .iter()
        .zip(values)
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| ((*name).to_owned(), value))
        .collect()
}

/// Build arguments with the proxies, each in both spellings; arguments that were given win, in whichever spelling.
///
/// A proxy of the environment that listens on this machine alone is of no use to steps with a network of their own
/// (`shares_network` is false) and left out.
pub(in crate::commands::build) fn collect_proxies(
    given: &BTreeMap<String, String>,
    config: &BTreeMap<String, String>,
    environment: &Environment,
    shares_network: bool,
) -> BTreeMap<String, String> {
    let mut proxies = BTreeMap::new();
    for name in NAMES {
        let lower = name.to_ascii_lowercase();
        if given.keys().any(|own| own.eq_ignore_ascii_case(name)) {
            continue;
        }
        let own = [name, &lower]
            .into_iter()
            .filter_map(|name| environment.get(name))
            .find(|value| !value.is_empty())
            .filter(|value| shares_network || !is_on_this_machine(value));
        if let Some(value) = config.get(name).or(own) {
            proxies.insert(name.to_owned(), value.clone());
            proxies.insert(lower, value.clone());
        }
    }
    // A list of exceptions alone excepts nothing.
    if !proxies
        .keys()
        .any(|name| name != "NO_PROXY" && name != "no_proxy")
    {
        proxies.clear();
    }
    proxies
}

fn is_on_this_machine(proxy: &str) -> bool {
    let whole = match proxy.contains("://") {
        true => proxy.to_owned(),
        false => format!("http://{proxy}"),
    };
    let Ok(url) = Url::parse(&whole) else {
        return false;
    };
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn dockers_file_has_default_proxies() {
        let json =
            r#"{"auths": {}, "proxies": {"default": {"httpProxy": "http://p:1", "noProxy": "a"}}}"#;
        assert_eq!(
            read_proxy_config(json),
            map(&[("HTTP_PROXY", "http://p:1"), ("NO_PROXY", "a")])
        );
        for other in [
            "",
            "{}",
            "[1]",
            "no json",
            r#"{"proxies": {"tcp://x": {}}}"#,
        ] {
            assert!(read_proxy_config(other).is_empty(), "{other}");
        }
    }

    #[test]
    fn the_file_comes_before_the_environment_and_arguments_before_both() {
        let environment = map(&[
            ("http_proxy", "http://env:1"),
            ("HTTPS_PROXY", "http://env:2"),
        ]);
        let config = map(&[("HTTP_PROXY", "http://file:1")]);
        let found = collect_proxies(&BTreeMap::new(), &config, &environment, false);
        assert_eq!(
            found,
            map(&[
                ("HTTP_PROXY", "http://file:1"),
                ("http_proxy", "http://file:1"),
                ("HTTPS_PROXY", "http://env:2"),
                ("https_proxy", "http://env:2"),
            ])
        );
        let given = map(&[("http_proxy", ""), ("HTTPS_PROXY", "x")]);
        assert!(collect_proxies(&given, &config, &environment, false).is_empty());
    }

    #[test]
    fn a_proxy_on_this_machine_is_out_of_reach_of_isolated_steps() {
        for proxy in ["http://127.0.0.1:3128", "localhost:3128", "http://[::1]:1"] {
            let environment = map(&[("HTTP_PROXY", proxy), ("NO_PROXY", "a")]);
            let collect =
                |shares| collect_proxies(&BTreeMap::new(), &BTreeMap::new(), &environment, shares);
            assert!(collect(false).is_empty(), "{proxy}");
            assert_eq!(collect(true).len(), 4, "{proxy}");
        }
    }
}
