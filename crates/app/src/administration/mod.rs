//! What administrators look after: room on the disk, the check of rows against files, workers and the queue, health.
//!
//! Everything here is looked at when it is asked for; nothing is changed. The check is the one of `wharf fsck`.

mod check;
mod health;
mod storage;
mod workers;

pub(crate) use check::{CheckDesk, CheckStanding};
pub use check::{StorageCheck, StorageCheckResult};
pub use health::{HealthCheck, HealthState};
pub use storage::StoragePage;
pub use wharf_db::administration::{NamespaceQueue, NamespaceUsage};
pub use workers::WorkersPage;
