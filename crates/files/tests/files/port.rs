//! Two ends of a connection within one process.

use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::thread;

use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, SocketFlags, SocketType, recvmsg, sendmsg, socketpair,
};
use wharf_files::{Message, Placed, Placement, Port, Result, Selected, Source, receive, send};

use crate::tree::Tree;
use std::os::fd::AsFd as _;

/// What a channel of the sandbox takes at once.
const MAX_BYTES: usize = 64 << 10;

pub(crate) struct Socket(OwnedFd);

impl Socket {
    pub(crate) fn pair() -> (Self, Self) {
        let (kind, flags) = (SocketType::SEQPACKET, SocketFlags::CLOEXEC);
        let (one, other) = socketpair(AddressFamily::UNIX, kind, flags, None).unwrap();
        (Self(one), Self(other))
    }
}

impl Port for Socket {
    fn send(&self, bytes: &[u8], fds: &[BorrowedFd<'_>]) -> io::Result<()> {
        assert!(!bytes.is_empty() && bytes.len() <= MAX_BYTES && fds.len() <= 250);
        let mut space = vec![MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(250))];
        let mut control = SendAncillaryBuffer::new(&mut space);
        if !fds.is_empty() {
            control.push(SendAncillaryMessage::ScmRights(fds));
        }
        let bytes = [io::IoSlice::new(bytes)];
        sendmsg(&self.0, &bytes, &mut control, SendFlags::NOSIGNAL)?;
        Ok(())
    }

    fn receive(&self) -> io::Result<Option<Message>> {
        let mut bytes = vec![0; MAX_BYTES];
        let mut space = vec![MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(250))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        let mut slices = [io::IoSliceMut::new(&mut bytes)];
        let received = recvmsg(&self.0, &mut slices, &mut control, RecvFlags::CMSG_CLOEXEC)?;
        let mut fds = Vec::new();
        for message in control.drain() {
            if let RecvAncillaryMessage::ScmRights(rights) = message {
                fds.extend(rights);
            }
        }
        bytes.truncate(received.bytes);
        Ok((!bytes.is_empty()).then_some(Message { bytes, fds }))
    }
}

/// Sends from one thread and receives in another; what both say.
pub(crate) fn pass(
    source: &Source,
    selected: &Selected,
    to: &Tree,
    placement: &Placement,
) -> (Result<()>, Result<Placed>) {
    let (here, there) = Socket::pair();
    thread::scope(|scope| {
        let receiver = scope.spawn(move || receive(&there, to.as_fd(), placement));
        let sent = send(source, selected, &here);
        drop(here);
        (sent, receiver.join().unwrap())
    })
}
