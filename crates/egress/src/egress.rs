//! Sends requests: guard first, then the connection, then each redirect as if it were a new request.

use crate::allow::{fold_host, join_host_port};
use crate::connections::{Connections, Origin, OriginClient, Way, make_client};
use crate::dialer::{DialerSettings, Elsewhere, PathOut};
use crate::error::EgressError;
use crate::guard::Guard;
use crate::idle::{Movement, Patience};
use crate::policy::{PlainHttp, Policy};
use crate::proxy::{ProxySettings, is_this_machine};
use crate::request::{Body, Request};
use crate::resolver::{Resolver, SystemResolver};
use crate::response::Response;
use crate::trust::{HostSettings, TrustStore};
use arc_swap::ArcSwap;
use http::header::LOCATION;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// Redirects that are followed. A registry's blob takes one, a release download two or three; more is a loop.
const MOST_REDIRECTS: usize = 5;

/// How a process reaches the outside.
#[derive(Clone)]
pub struct EgressSettings {
    pub policy: Policy,
    pub proxy: ProxySettings,
    /// PEM files with authorities that are believed beside the system's.
    pub ca_files: Vec<PathBuf>,
    /// Settings of single hosts, by `host` or `host:port`.
    pub hosts: Vec<(String, HostSettings)>,
    pub resolver: Arc<dyn Resolver>,
    /// A host that does not take a connection within this is down.
    pub connect_timeout: Duration,
    /// How long a request may stand still in both directions.
    pub idle_timeout: Duration,
    /// Who makes connections instead of this process; policy and proxies are theirs then.
    pub dialer: Option<DialerSettings>,
}

impl EgressSettings {
    /// The system's resolver and authorities, no proxy, 10 seconds to connect and 60 to stand still.
    pub fn new(policy: Policy) -> EgressSettings {
        EgressSettings {
            policy,
            proxy: ProxySettings::default(),
            ca_files: Vec::new(),
            hosts: Vec::new(),
            resolver: Arc::new(SystemResolver),
            connect_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(60),
            dialer: None,
        }
    }
}

/// The way out. Cloning it copies a pointer; clones share connections.
#[derive(Clone)]
pub struct Egress(Arc<Inner>);

struct Inner {
    /// Shared with what was made of this way out, so that a change reaches all of it.
    policy: Arc<ArcSwap<Policy>>,
    proxy: ProxySettings,
    trust: TrustStore,
    resolver: Arc<dyn Resolver>,
    connect_timeout: Duration,
    idle_timeout: Duration,
    connections: Connections,
    elsewhere: Option<Arc<Elsewhere>>,
}

impl Egress {
    /// Reads the certificate files; opens nothing yet.
    ///
    /// # Errors
    /// When one of the files cannot be read or holds no certificate.
    pub fn new(settings: EgressSettings) -> Result<Egress, EgressError> {
        Ok(Egress(Arc::new(Inner {
            trust: TrustStore::load(&settings.ca_files, &settings.hosts)?,
            policy: Arc::new(ArcSwap::from_pointee(settings.policy)),
            proxy: settings.proxy,
            resolver: settings.resolver,
            connect_timeout: settings.connect_timeout,
            idle_timeout: settings.idle_timeout,
            connections: Connections::default(),
            elsewhere: settings.dialer.map(Elsewhere::new).map(Arc::new),
        })))
    }

    /// The same way out, which believes further authorities (PEM) for one host (`host` or `host:port`). It shares no
    /// connection with this one: whoever brings an authority vouches with it for nobody but themselves.
    ///
    /// # Errors
    /// [`EgressError::Authority`] when the text holds no certificate.
    pub fn with_authority(&self, host: &str, pem: &[u8]) -> Result<Egress, EgressError> {
        Ok(self.with_trust(self.0.trust.with_authority(host, pem)?))
    }

    /// The same way out, which for one host believes these authorities (PEM) and nobody else, not even the system's.
    /// It shares no connection with this one.
    ///
    /// # Errors
    /// [`EgressError::Authority`] when the text holds no certificate.
    pub fn with_sole_authority(&self, host: &str, pem: &[u8]) -> Result<Egress, EgressError> {
        Ok(self.with_trust(self.0.trust.with_sole_authority(host, pem)?))
    }

    /// The same way out, which shows one host a certificate: PEM with the certificate, its chain and its key. It shares
    /// no connection with this one, so nobody else speaks in that name.
    ///
    /// # Errors
    /// [`EgressError::Identity`] when one of both is missing or cannot be read.
    pub fn with_identity(&self, host: &str, pem: &[u8]) -> Result<Egress, EgressError> {
        Ok(self.with_trust(self.0.trust.with_identity(host, pem)?))
    }

    fn with_trust(&self, trust: TrustStore) -> Egress {
        Egress(Arc::new(Inner {
            trust,
            policy: Arc::clone(&self.0.policy),
            proxy: self.0.proxy.clone(),
            resolver: Arc::clone(&self.0.resolver),
            connect_timeout: self.0.connect_timeout,
            idle_timeout: self.0.idle_timeout,
            connections: Connections::default(),
            elsewhere: self.0.elsewhere.clone(),
        }))
    }

