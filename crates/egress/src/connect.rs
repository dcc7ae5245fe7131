//! Bare connections, for those who speak something else than http through this crate: judged and dialed as requests are.
//!
//! Behind a proxy the proxy connects (RFC 9110, section 9.3.6), resolves and judges names. Called by whoever lets git out.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use url::Url;

use crate::allow::{fold_host, join_host_port};
use crate::egress::Egress;
use crate::error::EgressError;
use crate::policy::PlainHttp;

/// What will be spoken on a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// TLS.
    Tls,
    /// http without TLS, where the rule allows it.
    PlainHttp(PlainHttp),
    /// Something with an encryption of its own. It goes past an http proxy: those seldom connect to other ports.
    Other,
}

/// The longest answer of a proxy before its connection is the target's. Proxies send a few lines.
const LONGEST_HEAD: usize = 16 * 1024;

impl Egress {
    /// A connection to one of the addresses of `host` that may be dialed, the first that answers.
    ///
    /// # Errors
    /// When the policy refuses the host or the protocol, or when nobody answers.
    pub async fn connect(
        &self,
        host: &str,
        port: u16,
        protocol: Protocol,
    ) -> Result<TcpStream, EgressError> {
        let host = fold_host(host);
        let plain = match protocol {
            Protocol::PlainHttp(rule) => Some(rule),
            Protocol::Tls | Protocol::Other => None,
        };
        if let Some(elsewhere) = self.elsewhere() {
            return elsewhere.dial(&host, port, plain.is_some()).await;
        }
        let guard = self.make_guard(host.clone(), port, plain);
        if let Some(proxy) = self.find_proxy_of(&host, port, protocol)? {
            guard.check_literal()?;
            if let Some(rule) = plain {
                self.check_plain_behind_proxy(&host, port, rule)?;
            }
            return self.connect_by_proxy(&proxy, &host, port).await;
        }
        let addresses = guard.find_addresses().await?;
        self.dial_first(&join_host_port(&host, port), addresses)
            .await
    }

    fn find_proxy_of(
        &self,
        host: &str,
        port: u16,
        protocol: Protocol,
    ) -> Result<Option<Url>, EgressError> {
        let scheme = match protocol {
            Protocol::Tls => "https",
            Protocol::PlainHttp(_) => "http",
            Protocol::Other => return Ok(None),
        };
        let text = format!("{scheme}://{}", join_host_port(host, port));
        let url = Url::parse(&text).map_err(|_| EgressError::Url { text })?;
        Ok(self.find_proxy(&url).cloned())
    }

    async fn connect_by_proxy(
        &self,
        proxy: &Url,
        host: &str,
        port: u16,
    ) -> Result<TcpStream, EgressError> {
        let name = proxy.host_str().unwrap_or_default();
        let proxy_port = proxy.port_or_known_default().unwrap_or_default();
        let shown = join_host_port(name, proxy_port);
        if proxy.scheme() != "http" {
            return Err(EgressError::ProxyTls { proxy: shown });
        }
        let found = self.resolve_unjudged(&fold_host(name)).await?;
        let addresses = found
            .into_iter()
            .map(|address| SocketAddr::new(address, proxy_port))
            .collect();
        let mut stream = self.dial_first(&shown, addresses).await?;
        let target = join_host_port(host, port);
        let mut request = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n");
        if !proxy.username().is_empty() {
            let decode = |text| percent_encoding::percent_decode_str(text).decode_utf8_lossy();
            let (user, password) = (proxy.username(), proxy.password().unwrap_or_default());
            let pair = STANDARD.encode(format!("{}:{}", decode(user), decode(password)));
            request.push_str(&format!("Proxy-Authorization: Basic {pair}\r\n"));
        }
        request.push_str("\r\n");
        let ask = async {
            stream.write_all(request.as_bytes()).await?;
            read_head(&mut stream).await
        };
        let failed = |source| EgressError::Dial {
            host: shown.clone(),
            source: Arc::new(source),
        };
        let head = timeout(self.connect_timeout(), ask)
            .await
            .map_err(|_| failed(io::ErrorKind::TimedOut.into()))?
            .map_err(failed)?;
        let status = head.split(' ').nth(1).unwrap_or_default();
        match status.starts_with('2') {
            true => Ok(stream),
            false => Err(EgressError::ProxyRefused {
                proxy: shown,
                host: target,
                status: status.chars().take(3).collect(),
            }),
        }
    }

    async fn dial_first(
        &self,
        host: &str,
        addresses: Vec<SocketAddr>,
    ) -> Result<TcpStream, EgressError> {
        let mut last = io::Error::from(io::ErrorKind::NotFound);
        for address in addresses {
            match dial(address, self.connect_timeout()).await {
                Ok(stream) => return Ok(stream),
                Err(error) => last = error,
            }
        }
        Err(EgressError::Dial {
            host: host.to_owned(),
            source: Arc::new(last),
        })
    }
}

async fn dial(address: SocketAddr, patience: Duration) -> io::Result<TcpStream> {
    let stream = timeout(patience, TcpStream::connect(address))
        .await
        .map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// The first line of an answer; what follows its empty line is left on the stream.
async fn read_head(stream: &mut TcpStream) -> io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() >= LONGEST_HEAD {
            return Err(io::Error::other("its answer has no end"));
        }
        head.push(stream.read_u8().await?);
    }
    let text = String::from_utf8_lossy(&head);
    Ok(text.lines().next().unwrap_or_default().to_owned())
}
