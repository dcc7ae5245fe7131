//! A directory difference as an OCI layer, and a layer as a directory: tar, whiteouts, compression and digests.
//!
//! Works on directory descriptors and streams alone: it never opens a path of the host, makes no namespace, mounts
//! nothing, starts no process, knows no network and no clock. Names inside an archive are untrusted; every one is
//! resolved beneath the descriptor it was given with `openat2(2)`. Ids are taken as they are, so the caller runs it where
//! they mean what the image means. The builder's file jobs call it; nothing else does.

mod apply;
mod compression;
mod copy;
mod decoder;
mod diff;
mod diff_id;
mod error;
mod hashing;
mod layer_writer;
mod limits;
mod members;
mod path;
mod tar;
mod xattrs;

pub use apply::{Applied, ApplyOptions, Below, Ownership, apply};
pub use compression::Compression;
pub use decoder::{Decoder, Encoding, is_tar};
pub use diff::{DiffOptions, DiffStats, TreeOptions, write_diff, write_tree};
pub use diff_id::DiffIdReader;
pub use error::{DigestMismatch, Error, Result};
pub use layer_writer::{LayerWriter, Written};
pub use limits::{Allowance, Limit, Limits, MAX_DEPTH};
