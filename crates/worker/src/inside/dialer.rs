//! Connections, by way of the server.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::net::TcpStream;
use wharf_egress::{Dialer, Dialing, EgressError};
use wharf_git::{Connection, Dial, DialError, Speaks, Target};

use super::desk::{Desk, confused};
use crate::wire::{FromWorker, ToWorker};

/// Asks the server for connections.
#[derive(Clone)]
pub(super) struct ServerDialer {
    pub(super) desk: Arc<Desk>,
}

impl ServerDialer {
    async fn connect(&self, target: Target) -> Result<TcpStream, DialError> {
        let mut answers = self.desk.ask(|ask| FromWorker::Dial { ask, target });
        let Some((ToWorker::Dialed { outcome, .. }, fds)) = answers.recv().await else {
            return Err(broken(confused().message));
        };
        outcome?;
        let socket = fds.into_iter().next();
        let socket = socket.ok_or_else(|| broken(confused().message))?;
        let stream = std::net::TcpStream::from(socket);
        stream
            .set_nonblocking(true)
            .and_then(|()| TcpStream::from_std(stream))
            .map_err(|error| broken(format!("the server's connection cannot be used: {error}")))
    }
}

fn broken(message: String) -> DialError {
    DialError {
        message,
        hint: None,
        is_refusal: false,
        is_transient: false,
    }
}

impl Dialer for ServerDialer {
    fn dial(&self, host: &str, port: u16, is_plain: bool) -> Dialing {
        let own = self.clone();
        let target = Target {
            host: host.to_owned(),
            port,
            speaks: match is_plain {
                true => Speaks::PlainHttp,
                false => Speaks::Tls,
            },
        };
        Box::pin(async move {
            let connected = own.connect(target).await;
            connected.map_err(|error| EgressError::Elsewhere {
                text: error.message,
                hint: error.hint,
            })
        })
    }
}

#[async_trait]
impl Dial for ServerDialer {
    async fn dial(&self, target: &Target) -> Result<Box<dyn Connection>, DialError> {
        Ok(Box::new(self.connect(target.clone()).await?))
    }
}
