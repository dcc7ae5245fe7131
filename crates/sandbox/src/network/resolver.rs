//! A step's resolver: sockets inside its namespace, answered from outside.
//!
//! No packet of it passes the step's filter or the host's address translation, so a private or local name server of the
//! host works for every step without being reachable from it.

use std::io;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::os::fd::OwnedFd;

use rustix::net::{AddressFamily, SocketFlags, SocketType};

/// Where it listens inside: an address of the loopback interface that programs do not use for themselves.
pub(crate) const RESOLVER: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 11);

/// DNS (RFC 1035).
pub(crate) const PORT: u16 = 53;

/// The sockets for datagrams and for connections, in this process's network namespace.
///
/// # Errors
/// The kernel's.
pub(crate) fn open_resolver() -> io::Result<(OwnedFd, OwnedFd)> {
    let open = |kind| -> io::Result<OwnedFd> {
        let socket =
            rustix::net::socket_with(AddressFamily::INET, kind, SocketFlags::CLOEXEC, None)?;
        rustix::net::bind(&socket, &SocketAddrV4::new(RESOLVER, PORT))?;
        Ok(socket)
    };
    let (datagrams, connections) = (open(SocketType::DGRAM)?, open(SocketType::STREAM)?);
    rustix::net::listen(&connections, 64)?;
    Ok((datagrams, connections))
}
