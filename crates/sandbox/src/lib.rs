//! Processes in namespaces: what runs a Dockerfile's RUN, and everything that touches a file of an untrusted tree.
//!
//! The caller, usually with many threads, never forks or unshares itself. It starts its own program again with the word
//! `__sandbox`; that helper has one thread, makes the namespaces, and either becomes the step's command
//! ([`Sandbox::start_step`]) or runs a function of the caller over mounted trees ([`Sandbox::start_job`]).
//!
//! This room knows nothing about Dockerfiles, images or layers, makes no decision about entitlements, and never opens a
//! path of an untrusted tree outside of a sandbox. It is called by the builder; `main` calls
//! [`become_helper_if_asked`] before anything else.

mod cell;
mod cgroup;
mod channel;
mod error;
mod exit;
mod failure;
mod guards;
mod helper;
mod helper_process;
mod host;
mod ids;
mod inner;
mod job;
mod kernel;
mod memory_file;
mod network;
mod plan;
mod running;
mod sandbox;
mod seccomp;
mod services;
mod step;
mod tree;
mod wire;

pub use cell::{CELL_FOLDER, Cell, CellExit, Cells, RunningCell};
pub use channel::{Channel, Message};
pub use error::{Error, Result};
pub use exit::{Exit, Reason, Usage};
#[cfg(feature = "guards-off")]
pub use guards::GuardsOff;
pub use helper::become_helper_if_asked;
pub use host::{Host, Mode, Problem};
pub use ids::{IDS_PER_BUILD, IdPool, IdRange, Lease};
pub use job::{FileJobs, Job, JobContext};
pub use network::{Allowed, Network, Policy};
pub use running::{Killer, Running, RunningJob};
pub use sandbox::{BuildIds, Sandbox};
pub use step::{Dns, Limits, Mount, Reserve, Security, Step, Ulimit};
pub use tree::{Tree, Upper};
