//! A port of a step's loopback interface on which somebody outside listens: a way out that is one program's alone, and
//! leads only where that program connects it.

use std::io;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::os::fd::OwnedFd;

use rustix::net::{AddressFamily, SocketFlags, SocketType};

/// Connections that wait to be accepted.
const BACKLOG: i32 = 64;

/// A listening socket in this process's network namespace.
///
/// # Errors
/// The kernel's.
pub(crate) fn listen_on_loopback(port: u16) -> io::Result<OwnedFd> {
    let socket = rustix::net::socket_with(
        AddressFamily::INET,
        SocketType::STREAM,
        SocketFlags::CLOEXEC,
        None,
    )?;
    rustix::net::bind(&socket, &SocketAddrV4::new(Ipv4Addr::LOCALHOST, port))?;
    rustix::net::listen(&socket, BACKLOG)?;
    Ok(socket)
}
