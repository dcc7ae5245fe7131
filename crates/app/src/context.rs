//! Who asks, and from where: the first argument of every use case that leaves a trace.

use std::net::IpAddr;
use wharf_model::{Caller, RequestId};

/// One request, as use cases and the audit log see it.
#[derive(Debug, Clone)]
pub struct Context {
    /// The verified caller.
    pub caller: Caller,
    /// The client's address, behind trusted proxies.
    pub address: IpAddr,
    /// The request, as logs and answers name it.
    pub request: RequestId,
}
