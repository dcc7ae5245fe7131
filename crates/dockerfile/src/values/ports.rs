//! What EXPOSE lists: ports and ranges with a protocol.

use crate::Problem;
use std::{fmt, net::IpAddr};

/// One word of EXPOSE.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExposeSpec {
    pub ports: PortRange,
    /// An address or host port was given too. It has no effect, and lint says so.
    pub has_host_part: bool,
}

/// Ports from `first` to `last`, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PortRange {
    pub first: u16,
    pub last: u16,
    pub protocol: Protocol,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    Tcp,
    Udp,
    Sctp,
}

impl ExposeSpec {
    /// `[[address:]host:]port[-port][/protocol]`.
    pub fn parse(text: &str) -> Result<ExposeSpec, Problem> {
        let refuse = |reason| Problem::Port {
            port: text.to_owned(),
            reason,
        };
        let (mapping, protocol) = match text.rsplit_once(':') {
            Some((mapping, container)) => (Some(mapping), container),
            None => (None, text),
        };
        let (container, protocol) = match protocol.split_once('/') {
            Some((container, name)) => (container, Protocol::parse(name)),
            None => (protocol, Some(Protocol::Tcp)),
        };
        if container.is_empty() {
            return Err(refuse("no port specified"));
        }
        let protocol = protocol.ok_or_else(|| refuse("the protocol is tcp, udp or sctp"))?;
        let (first, last) = parse_range(container).ok_or_else(|| refuse(NUMBERS))?;
        let mut has_host_part = false;
        if let Some(mapping) = mapping {
            let (address, host) = match mapping.rsplit_once(':') {
                Some((address, host)) => (address, host),
                None => ("", mapping),
            };
            check_address(address).ok_or_else(|| refuse("invalid IP address"))?;
            if !host.is_empty() {
                let (low, high) = parse_range(host).ok_or_else(|| refuse(NUMBERS))?;
                if high - low != last - first && last != first {
                    return Err(refuse("the ranges of host and container differ in length"));
                }
            }
            has_host_part = !address.is_empty() || !host.is_empty();
        }
        Ok(ExposeSpec {
            ports: PortRange {
                first,
                last,
                protocol,
            },
            has_host_part,
        })
    }
}

const NUMBERS: &str = "ports are numbers from 0 to 65535, ranges go upward";

impl PortRange {
    pub fn count(self) -> usize {
        usize::from(self.last - self.first) + 1
    }

    /// `80/tcp`, as image configs list them.
    pub fn iter(self) -> impl Iterator<Item = String> {
        (self.first..=self.last).map(move |port| format!("{port}/{}", self.protocol))
    }
}

impl Protocol {
    fn parse(name: &str) -> Option<Protocol> {
        match name.to_ascii_lowercase().as_str() {
            "" | "tcp" => Some(Protocol::Tcp),
            "udp" => Some(Protocol::Udp),
            "sctp" => Some(Protocol::Sctp),
            _ => None,
        }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Protocol::Tcp => "tcp",
            Protocol::Udp => "udp",
            Protocol::Sctp => "sctp",
        })
    }
}

fn parse_range(text: &str) -> Option<(u16, u16)> {
    let parse = |number: &str| {
        let is_number = number.chars().all(|character| character.is_ascii_digit());
        is_number.then(|| number.parse::<u16>().ok())?
    };
    let (first, last) = match text.split_once('-') {
        Some((first, last)) => (parse(first)?, parse(last)?),
        None => (parse(text)?, parse(text)?),
    };
    (first <= last).then_some((first, last))
}

fn check_address(address: &str) -> Option<()> {
    let bare = match address.strip_prefix('[') {
        Some(rest) => rest.strip_suffix(']')?,
        None => address,
    };
    (bare.is_empty() || bare.parse::<IpAddr>().is_ok()).then_some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_ranges_and_protocols_are_read() {
        for (text, first, last, protocol, has_host_part) in [
            ("80", 80, 80, Protocol::Tcp, false),
            ("80/", 80, 80, Protocol::Tcp, false),
            ("80/UDP", 80, 80, Protocol::Udp, false),
            ("8000-8002/sctp", 8000, 8002, Protocol::Sctp, false),
            ("0-65535", 0, 65535, Protocol::Tcp, false),
            ("8080:80", 80, 80, Protocol::Tcp, true),
            ("127.0.0.1:8080:80/tcp", 80, 80, Protocol::Tcp, true),
            ("127.0.0.1::80", 80, 80, Protocol::Tcp, true),
            ("[::1]:8080-8081:80-81", 80, 81, Protocol::Tcp, true),
            ("8080-8090:80", 80, 80, Protocol::Tcp, true),
        ] {
            let ports = PortRange {
                first,
                last,
                protocol,
            };
            let expected = ExposeSpec {
                ports,
                has_host_part,
            };
            assert_eq!(ExposeSpec::parse(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_port_is_refused() {
        for text in [
            "",
            "/tcp",
            "a",
            "80/http",
            "65536",
            "-1",
            "90-80",
            "80-",
            "1-2-3",
            "x:80",
            "1.2.3:1:80",
            "8080-8082:80-81",
            "[::1:1:80",
            "+80",
        ] {
            assert!(ExposeSpec::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_range_lists_each_port() {
        let ports = ExposeSpec::parse("80-82/udp").expect("ports").ports;
        let listed: Vec<String> = ports.iter().collect();
        assert_eq!(listed, ["80/udp", "81/udp", "82/udp"]);
    }
}
