//! The words in which the caller says what a step can reach.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

/// The network of one step.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Network {
    /// The loopback interface of a namespace of its own, nothing else.
    #[default]
    None,
    /// A namespace of its own with a way out through the host, filtered.
    Isolated(Policy),
    /// The host's. The caller checks the entitlement.
    Host,
}

/// The filter of an isolated step. The host's own addresses, link-local and metadata addresses are always denied, except
/// what `allow` names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// Deny every address that is not public (RFC 6890).
    pub deny_private: bool,
    /// Reachable although denied otherwise.
    pub allow: Vec<Allowed>,
}

/// A network, or one port of it, that a step may reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allowed {
    /// Its first address.
    pub address: IpAddr,
    /// How many leading bits count.
    pub prefix: u8,
    /// `None` is every port and protocol, else TCP and UDP on this port.
    pub port: Option<u16>,
}
