//! Interfaces, addresses and routes (rtnetlink(7)).

use std::io;
use std::net::Ipv4Addr;

use super::netlink::{ACKNOWLEDGE, CREATE, EXCLUSIVE, Message, Netlink};

/// Message types and attributes of linux/rtnetlink.h, linux/if_link.h, linux/if_addr.h and linux/veth.h.
const RTM_NEWLINK: u16 = 16;
const RTM_NEWADDR: u16 = 20;
const RTM_NEWROUTE: u16 = 24;
const IFLA_IFNAME: u16 = 3;
const IFLA_MTU: u16 = 4;
const IFLA_LINKINFO: u16 = 18;
const IFLA_NET_NS_PID: u16 = 19;
const IFLA_INFO_KIND: u16 = 1;
const IFLA_INFO_DATA: u16 = 2;
const VETH_INFO_PEER: u16 = 1;
const IFA_ADDRESS: u16 = 1;
const IFA_LOCAL: u16 = 2;
const RTA_OIF: u16 = 4;
const RTA_GATEWAY: u16 = 5;

/// The loopback interface has this number in every namespace.
const LOOPBACK: u32 = 1;

/// Raises the loopback interface of this process's network namespace.
///
/// # Errors
/// The kernel's.
pub(crate) fn raise_loopback() -> io::Result<()> {
    open()?.send(vec![raise(LOOPBACK)])
}

/// Makes a pair of virtual interfaces: `here` in this namespace, `there` in that of a process.
///
/// # Errors
/// `EEXIST` when `here` is taken.
pub(crate) fn make_cable(here: &str, there: &str, of_process: u32, mtu: u32) -> io::Result<()> {
    let message = Message::new(
        RTM_NEWLINK,
        ACKNOWLEDGE | CREATE | EXCLUSIVE,
        &header(0, 0, 0),
    )
    .with(IFLA_IFNAME, &text(here))
    .with(IFLA_MTU, &mtu.to_ne_bytes())
    .with_nested(IFLA_LINKINFO, |info| {
        info.put(IFLA_INFO_KIND, b"veth");
        info.nest(IFLA_INFO_DATA, |data| {
            data.nest(VETH_INFO_PEER, |peer| {
                peer.put_raw(&header(0, 0, 0));
                peer.put(IFLA_IFNAME, &text(there));
                peer.put(IFLA_MTU, &mtu.to_ne_bytes());
                peer.put(IFLA_NET_NS_PID, &of_process.to_ne_bytes());
            });
        });
    });
    open()?.send(vec![message])
}

/// Gives an interface of this namespace an address, raises it, and makes `gateway` the way to everywhere.
///
/// # Errors
/// The kernel's.
pub(crate) fn configure_interface(
    name: &str,
    address: Ipv4Addr,
    prefix: u8,
    gateway: Option<Ipv4Addr>,
) -> io::Result<()> {
    let number = find_interface(name)?;
    let mut head = vec![libc::AF_INET as u8, prefix, 0, 0];
    head.extend(number.to_ne_bytes());
    let mut messages = vec![
        Message::new(RTM_NEWADDR, ACKNOWLEDGE | CREATE | EXCLUSIVE, &head)
            .with(IFA_LOCAL, &address.octets())
            .with(IFA_ADDRESS, &address.octets()),
        raise(number),
    ];
    if let Some(gateway) = gateway {
        // `struct rtmsg`: the main table (254), set up at start (3), everywhere (0), unicast (1).
        let head = [libc::AF_INET as u8, 0, 0, 0, 254, 3, 0, 1, 0, 0, 0, 0];
        messages.push(
            Message::new(RTM_NEWROUTE, ACKNOWLEDGE | CREATE | EXCLUSIVE, &head)
                .with(RTA_GATEWAY, &gateway.octets())
                .with(RTA_OIF, &number.to_ne_bytes()),
        );
    }
    // One after the other: a route needs its interface up.
    let mut netlink = open()?;
    messages
        .into_iter()
        .try_for_each(|message| netlink.send(vec![message]))
}

fn open() -> io::Result<Netlink> {
    Netlink::open(libc::NETLINK_ROUTE)
}

fn find_interface(name: &str) -> io::Result<u32> {
    let socket = rustix::net::socket(
        rustix::net::AddressFamily::UNIX,
        rustix::net::SocketType::DGRAM,
        None,
    )?;
    Ok(rustix::net::netdevice::name_to_index(&socket, name)?)
}

fn raise(interface: u32) -> Message {
    let up = libc::IFF_UP as u32;
    Message::new(RTM_NEWLINK, ACKNOWLEDGE, &header(interface, up, up))
}

/// `struct ifinfomsg`.
fn header(interface: u32, flags: u32, change: u32) -> [u8; 16] {
    let mut header = [0; 16];
    header[4..8].copy_from_slice(&interface.to_ne_bytes());
    header[8..12].copy_from_slice(&flags.to_ne_bytes());
    header[12..16].copy_from_slice(&change.to_ne_bytes());
    header
}

/// Names end with a zero byte.
fn text(name: &str) -> Vec<u8> {
    let mut bytes = name.as_bytes().to_vec();
    bytes.push(0);
    bytes
}
