//! Files from one process to another: descriptions and small contents as bytes, large contents as descriptors.

mod port;
mod receive;
mod send;
mod wire;

pub use port::{Message, Port};
pub use receive::receive;
pub use send::send;

/// Acknowledges one message that carried descriptors, and the last one.
const ACK: &[u8] = b"+";

/// Descriptors in one message. With two such messages on the way, few enough for the 1024 open files of an ordinary
/// process and for what the kernel lets a user have in flight (`too_many_unix_fds`, the same bound); fewer would only
/// mean more messages.
const MAX_FDS: usize = 120;

/// Messages with descriptors that may be on the way. With one, the two processes would wait for each other in turn.
const MAX_UNACKNOWLEDGED: usize = 2;

/// Bytes of one message; what a channel of the sandbox takes. Smaller ones cost a system call for a few files.
const MAX_BYTES: usize = 64 << 10;
