//! Logs of builds: a file each of numbered events, readable while it is written.
//!
//! Knows files and nothing of rows or rights. Called by the runner, which writes, and by the pages, which read.

mod book;
mod cursor;
mod keep;
mod live;
mod record;
mod shelf;
mod writer;

pub(crate) use book::LogBook;
pub use book::{LogLine, LogSection, SectionState};
pub(crate) use cursor::{LogBatch, LogCursor, open_path};
pub(crate) use keep::{compress_log, list_builds, remove, remove_log};
pub(crate) use live::LiveLogs;
pub use record::{LogEntry, LogRecord};
pub(crate) use shelf::{HeldBook, LogShelf};
pub(crate) use writer::LogWriter;
