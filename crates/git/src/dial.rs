//! The one way out of git's sandbox: somebody else connects, and decides whether that may be.

use std::fmt;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncWrite};

/// What will be spoken on a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Speaks {
    /// TLS, from the first byte.
    Tls,
    /// HTTP without encryption, which is for listed hosts only.
    PlainHttp,
    /// Another protocol with an encryption of its own: ssh.
    Ssh,
}

/// Where to.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Target {
    /// A name, or an address without brackets.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// What will be spoken.
    pub speaks: Speaks,
}

/// A connection: a socket, or anything that passes bytes.
pub trait Connection: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Connection for T {}

/// Connects to where git wants to go, if that is allowed.
///
/// The server's own is [`EgressDial`](crate::EgressDial). A build worker has none of its own and asks the server.
#[async_trait]
pub trait Dial: Send + Sync {
    /// A connection to the target.
    ///
    /// # Errors
    /// In words for people, when the target is refused or nobody answers.
    async fn dial(&self, target: &Target) -> Result<Box<dyn Connection>, DialError>;
}

/// Why there is no connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct DialError {
    /// What happened, with all its causes.
    pub message: String,
    /// What to do, such as the line for `[egress] allow`.
    pub hint: Option<String>,
    /// The policy said no, whoever would have answered.
    pub is_refusal: bool,
    /// The same may succeed a moment later.
    pub is_transient: bool,
}

impl fmt::Display for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.host.contains(':') {
            true => write!(formatter, "[{}]:{}", self.host, self.port),
            false => write!(formatter, "{}:{}", self.host, self.port),
        }
    }
}
