//! What a stream of files needs of the connection between two processes.

use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};

/// A message that arrived.
#[derive(Debug)]
pub struct Message {
    /// As sent.
    pub bytes: Vec<u8>,
    /// As sent.
    pub fds: Vec<OwnedFd>,
}

/// One end of a connection that keeps message boundaries and passes descriptors, both ways.
pub trait Port {
    /// Sends one message of at most 64 KiB and 120 descriptors, waiting while the other end is behind.
    ///
    /// # Errors
    /// The other end is gone.
    fn send(&self, bytes: &[u8], fds: &[BorrowedFd<'_>]) -> io::Result<()>;

    /// The next message, waiting for it; `None` once the other end is gone.
    ///
    /// # Errors
    /// The system's.
    fn receive(&self) -> io::Result<Option<Message>>;
}
