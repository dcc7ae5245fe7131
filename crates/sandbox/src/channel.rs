//! Messages with descriptors between two processes.
//!
//! One `SOCK_SEQPACKET` pair carries the request to the helper, another one what a file job and its caller stream to each
//! other. It refuses messages that would be cut; it does not know what the bytes mean.

use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags,
    SendAncillaryBuffer, SendAncillaryMessage, SendFlags, Shutdown, SocketFlags, SocketType,
};

/// One end of a connection that keeps message boundaries and passes descriptors. Both ends may send at any time.
#[derive(Debug)]
pub struct Channel {
    socket: OwnedFd,
}

/// What arrived in one piece.
#[derive(Debug)]
pub struct Message {
    /// At most [`Channel::MAX_BYTES`].
    pub bytes: Vec<u8>,
    /// At most [`Channel::MAX_FDS`], in the order in which they were sent; each closes on exec.
    pub fds: Vec<OwnedFd>,
}

impl Channel {
    /// The longest message. Larger ones would not fit into the default socket buffer (208 KiB with the kernel's own
    /// overhead); much smaller ones would cost a system call per page of a file.
    pub const MAX_BYTES: usize = 64 * 1024;

    /// Descriptors per message; the kernel's bound is 253 (`SCM_MAX_FD`).
    pub const MAX_FDS: usize = 250;

    /// Two connected ends.
    ///
    /// # Errors
    /// The system's, such as too many open files.
    pub fn pair() -> io::Result<(Self, Self)> {
        let (one, other) = rustix::net::socketpair(
            AddressFamily::UNIX,
            SocketType::SEQPACKET,
            SocketFlags::CLOEXEC,
            None,
        )?;
        Ok((Self::from(one), Self::from(other)))
    }

    /// Sends one message, waiting while the other end is behind.
    ///
    /// # Errors
    /// `EINVAL` for an empty or oversized message; `EPIPE` when the other end is closed.
    pub fn send(&self, bytes: &[u8], fds: &[BorrowedFd<'_>]) -> io::Result<()> {
        if bytes.is_empty() || bytes.len() > Self::MAX_BYTES || fds.len() > Self::MAX_FDS {
            return Err(io::Error::from_raw_os_error(libc::EINVAL));
        }
        let mut space = vec![MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(Self::MAX_FDS))];
        let mut control = SendAncillaryBuffer::new(&mut space);
        if !fds.is_empty() {
            control.push(SendAncillaryMessage::ScmRights(fds));
        }
        rustix::io::retry_on_intr(|| {
            rustix::net::sendmsg(
                &self.socket,
                &[IoSlice::new(bytes)],
                &mut control,
                SendFlags::NOSIGNAL,
            )
        })?;
        Ok(())
    }

    /// The next message; `None` once the other end is closed and everything was read.
    ///
    /// # Errors
    /// `EMSGSIZE` when the sender was not a channel and the message was cut.
    pub fn receive(&self) -> io::Result<Option<Message>> {
        let mut bytes = vec![0; Self::MAX_BYTES];
        let mut space = vec![MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(Self::MAX_FDS))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        let received = match rustix::io::retry_on_intr(|| {
            rustix::net::recvmsg(
                &self.socket,
                &mut [IoSliceMut::new(&mut bytes)],
                &mut control,
                RecvFlags::CMSG_CLOEXEC,
            )
        }) {
            Ok(received) => received,
            // The other end died with unread messages of ours.
            Err(rustix::io::Errno::CONNRESET) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let mut fds = Vec::new();
        for message in control.drain() {
            if let RecvAncillaryMessage::ScmRights(rights) = message {
                fds.extend(rights);
            }
        }
        if received
            .flags
            .intersects(ReturnFlags::TRUNC | ReturnFlags::CTRUNC)
        {
            return Err(io::Error::from_raw_os_error(libc::EMSGSIZE));
        }
        if received.bytes == 0 {
            return Ok(None);
        }
        bytes.truncate(received.bytes);
        Ok(Some(Message { bytes, fds }))
    }

    /// Tells the other end that nothing more comes; receiving goes on.
    ///
    /// # Errors
    /// The system's, when it was closed already.
    pub fn finish_sending(&self) -> io::Result<()> {
        Ok(rustix::net::shutdown(&self.socket, Shutdown::Write)?)
    }

    /// Sends descriptors of any number, in as many messages as they need.
    pub(crate) fn send_fds(&self, fds: &[BorrowedFd<'_>]) -> io::Result<()> {
        let mut rest = fds;
        loop {
            let (now, later) = rest.split_at(rest.len().min(Self::MAX_FDS));
            self.send(&[u8::from(!later.is_empty())], now)?;
            if later.is_empty() {
                return Ok(());
            }
            rest = later;
        }
    }

    /// The counterpart of [`Channel::send_fds`].
    pub(crate) fn receive_fds(&self) -> io::Result<Vec<OwnedFd>> {
        let mut all = Vec::new();
        loop {
            let message = self
                .receive()?
                .ok_or_else(|| io::Error::from(io::ErrorKind::UnexpectedEof))?;
            all.extend(message.fds);
            if message.bytes == [0] {
                return Ok(all);
            }
        }
    }
}

impl From<OwnedFd> for Channel {
    fn from(socket: OwnedFd) -> Self {
        Self { socket }
    }
}

impl From<Channel> for OwnedFd {
    fn from(channel: Channel) -> Self {
        channel.socket
    }
}

impl AsFd for Channel {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use super::*;

    #[test]
    fn more_descriptors_than_fit_into_one_message_arrive_in_order() {
        let (here, there) = Channel::pair().unwrap();
        let null = File::open("/dev/null").unwrap();
        let zero = File::open("/dev/zero").unwrap();
        let mut fds = vec![null.as_fd(); Channel::MAX_FDS];
        fds.push(zero.as_fd());
        here.send_fds(&fds).unwrap();
        let received = there.receive_fds().unwrap();
        assert_eq!(received.len(), Channel::MAX_FDS + 1);
        let last = rustix::fs::fstat(received.last().unwrap()).unwrap();
        assert_eq!(last.st_rdev, rustix::fs::fstat(&zero).unwrap().st_rdev);
    }

    #[test]
    fn the_end_is_seen_after_the_last_message() {
        let (here, there) = Channel::pair().unwrap();
        here.send(b"last", &[]).unwrap();
        drop(here);
        assert_eq!(there.receive().unwrap().unwrap().bytes, b"last");
        assert!(there.receive().unwrap().is_none());
    }

    #[test]
    fn a_message_that_would_look_like_the_end_is_refused() {
        let (here, _there) = Channel::pair().unwrap();
        assert_eq!(
            here.send(&[], &[]).unwrap_err().raw_os_error(),
            Some(libc::EINVAL)
        );
    }
}
