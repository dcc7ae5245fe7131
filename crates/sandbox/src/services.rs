//! What the caller's process answers for a running step: name queries, and connections to agents.

use std::net::{IpAddr, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;

use crate::network::{self, Relay, Stop, relay_datagrams};

/// Listening sockets of a step.
#[derive(Debug, Default)]
pub(crate) struct Sockets {
    pub(crate) resolver: Option<(OwnedFd, OwnedFd)>,
    pub(crate) agents: Vec<OwnedFd>,
}

/// Threads that answer a step's sockets. The stop comes first, then the threads end.
#[derive(Debug, Default)]
pub(crate) struct Services {
    keep: Option<OwnedFd>,
    relays: Vec<Relay>,
}

impl Services {
    pub(crate) fn start(
        sockets: Sockets,
        servers: &[IpAddr],
        agents: Vec<PathBuf>,
    ) -> std::io::Result<Self> {
        let (stop, keep) = Stop::pair()?;
        let mut relays = Vec::new();
        if let Some((datagrams, connections)) = sockets.resolver {
            let (all, first) = (servers.to_vec(), servers.first().copied());
            let datagram_stop = stop.clone();
            relays.push(Relay::run("step resolver", move || {
                relay_datagrams(datagrams, &all, &datagram_stop);
            })?);
            let connect = move || {
                let server = first.ok_or(std::io::ErrorKind::NotFound)?;
                Ok(TcpStream::connect((server, network::PORT))?.into())
            };
            relays.push(Relay::accept(
                "step resolver",
                connections,
                stop.clone(),
                connect,
            )?);
        }
        for (listener, agent) in sockets.agents.into_iter().zip(agents) {
            let connect = move || Ok(UnixStream::connect(&agent)?.into());
            relays.push(Relay::accept(
                "step agent",
                listener,
                stop.clone(),
                connect,
            )?);
        }
        Ok(Self {
            keep: Some(keep),
            relays,
        })
    }
}

impl Drop for Services {
    fn drop(&mut self) {
        drop(self.keep.take());
        self.relays.clear();
    }
}
