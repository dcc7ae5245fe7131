//! How something is built: the queue, one worker after the other, logs, and what follows an image.
//!
//! What shall be built is decided by `rules`, which inserts builds in its own transactions; from there on this room has
//! them. The queue is rows: any server of the database may begin a build, one at a time does ([`runner`]). A worker knows
//! nothing of all this; it is told a job, asks for base images and connections, and hands over files. Their image becomes
//! the repository's by the registry's own doors, under the build's own identity, and its tags move in the transaction that
//! ends the record. Called by the management API, by `rules`, and by the assembly of the server.

mod actions;
mod attempt;
mod base_images;
mod caches;
mod cover;
mod desk;
mod dockerfile_checks;
mod inputs;
mod job;
mod launcher;
mod lines;
mod log;
mod metrics;
mod moved_head;
mod outcome;
mod own_images;
mod pace;
mod pages;
mod protocol;
mod publish;
mod push_also;
mod reading;
mod readme;
mod reasons;
mod room;
mod runner;
mod services;
mod settings;
mod status;
mod sweep;
mod tails;
mod take_in;

pub(crate) use desk::BuildDesk;
pub use dockerfile_checks::{DockerfileFinding, DockerfileRule};
pub use launcher::{BuildLauncher, RunningWorker};
pub use lines::{LogHits, LogIndex, LogLines};
pub(crate) use lines::{read_index, settle};
pub(crate) use log::HeldBook;
pub use log::{LogEntry, LogLine, LogRecord, LogSection, SectionState};
#[cfg(test)]
pub(crate) use own_images::find_own_name;
pub(crate) use pages::find_viewer;
pub use pages::{BuildDetail, BuildQuery, QueuePage, QueuePlace};
pub use reading::{Awake, Followed, LogFollower, LogReading};
pub use reasons::Reason;
pub(crate) use room::{has_room, require_room};
pub use settings::{BuildSettings, CannotBuild};
pub use wharf_db::builds::{Build, Failure, PhaseRow, PushRow, RuleRef};

use std::path::{Path, PathBuf};
use wharf_model::BuildId;

/// The files that were uploaded for a build, until it is over.
pub(crate) fn context_path(folder: &Path, build: BuildId) -> PathBuf {
    folder.join(format!("{build}.context"))
}
