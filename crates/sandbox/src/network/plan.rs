//! From the caller's words to what this machine can do about them.

use std::fs;
use std::net::IpAddr;

use super::policy::Network;
use crate::error::Context;
use crate::host::Host;
use crate::kernel::list_own_addresses;
use crate::step::Dns;
use crate::wire::{NetworkPlan, Uplink};

/// A plan, and what to tell people about it.
pub(crate) struct Planned {
    pub(crate) plan: NetworkPlan,
    pub(crate) note: Option<String>,
}

/// Plans a step's network. A machine without a way out for isolated steps gives them none, and says so.
pub(crate) fn plan_network(network: &Network, host: &Host) -> Planned {
    let (plan, note) = match (network, &host.uplink) {
        (Network::None, _) => (NetworkPlan::None, None),
        (Network::Host, _) => (NetworkPlan::Host, None),
        (Network::Isolated(policy), Ok(uplink)) => (
            NetworkPlan::Isolated {
                uplink: uplink.clone(),
                policy: policy.clone(),
                host: list_host_addresses(uplink, &host.outside),
            },
            None,
        ),
        (Network::Isolated(_), Err(reason)) => (
            NetworkPlan::None,
            Some(format!("this step has no network: {reason}")),
        ),
    };
    Planned { plan, note }
}

/// The addresses by which the host could be reached. slirp4netns(1) stands for it at two more.
pub(crate) fn list_host_addresses(uplink: &Uplink, outside: &[IpAddr]) -> Vec<IpAddr> {
    let mut addresses = list_own_addresses();
    addresses.extend(outside);
    if matches!(uplink, Uplink::Slirp(_)) {
        addresses.extend([2, 3].map(|last| IpAddr::from([10, 0, 2, last])));
    }
    addresses
}

/// The host's resolver (resolv.conf(5)).
pub(crate) fn read_host_dns() -> crate::Result<Dns> {
    match fs::read_to_string("/etc/resolv.conf") {
        Ok(text) => Ok(parse_resolv_conf(&text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Dns::default()),
        Err(error) => Err(error).context("read /etc/resolv.conf"),
    }
}

fn parse_resolv_conf(text: &str) -> Dns {
    let mut dns = Dns::default();
    for line in text.lines() {
        let mut words = line.split_whitespace();
        match words.next() {
            Some("nameserver") => {
                let address = words.next().and_then(parse_server);
                dns.servers.extend(address);
            }
            Some("search" | "domain") => dns.search = words.map(str::to_owned).collect(),
            Some("options") => dns.options.extend(words.map(str::to_owned)),
            _ => {}
        }
    }
    dns
}

/// An address, perhaps with the zone of a link-local one, which means nothing elsewhere.
fn parse_server(word: &str) -> Option<IpAddr> {
    word.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_search_line_counts_and_broken_servers_do_not() {
        let dns = parse_resolv_conf(
            "# x\nnameserver 10.0.0.1\nnameserver fe80::1%eth0\nsearch a b\nsearch c\noptions ndots:2\n",
        );
        assert_eq!(dns.servers.len(), 1);
        assert_eq!(dns.search, ["c"]);
        assert_eq!(dns.options, ["ndots:2"]);
    }

    #[test]
    fn a_missing_way_out_is_told_with_what_to_install() {
        let mut host = Host::inspect().unwrap();
        host.uplink = Err("install the package `passt`".to_owned());
        let planned = plan_network(&Network::Isolated(Default::default()), &host);
        assert!(matches!(planned.plan, NetworkPlan::None));
        assert!(planned.note.unwrap().contains("package `passt`"));
    }
}
