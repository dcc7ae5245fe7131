//! The tar format as layers use it: ustar with PAX records (POSIX.1-2001), GNU long names when reading.
//!
//! Pure streams: nothing here touches a file system or trusts a size before it is bounded.

mod entry;
mod header;
mod number;
mod pax;
mod reader;
mod writer;

pub(crate) use entry::{Entry, Kind, Time};
pub(crate) use reader::TarReader;
pub(crate) use writer::TarWriter;

/// The unit of the format.
pub(crate) const BLOCK: usize = 512;

/// How many zeros follow so many bytes.
pub(crate) fn padding(size: u64) -> usize {
    (BLOCK - (size % BLOCK as u64) as usize) % BLOCK
}
