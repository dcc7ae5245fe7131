//! What a step can reach.

mod link;
mod netlink;
mod policy;

pub(crate) use link::raise_loopback;
pub use policy::{Allowed, Network, Policy};
