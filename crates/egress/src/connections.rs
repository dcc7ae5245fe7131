//! One HTTP client per origin, kept while it is used: its resolver is the guard of exactly that host and port.
//!
//! Called by [`Egress`](crate::Egress) alone.

use crate::dialer::PathOut;
use crate::error::EgressError;
use crate::guard::{Guard, ProxyLookup};
use crate::policy::PlainHttp;
use crate::trust::Trust;
use parking_lot::Mutex;
use reqwest::{Client, Proxy, redirect};
use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// Origins whose clients are kept. A build talks to a handful; with fewer, connections would be opened again and again,
/// with many more a stranger's list of URLs would hold memory and sockets.
const MOST_ORIGINS: usize = 64;

/// How long a connection without a request is kept. Registries close theirs after a minute or so; a shorter time opens
/// one per layer when layers take long, a longer one finds connections that middle boxes have forgotten.
const IDLE_CONNECTION: Duration = Duration::from_secs(30);

/// What tells two clients apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Origin {
    pub(crate) scheme: String,
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) plain_http: PlainHttp,
}

/// A client, and the path on which it finds its connections if somebody else dials.
#[derive(Clone)]
pub(crate) struct OriginClient {
    pub(crate) client: Client,
    pub(crate) path: Option<PathOut>,
}

/// Clients by origin, the last used first.
#[derive(Default)]
pub(crate) struct Connections {
    kept: Mutex<VecDeque<(Origin, OriginClient)>>,
}

impl Connections {
    /// The client of an origin; `make` is called when there is none.
    pub(crate) fn find_or_make(
        &self,
        origin: &Origin,
        make: impl FnOnce() -> Result<OriginClient, EgressError>,
    ) -> Result<OriginClient, EgressError> {
        let mut kept = self.kept.lock();
        let entry = match kept.iter().position(|(own, _)| own == origin) {
            Some(index) => kept.remove(index),
            None => None,
        };
        let entry = match entry {
            Some(entry) => entry,
            None => (origin.clone(), make()?),
        };
        let client = entry.1.clone();
        kept.push_front(entry);
        kept.truncate(MOST_ORIGINS);
        Ok(client)
    }
}

impl Connections {
    /// Has every origin dialed anew.
    pub(crate) fn forget_all(&self) {
        self.kept.lock().clear();
    }
}

/// Where a client's connections come from.
pub(crate) enum Way<'a> {
    /// What the guard passes.
    Direct,
    Proxy(&'a Url),
    /// A path on which somebody else's connections are to be had.
    Path(&'a Path),
}

/// A client that dials only what its way says, and follows nothing by itself.
pub(crate) fn make_client(
    guard: Guard,
    way: &Way<'_>,
    trust: Trust,
    connect_timeout: Duration,
) -> Result<Client, EgressError> {
    let host = guard.host.clone();
    let fail = |error: reqwest::Error| EgressError::Prepare {
        host: host.clone(),
        source: Arc::new(error.without_url()),
    };
    let needs_tls = guard.plain.is_none();
    let mut builder = Client::builder()
        .user_agent(concat!("wharf/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .referer(false)
        .connect_timeout(connect_timeout)
        .pool_idle_timeout(IDLE_CONNECTION)
        .no_proxy();
    builder = match way {
        Way::Proxy(url) => {
            let resolver = Arc::clone(&guard.resolver);
            builder
                .dns_resolver(ProxyLookup { resolver })
                .proxy(Proxy::all((*url).clone()).map_err(fail)?)
        }
        Way::Direct => builder.dns_resolver(guard),
        Way::Path(path) => builder.unix_socket(*path),
    };
    let proxy_needs_tls = matches!(way, Way::Proxy(url) if url.scheme() == "https");
    if !needs_tls && !proxy_needs_tls {
        // Without this the system's authorities must be readable although none is needed.
        builder = builder.tls_certs_only([]);
    } else if trust.insecure && !proxy_needs_tls {
        builder = builder
            .tls_certs_only([])
            .tls_danger_accept_invalid_certs(true);
    } else if trust.is_sole && !proxy_needs_tls {
        // The library knows one list for target and proxy: behind a proxy with TLS the system's have to stay.
        builder = builder.tls_certs_only(trust.authorities);
    } else {
        builder = builder
            .tls_danger_accept_invalid_certs(trust.insecure)
            .tls_certs_merge(trust.authorities);
    }
    if let Some(identity) = trust.identity.filter(|_| needs_tls) {
        builder = builder.identity(identity);
    }
    builder.build().map_err(fail)
}
