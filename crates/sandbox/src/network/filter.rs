//! The packet filter of an isolated step, in its own network namespace.
//!
//! One mechanism for every kind of uplink. It decides by address, so a name that answers differently the second time
//! (DNS rebinding) makes no difference. The step cannot change it: CAP_NET_ADMIN is not in its set, and frames that
//! would not pass the filter (AF_PACKET, AF_XDP) are refused by its filter of system calls.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::netlink::Netlink;
use super::nft::{Batch, Family, Hook, Rule};
use super::policy::Policy;

const TCP: u8 = 6;
const UDP: u8 = 17;
const ICMP: u8 = 1;
const ICMP6: u8 = 58;

/// Never reachable: link-local addresses, where clouds keep their metadata, and the metadata services elsewhere
/// (AWS over IPv6, Alibaba, Azure, Oracle, Google over IPv6); broadcast and multicast reach neighbors of the host.
const ALWAYS_DENIED: [(IpAddr, u8); 12] = [
    (v4(0, 0, 0, 0), 8),
    (v4(127, 0, 0, 0), 8),
    (v4(169, 254, 0, 0), 16),
    (v4(100, 100, 100, 200), 32),
    (v4(168, 63, 129, 16), 32),
    (v4(192, 0, 0, 192), 32),
    (v4(224, 0, 0, 0), 4),
    (v4(255, 255, 255, 255), 32),
    (v6(0xfd00, 0x0ec2, 0, 0x254), 128),
    (v6(0xfd20, 0xce, 0, 0x254), 128),
    (v6(0xfe80, 0, 0, 0), 10),
    (v6(0xff00, 0, 0, 0), 8),
];

/// Not public (RFC 6890 and its registries), and the ways to write an IPv4 address in IPv6.
const PRIVATE: [(IpAddr, u8); 15] = [
    (v4(10, 0, 0, 0), 8),
    (v4(100, 64, 0, 0), 10),
    (v4(172, 16, 0, 0), 12),
    (v4(192, 0, 0, 0), 24),
    (v4(192, 0, 2, 0), 24),
    (v4(192, 168, 0, 0), 16),
    (v4(198, 18, 0, 0), 15),
    (v4(198, 51, 100, 0), 24),
    (v4(203, 0, 113, 0), 24),
    (v4(240, 0, 0, 0), 4),
    (v6(0xfc00, 0, 0, 0), 7),
    (v6(0x64, 0xff9b, 0, 0), 32),
    (v6(0x2001, 0, 0, 0), 32),
    (v6(0x2002, 0, 0, 0), 16),
    (v6(0, 0, 0, 0), 80),
];

const fn v4(a: u8, b: u8, c: u8, d: u8) -> IpAddr {
    IpAddr::V4(Ipv4Addr::new(a, b, c, d))
}

/// The first two and the last two groups.
const fn v6(a: u16, b: u16, c: u16, d: u16) -> IpAddr {
    IpAddr::V6(Ipv6Addr::new(a, b, 0, 0, 0, 0, c, d))
}

/// Installs the filter in this process's network namespace. `host` are the host's own addresses.
///
/// # Errors
/// The kernel's, `EOPNOTSUPP` or `ENOENT` when it has no nftables.
pub(crate) fn install_filter(policy: &Policy, host: &[IpAddr]) -> io::Result<()> {
    const CHAIN: &str = "out";
    let mut batch = Batch::new_table(Family::Inet, "wharf");
    batch.add_chain(CHAIN, "filter", Hook::Output, 0);
    batch.add_rule(CHAIN, Rule::default().leaving_by_loopback().accept());
    // Without neighbor discovery (RFC 4861, types 133 to 136) there is no IPv6 at all.
    let discovery = Rule::default().of_protocol(ICMP6).with_type(133, 136);
    batch.add_rule(CHAIN, discovery.accept());
    for rule in allow_rules(policy, Rule::default) {
        batch.add_rule(CHAIN, rule);
    }
    for (address, prefix) in denied(policy, host) {
        let rule = Rule::default().sent_to(address, prefix);
        batch.add_rule(CHAIN, rule.reject());
    }
    batch.commit()
}

