//! What a step can reach: its own network namespace, a way out, a filter, a resolver.

mod arrival;
mod cable;
mod filter;
mod link;
mod listener;
mod netlink;
mod nft;
mod plan;
mod policy;
mod relay;
mod resolver;
mod resolver_relay;

pub(crate) use arrival::Arrival;
pub(crate) use cable::{CableUse, STEP_INTERFACE, connect_cable};
pub(crate) use filter::{guard_cable, install_filter, silence_cell};
pub(crate) use link::{configure_interface, raise_loopback};
pub(crate) use listener::listen_on_loopback;
pub(crate) use netlink::Netlink;
pub(crate) use plan::{list_host_addresses, plan_network, read_host_dns};
pub use policy::{Allowed, Network, Policy};
pub(crate) use relay::{Relay, Stop};
pub(crate) use resolver::{PORT, RESOLVER, open_resolver};
pub(crate) use resolver_relay::relay_datagrams;
