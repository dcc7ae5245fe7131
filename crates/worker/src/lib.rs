//! The build worker: one process per build, with ids, a root, a network and limits of its own, and one socket to the
//! server.
//!
//! The server's side ([`Launcher`]) starts this program again inside a cell of the sandbox and answers what the worker
//! asks ([`WorkerServices`]): base images, connections. The worker's side builds and passes what it made as open files.
//! It can open neither the database nor keys nor blobs, and its socket is of use for this one build alone.
//!
//! This room decides nothing about what is built or who may; it writes no row, and knows no registry of the server. The
//! build service of `app` calls it.

mod cleaning;
mod error;
mod event;
mod git_wire;
mod handle;
mod inside;
mod job;
mod launcher;
mod link;
mod scopes;
mod services;
mod session;
mod wire;

pub use error::WorkerError;
pub use event::{
    CommitFacts, FailureKind, FinishedBuild, FinishedLayer, LayerBytes, Phase, WorkerEvent,
    WorkerFailure,
};
pub use handle::{Canceler, WorkerHandle};
pub use inside::become_worker_if_asked;
pub use job::{GitAccess, GitSource, GitWanted, JobLimits, JobNetwork, JobSource, WorkerJob};
pub use launcher::{CLEANING, Launcher, LauncherSettings};
pub use services::{DialPurpose, WorkerServices};
pub use session::{IMAGE_BYTES, measure_image};
