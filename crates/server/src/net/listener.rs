//! A bound socket, with or without TLS.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use rustls::ServerConfig;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// An address could not be listened on.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}")]
pub struct ListenError {
    pub address: SocketAddr,
    #[source]
    pub source: io::Error,
}

/// One socket that clients connect to. They may do so from [`Listener::bind`] on; they are
/// answered once it is handed to [`super::serve`].
pub struct Listener {
    pub(super) socket: TcpListener,
    pub(super) address: SocketAddr,
    pub(super) tls: Option<TlsAcceptor>,
}

impl fmt::Debug for Listener {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        write!(formatter, "Listener({scheme}://{})", self.address)
    }
}

impl Listener {
    /// Listens on `address` for plain HTTP; port 0 takes a free one.
    pub async fn bind(address: SocketAddr) -> Result<Self, ListenError> {
        let listen = |source| ListenError { address, source };
        let socket = TcpListener::bind(address).await.map_err(listen)?;
        let address = socket.local_addr().map_err(listen)?;
        Ok(Self {
            socket,
            address,
            tls: None,
        })
    }

    /// The same socket, speaking TLS only.
    pub fn with_tls(self, config: Arc<ServerConfig>) -> Self {
        Self {
            tls: Some(TlsAcceptor::from(config)),
            ..self
        }
    }

    /// The address as bound, with the port taken.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }
}
