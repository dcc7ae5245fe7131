//! The one place where a name becomes an address: resolved once, judged, and given to the dialer as it was judged.
//!
//! Each connection asks again, so a name that changes its addresses is judged at every dial; between judging and
//! dialing nothing is looked up, so there is nothing to rebind. Called by the HTTP library through
//! [`reqwest::dns::Resolve`], and by [`Egress::find_addresses`](crate::Egress::find_addresses).

use crate::allow::read_address;
use crate::error::EgressError;
use crate::policy::{PlainHttp, Policy};
use crate::resolver::Resolver;
use arc_swap::ArcSwap;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::net::SocketAddr;
use std::sync::Arc;

/// Judges the addresses of one host and port.
#[derive(Clone)]
pub(crate) struct Guard {
    /// Asked at each dial: it may be another one by then.
    pub(crate) policy: Arc<ArcSwap<Policy>>,
    pub(crate) resolver: Arc<dyn Resolver>,
    pub(crate) host: String,
    pub(crate) port: u16,
    /// Set when TLS will not be spoken.
    pub(crate) plain: Option<PlainHttp>,
}

impl Guard {
    /// The addresses that may be dialed, in the resolver's order; denied ones among them are left out.
    ///
    /// # Errors
    /// When the name has no address, or none that may be dialed.
    pub(crate) async fn find_addresses(&self) -> Result<Vec<SocketAddr>, EgressError> {
        let found = match read_address(&self.host) {
            Some(address) => vec![address],
            None => self.look_up().await?,
        };
        let mut first_refusal = None;
        let mut passed = Vec::with_capacity(found.len());
        for address in found {
            let address = SocketAddr::new(address, self.port);
            match self.check(address) {
                Ok(()) => passed.push(address),
                Err(refusal) => drop(first_refusal.get_or_insert(refusal)),
            }
        }
        match first_refusal {
            Some(refusal) if passed.is_empty() => Err(refusal),
            _ => Ok(passed),
        }
    }

    /// Judges a host that is written as an address, which the HTTP library dials without asking a resolver.
    pub(crate) fn check_literal(&self) -> Result<(), EgressError> {
        match read_address(&self.host) {
            Some(address) => self.check(SocketAddr::new(address, self.port)),
            None => Ok(()),
        }
    }

    async fn look_up(&self) -> Result<Vec<std::net::IpAddr>, EgressError> {
        let unresolved = |error| EgressError::Unresolved {
            host: self.host.clone(),
            source: Arc::new(error),
        };
        let found = self
            .resolver
            .resolve(&self.host)
            .await
            .map_err(unresolved)?;
        if found.is_empty() {
            return Err(unresolved(std::io::Error::other("it has no address")));
        }
        Ok(found)
    }

    fn check(&self, address: SocketAddr) -> Result<(), EgressError> {
        let (host, port, address) = (&self.host, self.port, address.ip());
        let policy = self.policy.load();
        policy
            .check_address(host, port, address)
            .map_err(|class| EgressError::Refused {
                host: host.clone(),
                port,
                address,
                class,
            })?;
        match self.plain {
            Some(rule) if !policy.allows_plain_http(rule, host, port, address) => {
                Err(EgressError::PlainHttp {
                    host: host.clone(),
                    port,
                })
            }
            _ => Ok(()),
        }
    }
}

impl Resolve for Guard {
    /// The name that is asked for is the guard's own: each client is made for one origin.
    fn resolve(&self, _: Name) -> Resolving {
        let guard = self.clone();
        Box::pin(async move {
            let passed = guard.find_addresses().await?;
            Ok(Box::new(passed.into_iter()) as Addrs)
        })
    }
}

/// Resolves a proxy's name without judging it: the operator named it as the way out.
pub(crate) struct ProxyLookup {
    pub(crate) resolver: Arc<dyn Resolver>,
}

impl Resolve for ProxyLookup {
    fn resolve(&self, name: Name) -> Resolving {
        let found = self.resolver.resolve(name.as_str());
        Box::pin(async move {
            let found = found.await?.into_iter();
            Ok(Box::new(found.map(|address| SocketAddr::new(address, 0))) as Addrs)
        })
    }
}
