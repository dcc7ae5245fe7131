//! Interfaces, addresses and routes (rtnetlink(7)).

use std::io;

use super::netlink::{ACKNOWLEDGE, Message, Netlink};

const RTM_NEWLINK: u16 = 16;

/// The loopback interface has this number in every namespace.
const LOOPBACK: i32 = 1;

/// Raises the loopback interface of this process's network namespace.
///
/// # Errors
/// The kernel's.
pub(crate) fn raise_loopback() -> io::Result<()> {
    Netlink::open(libc::NETLINK_ROUTE)?.send(vec![raise(LOOPBACK)])
}

fn raise(interface: i32) -> Message {
    let up = libc::IFF_UP as u32;
    Message::new(
        RTM_NEWLINK,
        ACKNOWLEDGE,
        &interface_header(interface, up, up),
    )
}

/// `struct ifinfomsg`.
fn interface_header(interface: i32, flags: u32, change: u32) -> [u8; 16] {
    let mut header = [0; 16];
    header[4..8].copy_from_slice(&interface.to_ne_bytes());
    header[8..12].copy_from_slice(&flags.to_ne_bytes());
    header[12..16].copy_from_slice(&change.to_ne_bytes());
    header
}
