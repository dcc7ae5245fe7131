//! The name of a registry: the part of an image name before the first slash.

use std::fmt;
use std::net::Ipv6Addr;
use std::str::FromStr;
use std::sync::Arc;

use crate::ClientError;

/// `host` or `host:port` in lower case, as it stands in image names, in `[registries."…"]` and in docker's
/// `config.json`; cloning it copies a pointer.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RegistryHost(Arc<str>);

/// The registry of image names that name none.
const DOCKER_HUB: &str = "docker.io";

/// Where Docker Hub speaks the protocol.
const DOCKER_HUB_SERVER: &str = "registry-1.docker.io";

impl RegistryHost {
    pub fn docker_hub() -> RegistryHost {
        RegistryHost(Arc::from(DOCKER_HUB))
    }

    pub fn is_docker_hub(&self) -> bool {
        &*self.0 == DOCKER_HUB
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The `host[:port]` that is dialed for this registry.
    pub(crate) fn server(&self) -> &str {
        match self.is_docker_hub() {
            true => DOCKER_HUB_SERVER,
            false => &self.0,
        }
    }

    /// Whether it is this machine: docker speaks plain http there when https does not answer.
    pub(crate) fn is_this_machine(&self) -> bool {
        let (name, _) = split_port(&self.0);
        let name = name.trim_matches(['[', ']']);
        name == "localhost"
            || name.ends_with(".localhost")
            || name
                .parse::<std::net::IpAddr>()
                .is_ok_and(|ip| ip.is_loopback())
    }
}

impl FromStr for RegistryHost {
    type Err = ClientError;

    /// # Errors
    /// [`ClientError::Host`] for anything but a name or address with an optional port.
    fn from_str(text: &str) -> Result<RegistryHost, ClientError> {
        let lower = text.trim().to_ascii_lowercase();
        let (name, port) = split_port(&lower);
        let has_port = port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port != 0));
        let is_name = |name: &str| {
            !name.is_empty()
                && name.len() <= 253
                && name.split('.').all(|label| {
                    !label.is_empty()
                        && !label.starts_with('-')
                        && !label.ends_with('-')
                        && label
                            .bytes()
                            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
                })
        };
        let is_v6 = |name: &str| {
            name.strip_prefix('[')
                .and_then(|rest| rest.strip_suffix(']'))
                .is_some_and(|inner| inner.parse::<Ipv6Addr>().is_ok())
        };
        if !has_port || !(is_name(name) || is_v6(name)) {
            return Err(ClientError::Host {
                text: text.to_owned(),
            });
        }
        Ok(match lower.as_str() {
            // Other names of the same registry, which older tools wrote down.
            "index.docker.io" | DOCKER_HUB_SERVER => RegistryHost::docker_hub(),
            _ => RegistryHost(Arc::from(lower)),
        })
    }
}

/// The name and, behind the last colon that is not inside brackets, the port.
fn split_port(text: &str) -> (&str, Option<&str>) {
    match text.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => (name, Some(port)),
        _ => (text, None),
    }
}

impl fmt::Display for RegistryHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for RegistryHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_read_in_lower_case_and_docker_hub_has_one_name() {
        for (text, host, server) in [
            ("Reg.Example", "reg.example", "reg.example"),
            ("reg.example:5000", "reg.example:5000", "reg.example:5000"),
            ("10.0.0.5:5000", "10.0.0.5:5000", "10.0.0.5:5000"),
            ("[::1]:5000", "[::1]:5000", "[::1]:5000"),
            ("[fd12::1]", "[fd12::1]", "[fd12::1]"),
            ("docker.io", "docker.io", "registry-1.docker.io"),
            ("index.docker.io", "docker.io", "registry-1.docker.io"),
            ("registry-1.docker.io", "docker.io", "registry-1.docker.io"),
        ] {
            let parsed: RegistryHost = text.parse().expect(text);
            assert_eq!((parsed.as_str(), parsed.server()), (host, server));
        }
        for text in [
            "", "a/b", "a b", "-a", "a..b", "a:0", "a:99999", "a:b", "u@a", "[zz]", "http://a",
        ] {
            assert!(text.parse::<RegistryHost>().is_err(), "{text}");
        }
    }

    #[test]
    fn this_machine_is_known_by_its_names_and_addresses() {
        for (text, expected) in [
            ("localhost", true),
            ("localhost:5000", true),
            ("reg.localhost:5000", true),
            ("127.0.0.1:80", true),
            ("127.8.9.1", true),
            ("[::1]:5000", true),
            ("10.0.0.1", false),
            ("localhost.example", false),
        ] {
            let host: RegistryHost = text.parse().expect(text);
            assert_eq!(host.is_this_machine(), expected, "{text}");
        }
    }
}
