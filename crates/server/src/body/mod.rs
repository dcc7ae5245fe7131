//! Bodies: what a response carries ([`Body`]) and how a request's bytes are taken in
//! ([`UploadStream`], [`read_limited`]).
//!
//! A file goes out by the cheapest way its connection allows, and always whole or not at all: a
//! file that turns out shorter than promised ends the connection, nothing is ever padded. This
//! room knows no routes, no rights and no stores; handlers hand it open files and it never opens
//! one itself.

mod budget;
mod buffers;
mod mapped;
mod reader;
mod receive;
mod response;

pub use budget::MemoryBudget;
pub use buffers::BufferPool;
pub(crate) use buffers::BufferShare;
pub(crate) use mapped::FilePlace;
pub use mapped::SendfileRegistry;
pub use receive::{ReceiveError, UploadStream, read_limited, read_within_budget};
pub use response::Body;