    /// The same way out under another policy. It shares no connection with this one.
    pub fn with_policy(&self, policy: Policy) -> Egress {
        Egress(Arc::new(Inner {
            trust: self.0.trust.clone(),
            policy: Arc::new(ArcSwap::from_pointee(policy)),
            proxy: self.0.proxy.clone(),
            resolver: Arc::clone(&self.0.resolver),
            connect_timeout: self.0.connect_timeout,
            idle_timeout: self.0.idle_timeout,
            connections: Connections::default(),
            elsewhere: self.0.elsewhere.clone(),
        }))
    }

    /// Puts another policy in the place of this one, also for what was made of this way out by other trust. From now on
    /// every dial is judged by it; connections that are open already end as they would have.
    pub fn set_policy(&self, policy: Policy) {
        self.0.policy.store(Arc::new(policy));
        self.0.connections.forget_all();
    }

    /// Sends a request and waits for the head of the answer, whatever its status. Redirects of GET and HEAD are
    /// followed unless the request says otherwise: each target is judged anew, and secrets meant for one origin do not reach another.
    ///
    /// # Errors
    /// When the policy refuses the host or one that it redirects to, when no connection comes about, or when nothing
    /// moves for too long. A status of 400 and above is no error here.
    pub async fn send(&self, mut request: Request) -> Result<Response, EgressError> {
        let can_follow = request.can_follow();
        let first = describe_host(&request.url)?;
        for _ in 0..=MOST_REDIRECTS {
            let body = std::mem::replace(&mut request.body, Body::Empty);
            let response = self.prepare(&request, body)?.send().await?;
            if !(can_follow && response.status().is_redirection()) {
                return Ok(response);
            }
            let Some(location) = response.headers().get(LOCATION) else {
                return Ok(response);
            };
            let next = location
                .to_str()
                .ok()
                .and_then(|text| request.url.join(text).ok())
                .ok_or_else(|| EgressError::Location {
                    host: response.host.clone(),
                })?;
            self.check_downgrade(&request.url, &next)?;
            request.redirect_to(next);
        }
        Err(EgressError::Redirects {
            host: first,
            limit: MOST_REDIRECTS,
        })
    }

    /// The addresses of a host that may be dialed, for those who speak something else than http.
    ///
    /// # Errors
    /// When the name has no address, or none that may be dialed.
    pub async fn find_addresses(
        &self,
        host: &str,
        port: u16,
    ) -> Result<Vec<SocketAddr>, EgressError> {
        self.make_guard(fold_host(host), port, None)
            .find_addresses()
            .await
    }

    /// Asks whether a URL may be dialed as things are now, without dialing it: for who keeps an address. What is dialed later is
    /// judged again.
    ///
    /// # Errors
    /// When the policy refuses it, or the name has no address. Behind a proxy a name's addresses are unknown here, and
    /// only what can be judged without them is.
    pub async fn check_url(&self, url: &Url, plain_http: PlainHttp) -> Result<(), EgressError> {
        let (host, port) = read_host(url)?;
        let is_plain = url.scheme() == "http";
        let guard = self.make_guard(host.clone(), port, is_plain.then_some(plain_http));
        if self.0.proxy.find_proxy(url).is_none() {
            return guard.find_addresses().await.map(drop);
        }
        guard.check_literal()?;
        match is_plain {
            true => self.check_plain_behind_proxy(&host, port, plain_http),
            false => Ok(()),
        }
    }

    pub(crate) fn find_proxy(&self, url: &Url) -> Option<&Url> {
        self.0.proxy.find_proxy(url)
    }

    /// Who dials instead of this process.
    pub(crate) fn elsewhere(&self) -> Option<&Elsewhere> {
        self.0.elsewhere.as_deref()
    }

    pub(crate) fn connect_timeout(&self) -> Duration {
        self.0.connect_timeout
    }

    /// The addresses of the operator's own proxy.
    pub(crate) async fn resolve_unjudged(&self, host: &str) -> Result<Vec<IpAddr>, EgressError> {
        if let Some(address) = crate::allow::read_address(host) {
            return Ok(vec![address]);
        }
        let found = self.0.resolver.resolve(host).await;
        found.map_err(|error| EgressError::Unresolved {
            host: host.to_owned(),
            source: Arc::new(error),
        })
    }

    fn prepare(&self, request: &Request, body: Body) -> Result<Prepared, EgressError> {
        let OriginClient { client, path } = self.find_client(&request.url, request.plain_http)?;
        let movement = Movement::start();
        let builder = client
            .request(request.method.clone(), request.url.clone())
            .headers(request.headers.clone());
        let builder = match body {
            Body::Empty => builder,
            Body::Bytes(bytes) => builder.body(bytes),
            Body::Stream(length, stream) => {
                builder.body(reqwest::Body::wrap_stream(movement.watch(length, stream)))
            }
        };
        Ok(Prepared {
            host: describe_host(&request.url)?,
            builder,
            path,
            movement,
            patience: Patience {
                body: self.0.idle_timeout,
                answer: request.answer_timeout.unwrap_or(self.0.idle_timeout),
            },
        })
    }

