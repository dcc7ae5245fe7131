//! Dockerfile in, image out, without a daemon, a server or a database.
//!
//! A build is planned (`frontend`: stages become a graph of steps and an image configuration each) and solved (`solve`:
//! only what the target needs, equal steps once, cached results first). Steps run in the sandbox; files are touched only
//! by file jobs (`jobs`), which run in there too. Base images come from an [`ImageSource`](wharf_image::ImageSource),
//! layers go into a [`Content`](wharf_image::Content) store: the command line has a local one, the server its registry.
//! Knows no terminal and no HTTP server; the command line and the build service call it.

mod builder;
mod cache;
mod context;
mod debug;
mod error;
mod finish;
mod folder;
mod frontend;
mod jobs;
mod masking;
mod plan;
pub mod progress;
mod prune;
mod reporter;
pub mod request;
mod secrets;
mod solve;
mod state;

pub use builder::{Builder, BuilderSettings, Finished, host_platform};
pub use context::unpack_archive;
pub use debug::Shell;
pub use error::BuildError;
pub use folder::BuilderFolder;
pub use jobs::run_file_job;
pub use masking::{Mask, Masker};
pub use prune::{Pruned, Usage, UsageKind, has_grown};
pub use state::Hold;
