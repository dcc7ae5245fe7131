//! Messages of any length over a channel that has a longest one.
//!
//! Called by both ends. It bounds what the other end may send, and does not know what it means.

use std::io;
use std::os::fd::{AsFd, OwnedFd};

use parking_lot::Mutex;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wharf_sandbox::Channel;

/// The longest message. Configurations of images come in one, and secrets; both stay far below.
const LONGEST: usize = 32 << 20;

/// Bytes of a message in one packet; before them one byte tells whether more follow.
const PIECE: usize = Channel::MAX_BYTES - 1;

const MORE: u8 = 1;
const LAST: u8 = 0;

/// One end. Both directions may be used from several threads; messages never mix.
#[derive(Debug)]
pub(crate) struct Link {
    channel: Channel,
    sending: Mutex<()>,
    receiving: Mutex<()>,
}

impl Link {
    pub(crate) fn new(channel: Channel) -> Self {
        Self {
            channel,
            sending: Mutex::new(()),
            receiving: Mutex::new(()),
        }
    }

    /// Sends a message with its descriptors. Waits while the other end is behind.
    ///
    /// # Errors
    /// `EPIPE` when the other end is gone; a message that is too long.
    pub(crate) fn send<T: Serialize>(&self, message: &T, fds: &[OwnedFd]) -> io::Result<()> {
        let bytes = serde_json::to_vec(message)?;
        if bytes.len() > LONGEST {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "the message is too long",
            ));
        }
        let mut fds: Vec<_> = fds.iter().map(AsFd::as_fd).collect();
        let mut rest = &bytes[..];
        let _turn = self.sending.lock();
        loop {
            let (piece, later) = rest.split_at(rest.len().min(PIECE));
            let mut packet = Vec::with_capacity(piece.len() + 1);
            packet.push(if later.is_empty() { LAST } else { MORE });
            packet.extend_from_slice(piece);
            self.channel.send(&packet, &fds)?;
            if later.is_empty() {
                return Ok(());
            }
            fds.clear();
            rest = later;
        }
    }

    /// The next message and its descriptors; `None` once the other end is gone.
    ///
    /// # Errors
    /// What is not such a message, or too long.
    pub(crate) fn receive<T: DeserializeOwned>(&self) -> io::Result<Option<(T, Vec<OwnedFd>)>> {
        let _turn = self.receiving.lock();
        let (mut bytes, mut fds) = (Vec::new(), Vec::new());
        loop {
            let Some(packet) = self.channel.receive()? else {
                return Ok(None);
            };
            let Some((mark, piece)) = packet.bytes.split_first() else {
                return Ok(None);
            };
            bytes.extend_from_slice(piece);
            fds.extend(packet.fds);
            if bytes.len() > LONGEST || fds.len() > Channel::MAX_FDS {
                return Err(io::Error::new(
                    io::ErrorKind::InvalidData,
                    "the message is too long",
                ));
            }
            if *mark == LAST {
                return Ok(Some((serde_json::from_slice(&bytes)?, fds)));
            }
        }
    }

    /// Tells the other end that nothing more comes from here.
    pub(crate) fn finish_sending(&self) {
        // Failing means that it is gone.
        let _ = self.channel.finish_sending();
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use super::*;

    #[test]
    fn a_long_message_arrives_whole_with_its_descriptors() {
        let (here, there) = Channel::pair().unwrap();
        let (here, there) = (Link::new(here), Link::new(there));
        let text = "word ".repeat(100_000);
        let sent = text.clone();
        let sender = std::thread::spawn(move || {
            let null = File::open("/dev/null").unwrap();
            here.send(&sent, &[null.into()]).unwrap();
        });
        let (received, fds): (String, _) = there.receive().unwrap().unwrap();
        sender.join().unwrap();
        assert_eq!(received, text);
        assert_eq!(fds.len(), 1);
        assert!(there.receive::<String>().unwrap().is_none());
    }

    #[test]
    fn an_endless_message_is_refused() {
        let (here, there) = Channel::pair().unwrap();
        let there = Link::new(there);
        let sender = std::thread::spawn(move || {
            let packet = [vec![MORE], vec![b'x'; PIECE]].concat();
            // Until the other end has had enough.
            while here.send(&packet, &[]).is_ok() {}
        });
        assert!(there.receive::<String>().is_err());
        drop(there);
        sender.join().unwrap();
    }
}
