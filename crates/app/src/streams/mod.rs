//! What happens, told to people while they look: one stream for each tab, about as many topics as it shows.
//!
//! A stream says *that* something changed and enough to change a row in place; lists and pages are read by the usual ways. Rights
//! are asked for when a stream is opened and again before anything is told: one that is lost ends the stream. What is told
//! comes from rows and logs, never from memory alone, so that a reader that comes back with its last cursor misses nothing,
//! whichever server it asks. Called by the management API.

mod changes;
mod cursor;
mod deliveries;
mod events;
mod follow;
mod log;
mod news;
mod rights;
mod room;
mod seen;
mod standings;
#[cfg(test)]
mod tests;
mod topic;

pub use cursor::StreamCursor;
pub use follow::{Stream, Woken};
pub use news::{Change, News, Told};
pub(crate) use room::StreamRoom;
pub use topic::Topic;
