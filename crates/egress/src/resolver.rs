//! Names to addresses, by the system or by a test.
//!
//! Judges nothing: every answer goes through the guard.

use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::pin::Pin;

/// A running look-up.
pub type Lookup = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// Finds the addresses of a host.
pub trait Resolver: Send + Sync {
    /// All addresses of `host`, in the order in which they should be tried.
    fn resolve(&self, host: &str) -> Lookup;
}

/// The system's resolver, with its hosts file and search domains.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemResolver;

impl Resolver for SystemResolver {
    fn resolve(&self, host: &str) -> Lookup {
        let host = host.to_owned();
        Box::pin(async move {
            let found = tokio::net::lookup_host((host.as_str(), 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}
