//! What a handler may know about the connection its request came on.

use std::net::SocketAddr;

use crate::body::{BufferPool, BufferShare, SendfileRegistry};

/// Facts about one connection, cheap to clone, the same for all its requests.
#[derive(Clone, Debug)]
pub struct ConnectionInfo {
    /// The other end of the socket. Behind a proxy that is the proxy: see [`super::client_address`].
    pub peer: SocketAddr,
    /// Whether this server itself ended TLS on the connection.
    pub tls: bool,
    /// Where a response may register file ranges to be sent by `sendfile(2)`; absent under TLS.
    pub sendfile: Option<SendfileRegistry>,
    pub(crate) buffers: BufferShare,
}

impl ConnectionInfo {
    /// A connection without a socket, for calls made inside the process: files are sent through buffers.
    pub fn detached(peer: SocketAddr) -> Self {
        Self {
            peer,
            tls: false,
            sendfile: None,
            buffers: BufferPool::default().open_share(),
        }
    }
}