    /// The client for a URL, after what can be judged without a look-up was judged.
    fn find_client(&self, url: &Url, plain_http: PlainHttp) -> Result<OriginClient, EgressError> {
        let (host, port) = read_host(url)?;
        let is_plain = url.scheme() == "http";
        let guard = self.make_guard(host.clone(), port, is_plain.then_some(plain_http));
        let proxy = match self.0.elsewhere {
            Some(_) => None,
            None => {
                guard.check_literal()?;
                self.0.proxy.find_proxy(url)
            }
        };
        if is_plain && proxy.is_some() {
            self.check_plain_behind_proxy(&host, port, plain_http)?;
        }
        let origin = Origin {
            scheme: url.scheme().to_owned(),
            host,
            port,
            plain_http,
        };
        self.0.connections.find_or_make(&origin, || {
            let mut trust = self.0.trust.find(&origin.host, port);
            // Nobody else can answer there, and certificates for this machine are seldom made; docker does the same. Whoever
            // names an authority made one.
            trust.insecure |= is_this_machine(url) && !trust.has_own;
            let path = self.0.elsewhere.as_ref().map(|elsewhere| {
                let opened = elsewhere.open_path(&origin);
                opened.map_err(|error| EgressError::Dial {
                    host: join_host_port(&origin.host, port),
                    source: Arc::new(error),
                })
            });
            let path = path.transpose()?;
            let way = match (&path, proxy) {
                (Some(path), _) => Way::Path(path.path()),
                (None, Some(proxy)) => Way::Proxy(proxy),
                (None, None) => Way::Direct,
            };
            let client = make_client(guard, &way, trust, self.0.connect_timeout)?;
            Ok(OriginClient { client, path })
        })
    }

    /// Behind a proxy a name's addresses are unknown here, so only entries for the name itself can allow plain http.
    pub(crate) fn check_plain_behind_proxy(
        &self,
        host: &str,
        port: u16,
        rule: PlainHttp,
    ) -> Result<(), EgressError> {
        let nowhere = std::net::IpAddr::from([0u8; 4]);
        let address = crate::allow::read_address(host).unwrap_or(nowhere);
        if self
            .0
            .policy
            .load()
            .allows_plain_http(rule, host, port, address)
        {
            return Ok(());
        }
        Err(EgressError::PlainHttp {
            host: host.to_owned(),
            port,
        })
    }

    fn check_downgrade(&self, from: &Url, to: &Url) -> Result<(), EgressError> {
        let (host, port) = read_host(to)?;
        let is_downgrade = from.scheme() == "https" && to.scheme() == "http";
        if is_downgrade && !self.0.trust.find(&host, port).insecure && !is_this_machine(to) {
            return Err(EgressError::Downgrade {
                from: describe_host(from)?,
                to: describe_host(to)?,
            });
        }
        Ok(())
    }

    pub(crate) fn make_guard(&self, host: String, port: u16, plain: Option<PlainHttp>) -> Guard {
        Guard {
            policy: Arc::clone(&self.0.policy),
            resolver: Arc::clone(&self.0.resolver),
            host,
            port,
            plain,
        }
    }
}

/// One hop, ready to go.
struct Prepared {
    host: String,
    builder: reqwest::RequestBuilder,
    path: Option<PathOut>,
    movement: Movement,
    patience: Patience,
}

impl Prepared {
    async fn send(self) -> Result<Response, EgressError> {
        let (host, idle) = (self.host, self.patience.body);
        let inner = self
            .movement
            .bound(self.builder.send(), &host, self.patience)
            .await?
            .map_err(|error| {
                let refusal = self.path.and_then(|path| path.take_refusal());
                refusal.unwrap_or_else(|| EgressError::from_transport(&host, error))
            })?;
        Ok(Response { inner, host, idle })
    }
}

impl fmt::Debug for Egress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Egress")
            .field("policy", &self.0.policy.load())
            .field("proxy", &self.0.proxy)
            .finish_non_exhaustive()
    }
}

fn read_host(url: &Url) -> Result<(String, u16), EgressError> {
    let fail = || EgressError::Url {
        text: format!("{}://{}", url.scheme(), url.host_str().unwrap_or_default()),
    };
    if !matches!(url.scheme(), "http" | "https") {
        return Err(fail());
    }
    let host = url
        .host_str()
        .filter(|host| !host.is_empty())
        .ok_or_else(fail)?;
    let port = url.port_or_known_default().ok_or_else(fail)?;
    Ok((fold_host(host), port))
}

/// `host`, with its port unless that is the scheme's own.
fn describe_host(url: &Url) -> Result<String, EgressError> {
    let (host, _) = read_host(url)?;
    Ok(match url.port() {
        Some(port) => join_host_port(&host, port),
        None => host,
    })
}
