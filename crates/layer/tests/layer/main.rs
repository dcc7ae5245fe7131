//! Layers against a real file system: differences, application, attacks, blobs.
//!
//! Runs as root and as a plain user; what needs rights that the user lacks says on standard error that it was skipped.

mod applying;
mod archive;
mod attacks;
mod blobs;
mod bombs;
mod decoding;
mod diffing;
mod overlay;
mod random_tree;
mod rights;
mod round_trip;
mod tree;
