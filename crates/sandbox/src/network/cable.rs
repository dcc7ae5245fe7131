//! The way out of an isolated step as root: a virtual cable, and address translation by the host.

use std::fs;
use std::io;
use std::net::{IpAddr, Ipv4Addr};

use super::link::{configure_interface, make_cable};
use super::nft::{Batch, Family, Hook, Rule, has_table};
use crate::kernel::list_own_addresses;
use crate::wire::Cable;

/// What the interface is called inside.
pub(crate) const STEP_INTERFACE: &str = "eth0";

/// Interfaces of the host whose name begins so are ours.
const PREFIX: &str = "wharf";

/// Our table in the host's filter. Its number goes up when its rules change.
const TABLE: &str = "wharf-1";

/// Networks from which steps get addresses, tried in order until one is not the host's own. None is a default of Docker,
/// Podman, Kubernetes or libvirt.
const NETWORKS: [Ipv4Addr; 3] = [
    Ipv4Addr::new(10, 213, 0, 0),
    Ipv4Addr::new(172, 29, 0, 0),
    Ipv4Addr::new(198, 19, 0, 0),
];

/// Bits of such a network, and of the piece of it that one step gets: the host's address and its own.
const NETWORK_PREFIX: u8 = 16;
const STEP_PREFIX: u8 = 30;

/// Pieces of a network, of which the last quarter is for cells: whoever looks at the host sees by its number what an
/// interface is for.
const CABLES: u32 = 1 << (STEP_PREFIX - NETWORK_PREFIX);
const CELLS_FROM: u32 = CABLES / 4 * 3;

/// Whose cable it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CableUse {
    Step,
    Cell,
}

impl CableUse {
    fn numbers(self) -> std::ops::Range<u32> {
        match self {
            Self::Step => 0..CELLS_FROM,
            Self::Cell => CELLS_FROM..CABLES,
        }
    }
}

/// Connects the network namespace of a process with the host. The cable is gone when that namespace is. Answers the name
/// of its end here too.
///
/// # Errors
/// The kernel's.
pub(crate) fn connect_cable(process: u32, usage: CableUse) -> io::Result<(Cable, String)> {
    let network = choose_network()?;
    prepare_host()?;
    let mtu = find_mtu();
    // Neighbors in time start far from each other, so that they do not try each other's numbers.
    let numbers = usage.numbers();
    let count = numbers.end - numbers.start;
    let start = process.wrapping_mul(2_654_435_761) % count;
    for number in (0..count).map(|offset| numbers.start + (start + offset) % count) {
        let name = format!("{PREFIX}{number}");
        match make_cable(&name, STEP_INTERFACE, process, mtu) {
            Err(error) if error.raw_os_error() == Some(libc::EEXIST) => {}
            Err(error) => return Err(error),
            Ok(()) => {
                let first = u32::from(network) + number * 4;
                let cable = Cable {
                    gateway: Ipv4Addr::from(first + 1),
                    address: Ipv4Addr::from(first + 2),
                    prefix: STEP_PREFIX,
                };
                configure_interface(&name, cable.gateway, STEP_PREFIX, None)?;
                return Ok((cable, name));
            }
        }
    }
    Err(io::Error::from_raw_os_error(libc::EADDRNOTAVAIL))
}

fn choose_network() -> io::Result<Ipv4Addr> {
    let used = list_own_addresses();
    let is_in = |network: Ipv4Addr, address: &IpAddr| match address {
        IpAddr::V4(address) => address.octets().get(..2) == network.octets().get(..2),
        IpAddr::V6(_) => false,
    };
    // Addresses of other steps' cables are the host's too.
    let ours =
        |address: &IpAddr| matches!(address, IpAddr::V4(address) if u32::from(*address) % 4 == 1);
    NETWORKS
        .into_iter()
        .find(|network| {
            !used
                .iter()
                .any(|address| is_in(*network, address) && !ours(address))
        })
        .ok_or_else(|| io::Error::from_raw_os_error(libc::EADDRINUSE))
}

/// Makes the host forward and translate what steps send, once until it restarts.
fn prepare_host() -> io::Result<()> {
    const FORWARDING: &str = "/proc/sys/net/ipv4/ip_forward";
    if fs::read_to_string(FORWARDING)?.trim() == "0" {
        fs::write(FORWARDING, "1")?;
    }
    if has_table(Family::Ipv4, TABLE)? {
        return Ok(());
    }
    let mut batch = Batch::new_table(Family::Ipv4, TABLE);
    batch.add_chain("translate", "nat", Hook::Postrouting, 100);
    for network in NETWORKS {
        let rule = Rule::default().sent_from4(network, NETWORK_PREFIX);
        batch.add_rule("translate", rule.masquerade());
    }
    // A second wall outside of the step: nothing of the host itself, nothing between steps.
    batch.add_chain("input", "filter", Hook::Input, -10);
    batch.add_rule("input", Rule::default().entering_by(PREFIX).drop());
    batch.add_chain("forward", "filter", Hook::Forward, -10);
    batch.add_rule(
        "forward",
        Rule::default()
            .entering_by(PREFIX)
            .leaving_by(PREFIX)
            .drop(),
    );
    match batch.commit() {
        Ok(()) => {
            pass_docker();
            Ok(())
        }
        // Another step made it at the same moment.
        Err(error) if error.raw_os_error() == Some(libc::EEXIST) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Docker forbids all forwarding that it does not know, and has a chain for exceptions.
fn pass_docker() {
    for chain in ["DOCKER-USER", "FORWARD"] {
        let mut batch = Batch::on_table(Family::Ipv4, "filter");
        batch.insert_rule(chain, Rule::default().entering_by(PREFIX).accept());
        batch.insert_rule(chain, Rule::default().leaving_by(PREFIX).accept());
        // Usually there is no such chain.
        if batch.commit().is_ok() {
            return;
        }
    }
}

/// The smallest of the host's interfaces: a larger packet would have to be cut on its way.
fn find_mtu() -> u32 {
    const ETHERNET: u32 = 1500;
    let interfaces = fs::read_dir("/sys/class/net")
        .into_iter()
        .flatten()
        .flatten();
    interfaces
        .filter(|interface| {
            let state = fs::read_to_string(interface.path().join("operstate"));
            state.is_ok_and(|state| state.trim() == "up")
        })
        .filter_map(|interface| fs::read_to_string(interface.path().join("mtu")).ok())
        .filter_map(|mtu| mtu.trim().parse().ok())
        .fold(ETHERNET, u32::min)
}
