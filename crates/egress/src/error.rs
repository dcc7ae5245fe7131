//! Why a request did not go out, or its answer did not come in.

use crate::address::AddressClass;
use crate::allow::join_host_port;
use std::io;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// The outcome of everything in this crate.
pub type Result<T, E = EgressError> = std::result::Result<T, E>;

/// A failure on the way out. Texts name hosts only: paths and queries of URLs may carry secrets.
#[derive(Debug, Clone, thiserror::Error)]
pub enum EgressError {
    /// The policy denies every address of the host.
    #[error("refused to connect to {}: {address} is {class}", join_host_port(.host, *.port))]
    Refused {
        host: String,
        port: u16,
        address: IpAddr,
        class: AddressClass,
    },
    /// The URL asks for http without TLS where that is not allowed.
    #[error("refused to speak plain http to {}", join_host_port(.host, *.port))]
    PlainHttp { host: String, port: u16 },
    /// An https server sends its client on to plain http.
    #[error("refused to follow {from} from https to plain http at {to}")]
    Downgrade { from: String, to: String },
    #[error("{host} redirects more than {limit} times")]
    Redirects { host: String, limit: usize },
    #[error("{host} redirects to something that is not a URL")]
    Location { host: String },
    /// Not http or https, or without a host.
    #[error("{text} is not an http or https URL")]
    Url { text: String },
    #[error("the name {host} cannot be resolved")]
    Unresolved {
        host: String,
        source: Arc<io::Error>,
    },
    /// No connection was made: refused, unreachable, timed out, or TLS failed.
    #[error("cannot connect to {host}")]
    Connect {
        host: String,
        source: Arc<reqwest::Error>,
    },
    /// The same, for a bare connection.
    #[error("cannot connect to {host}")]
    Dial {
        host: String,
        source: Arc<io::Error>,
    },
    #[error("the proxy {proxy} does not connect to {host} (status {status})")]
    ProxyRefused {
        proxy: String,
        host: String,
        status: String,
    },
    /// Only requests can go through such a proxy.
    #[error("a bare connection cannot go through {proxy}, a proxy that is spoken to by https")]
    ProxyTls { proxy: String },
    /// The connection was there and ended too early.
    #[error("the connection to {host} broke")]
    Broken {
        host: String,
        source: Arc<reqwest::Error>,
    },
    /// The answer came to a proper end, but before the caller had all that there should be.
    #[error("the answer of {host} ended too early")]
    Ended { host: String },
    #[error("{host} sent and took nothing for {} seconds", .limit.as_secs())]
    Stalled { host: String, limit: Duration },
    #[error("the answer of {host} has more than {limit} bytes")]
    TooLarge { host: String, limit: usize },
    #[error("cannot read certificates from {path}")]
    CertificateFile {
        path: PathBuf,
        source: Arc<io::Error>,
    },
    #[error("{path} holds no certificate in PEM form")]
    Certificate { path: PathBuf },
    /// What a caller gave for one host, see [`Egress::with_authority`](crate::Egress::with_authority).
    #[error("the authority that was given for {host} is no certificate in PEM form")]
    Authority { host: String },
    /// What a caller gave for one host, see [`Egress::with_identity`](crate::Egress::with_identity).
    #[error(
        "the certificate that was given to show to {host} is no PEM text of a certificate and its key"
    )]
    Identity { host: String },
    #[error("{variable} is not the URL of an http proxy")]
    Proxy { variable: &'static str },
    #[error("{text:?} is no entry for [egress] allow: {reason}")]
    AllowEntry { text: String, reason: &'static str },
    /// Whoever dials for this process refused or failed, in their words.
    #[error("{text}")]
    Elsewhere { text: String, hint: Option<String> },
    /// The system's certificates cannot be read, for one.
    #[error("cannot prepare connections to {host}")]
    Prepare {
        host: String,
        source: Arc<reqwest::Error>,
    },
}

impl EgressError {
    /// What to do about it, in one line; `None` when the text says all there is.
    pub fn hint(&self) -> Option<String> {
        match self {
            EgressError::Refused { host, port, address, class } => Some(match class {
                AddressClass::Metadata
                | AddressClass::LinkLocal
                | AddressClass::Multicast
                | AddressClass::Unspecified
                | AddressClass::Reserved => {
                    format!("[egress] allow = [\"{address}\"] in wharf.toml would allow it")
                }
                _ => format!(
                    "[egress] allow = [\"{}\"] in wharf.toml would allow it, as would [\"{address}\"]",
                    join_host_port(host, *port)
                ),
            }),
            EgressError::PlainHttp { host, port } => Some(format!(
                "use https, or allow it by [egress] allow = [\"{}\"] in wharf.toml",
                join_host_port(host, *port)
            )),
            EgressError::ProxyTls { .. } => Some(
                "give the address of an http proxy for https, or name the host in NO_PROXY".to_owned(),
            ),
            EgressError::Unresolved { .. }
            | EgressError::Connect { .. }
            | EgressError::Dial { .. } => Some(
                "behind a proxy, set HTTPS_PROXY and HTTP_PROXY, or [egress] proxy in wharf.toml"
                    .to_owned(),
            ),
            EgressError::Elsewhere { hint, .. } => hint.clone(),
            EgressError::AllowEntry { .. } => Some(
                "write an address (10.0.0.5), a network (10.0.0.0/8) or a host with its port (git.internal:443)"
                    .to_owned(),
            ),
            _ => None,
        }
    }

    /// Whether the same request may succeed a moment later.
    pub fn is_transient(&self) -> bool {
        matches!(
            self,
            EgressError::Unresolved { .. }
                | EgressError::Connect { .. }
                | EgressError::Dial { .. }
                | EgressError::Broken { .. }
                | EgressError::Ended { .. }
                | EgressError::Stalled { .. }
        )
    }

    /// Sorts an error of the HTTP library. What the guard said comes out as it went in.
    pub(crate) fn from_transport(host: &str, error: reqwest::Error) -> EgressError {
        let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
        while let Some(current) = cause {
            if let Some(own) = current.downcast_ref::<EgressError>() {
                return own.clone();
            }
            cause = current.source();
        }
        let host = host.to_owned();
        let is_connect = error.is_connect();
        let source = Arc::new(error.without_url());
        if is_connect {
            EgressError::Connect { host, source }
        } else {
            EgressError::Broken { host, source }
        }
    }
}
