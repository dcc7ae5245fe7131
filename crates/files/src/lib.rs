//! Files of a build on their way: chosen, hashed, passed to another process, and put in place.
//!
//! What COPY and ADD do with files, as a library over directory descriptors. A [`Selection`] names sources of a
//! [`Source`]; [`select`] finds out what is to be copied, [`checksum`] what it amounts to, and [`send`] passes it through
//! a [`Port`] to the process in which [`receive`] puts it beneath a root; [`copy_within`] does the same without a second
//! process. It parses no Dockerfile, enters no namespace, mounts nothing and knows no network. The builder calls it:
//! choosing and hashing in its own process, placing in file jobs of the sandbox.

mod accounts;
mod checksum;
mod entry;
mod error;
mod hashes;
mod place;
mod select;
mod source;
mod stat_cache;
mod stream;
mod tree_path;
mod within;

pub use accounts::{lookup_group, lookup_user};
pub use checksum::checksum;
pub use entry::{Entry, Kind, Time, Xattrs};
pub use error::{Error, Result};
pub use hashes::{FileHash, FileHashes, FileToHash, HashFiles};
pub use place::{
    DirectoryOptions, InlineFile, Placed, Placement, make_directory, resolve_owner, write_file,
};
pub use select::{Part, Selected, Selection, select, select_bounded};
pub use source::Source;
pub use stat_cache::StatCache;
pub use stream::{Message, Port, receive, send};
pub use tree_path::TreePath;
pub use within::copy_within;
