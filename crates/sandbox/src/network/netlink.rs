//! Messages to the kernel's network configuration (netlink(7)), as far as a sandbox needs them.
//!
//! Written by hand: the tools that speak it are not on every machine, and no library for it works without a runtime.

use std::io;
use std::os::fd::OwnedFd;

use rustix::net::{
    AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, netlink::SocketAddrNetlink,
};

/// Room for every answer that is read here; the kernel cuts longer ones.
const ANSWER: usize = 16 * 1024;

const HEADER: usize = 16;

/// `NLM_F_*` (linux/netlink.h).
pub(crate) const REQUEST: u16 = 0x1;
pub(crate) const ACKNOWLEDGE: u16 = 0x4;
pub(crate) const CREATE: u16 = 0x400;
pub(crate) const EXCLUSIVE: u16 = 0x200;

const NLMSG_ERROR: u16 = 2;

/// A socket to the network configuration of the namespace in which it was opened.
pub(crate) struct Netlink {
    socket: OwnedFd,
    sequence: u32,
}

impl Netlink {
    /// Opens one of the protocols of `NETLINK_*`.
    pub(crate) fn open(protocol: i32) -> io::Result<Self> {
        let protocol =
            std::num::NonZeroU32::new(protocol as u32).map(rustix::net::Protocol::from_raw);
        let socket = rustix::net::socket_with(
            AddressFamily::NETLINK,
            SocketType::RAW,
            SocketFlags::CLOEXEC,
            protocol,
        )?;
        rustix::net::bind(&socket, &SocketAddrNetlink::new(0, 0))?;
        Ok(Self {
            socket,
            sequence: 0,
        })
    }

    /// Sends messages as one and waits until the kernel has carried out each that asks for an acknowledgement.
    pub(crate) fn send(&mut self, messages: Vec<Message>) -> io::Result<()> {
        let mut bytes = Vec::new();
        let mut awaited = 0;
        for message in messages {
            self.sequence += 1;
            awaited += usize::from(message.flags & ACKNOWLEDGE != 0);
            bytes.extend(message.finish(self.sequence));
        }
        rustix::net::send(&self.socket, &bytes, SendFlags::empty())?;
        let mut answer = vec![0; ANSWER];
        while awaited > 0 {
            let (length, _) = rustix::net::recv(&self.socket, &mut answer[..], RecvFlags::empty())?;
            for errno in read_errors(answer.get(..length).unwrap_or_default()) {
                if errno != 0 {
                    return Err(io::Error::from_raw_os_error(-errno));
                }
                awaited = awaited.saturating_sub(1);
            }
        }
        Ok(())
    }
}

/// The codes of all acknowledgements in a datagram; 0 is success.
fn read_errors(mut bytes: &[u8]) -> Vec<i32> {
    let mut errors = Vec::new();
    while bytes.len() >= HEADER + 4 {
        let word = |at: usize| bytes.get(at..at + 4).and_then(|word| word.try_into().ok());
        let length = word(0).map_or(0, u32::from_ne_bytes) as usize;
        let kind = u16::from_ne_bytes([bytes[4], bytes[5]]);
        if kind == NLMSG_ERROR {
            errors.push(word(HEADER).map_or(-libc::EIO, i32::from_ne_bytes));
        }
        if length < HEADER {
            break;
        }
        bytes = bytes.get(align(length)..).unwrap_or_default();
    }
    errors
}

fn align(length: usize) -> usize {
    length.next_multiple_of(4)
}

/// One message under construction.
pub(crate) struct Message {
    kind: u16,
    flags: u16,
    body: Vec<u8>,
}

impl Message {
    /// `fixed` is the protocol's own header.
    pub(crate) fn new(kind: u16, flags: u16, fixed: &[u8]) -> Self {
        Self {
            kind,
            flags: flags | REQUEST,
            body: fixed.to_vec(),
        }
    }

    /// Adds an attribute.
    pub(crate) fn with(mut self, kind: u16, value: &[u8]) -> Self {
        put(&mut self.body, kind, value);
        self
    }

    /// Adds an attribute made of attributes.
    pub(crate) fn with_nested(self, kind: u16, build: impl FnOnce(&mut Nest)) -> Self {
        let mut nest = Nest::default();
        build(&mut nest);
        self.with(kind | NESTED, &nest.bytes)
    }

    fn finish(self, sequence: u32) -> Vec<u8> {
        let length = HEADER + self.body.len();
        let mut bytes = Vec::with_capacity(align(length));
        bytes.extend((length as u32).to_ne_bytes());
        bytes.extend(self.kind.to_ne_bytes());
        bytes.extend(self.flags.to_ne_bytes());
        bytes.extend(sequence.to_ne_bytes());
        bytes.extend(0_u32.to_ne_bytes());
        bytes.extend(self.body);
        bytes.resize(align(bytes.len()), 0);
        bytes
    }
}

/// `NLA_F_NESTED`.
const NESTED: u16 = 0x8000;

/// Attributes within an attribute.
#[derive(Default)]
pub(crate) struct Nest {
    bytes: Vec<u8>,
}

impl Nest {
    pub(crate) fn put(&mut self, kind: u16, value: &[u8]) {
        put(&mut self.bytes, kind, value);
    }

    /// Bytes that are no attribute: a header within a nest.
    pub(crate) fn put_raw(&mut self, bytes: &[u8]) {
        self.bytes.extend(bytes);
    }

    pub(crate) fn nest(&mut self, kind: u16, build: impl FnOnce(&mut Self)) {
        let mut inner = Self::default();
        build(&mut inner);
        self.put(kind | NESTED, &inner.bytes);
    }
}

fn put(body: &mut Vec<u8>, kind: u16, value: &[u8]) {
    body.extend(((value.len() + 4) as u16).to_ne_bytes());
    body.extend(kind.to_ne_bytes());
    body.extend(value);
    body.resize(align(body.len()), 0);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_padded_but_tell_their_own_length() {
        let bytes = Message::new(1, 0, &[0; 4]).with(3, b"lo\0").finish(7);
        assert_eq!(bytes.len(), HEADER + 4 + 8);
        assert_eq!(&bytes[HEADER + 4..], &[7, 0, 3, 0, b'l', b'o', 0, 0]);
    }

    #[test]
    fn an_acknowledgement_is_told_from_an_error() {
        let mut ok = Message::new(NLMSG_ERROR, 0, &0_i32.to_ne_bytes()).finish(1);
        ok.extend(Message::new(NLMSG_ERROR, 0, &(-17_i32).to_ne_bytes()).finish(2));
        assert_eq!(read_errors(&ok), [0, -17]);
    }
}