/// Lets through what the policy names.
fn allow_rules(policy: &Policy, begin: impl Fn() -> Rule) -> Vec<Rule> {
    let mut rules = Vec::new();
    for allowed in &policy.allow {
        let to = || begin().sent_to(allowed.address, allowed.prefix);
        match allowed.port {
            None => rules.push(to().accept()),
            Some(port) => rules.extend(
                [TCP, UDP].map(|protocol| to().of_protocol(protocol).at_port(port).accept()),
            ),
        }
    }
    rules
}

/// The same policy on the host's end of a cell's cable, where nothing in the cell can change it. The host itself is out of
/// reach for every cable already. It lasts as long as what comes back.
///
/// # Errors
/// The kernel's.
pub(crate) fn guard_cable(interface: &str, policy: &Policy) -> io::Result<Netlink> {
    const CHAIN: &str = "forward";
    let mut batch = Batch::new_owned_table(Family::Inet, &format!("wharf-cell-{interface}"));
    batch.add_chain(CHAIN, "filter", Hook::Forward, -5);
    let begin = || Rule::default().entering_by_exactly(interface);
    for rule in allow_rules(policy, begin) {
        batch.add_rule(CHAIN, rule);
    }
    for (address, prefix) in denied(policy, &[]) {
        batch.add_rule(CHAIN, begin().sent_to(address, prefix).drop());
    }
    batch.commit_and_own()
}

/// In a cell's own network namespace: what its root runs reaches nothing but the namespace itself, because connections of
/// its own are made by whoever started it. Steps are passed on and do not come by here.
///
/// # Errors
/// The kernel's.
pub(crate) fn silence_cell() -> io::Result<()> {
    const CHAIN: &str = "out";
    let mut batch = Batch::new_table(Family::Inet, "wharf-cell");
    batch.add_chain(CHAIN, "filter", Hook::Output, 0);
    batch.add_rule(CHAIN, Rule::default().leaving_by_loopback().accept());
    // What tells a step that a packet was too large or went nowhere.
    for protocol in [ICMP, ICMP6] {
        batch.add_rule(CHAIN, Rule::default().of_protocol(protocol).accept());
    }
    batch.add_rule(CHAIN, Rule::default().reject());
    batch.commit()
}

fn denied(policy: &Policy, host: &[IpAddr]) -> Vec<(IpAddr, u8)> {
    let whole = |address: &IpAddr| (*address, if address.is_ipv4() { 32 } else { 128 });
    let mut denied: Vec<(IpAddr, u8)> = host.iter().map(whole).collect();
    denied.extend(ALWAYS_DENIED);
    if policy.deny_private {
        denied.extend(PRIVATE);
    }
    denied
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_denied(policy: &Policy, address: &str) -> bool {
        let address: IpAddr = address.parse().unwrap();
        denied(policy, &[v4(192, 0, 2, 2)])
            .into_iter()
            .any(|(network, prefix)| {
                let bits = |address: IpAddr| match address {
                    IpAddr::V4(address) => u128::from(u32::from(address)) << 96,
                    IpAddr::V6(address) => u128::from(address),
                };
                network.is_ipv4() == address.is_ipv4()
                    && (bits(network) ^ bits(address)).leading_zeros() >= u32::from(prefix)
            })
    }

    #[test]
    fn the_host_and_metadata_are_denied_whatever_the_policy() {
        for address in [
            "192.0.2.2",
            "169.254.169.254",
            "100.100.100.200",
            "fd00:ec2::254",
            "fe80::1",
        ] {
            assert!(is_denied(&Policy::default(), address), "{address}");
        }
        assert!(!is_denied(&Policy::default(), "10.0.0.1"));
        assert!(!is_denied(&Policy::default(), "1.1.1.1"));
    }

    #[test]
    fn private_addresses_are_denied_where_the_policy_says_so() {
        let policy = Policy {
            deny_private: true,
            allow: Vec::new(),
        };
        for address in [
            "10.1.2.3",
            "172.20.0.1",
            "192.168.1.1",
            "100.64.0.9",
            "fd12::1",
            "64:ff9b::a00:1",
            "::ffff:10.0.0.1",
        ] {
            assert!(is_denied(&policy, address), "{address}");
        }
        assert!(!is_denied(&policy, "93.184.216.34"));
        assert!(!is_denied(&policy, "2606:4700::1111"));
    }
}
