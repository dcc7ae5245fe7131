//! A bound on the memory that request bodies read into memory take together.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// What one body may hold without asking: nearly every manifest is smaller, so that ordinary pushes never wait for those
/// who stall with large ones.
pub(super) const FREE_BYTES: usize = 64 * 1024;

/// Large bodies held at once. More let stalling clients take the machine's memory, fewer make pushes of large indexes
/// wait for each other.
const LARGE_BODIES: usize = 8;

/// Grants room for large bodies. Cheap to clone.
#[derive(Clone, Debug)]
pub struct MemoryBudget(Arc<Semaphore>);

impl Default for MemoryBudget {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(LARGE_BODIES)))
    }
}

impl MemoryBudget {
    /// Room for one large body, waiting at most `patience` for it; given back when the answer is dropped.
    pub async fn enter(&self, patience: Duration) -> Option<OwnedSemaphorePermit> {
        timeout(patience, self.0.clone().acquire_owned())
            .await
            .ok()?
            .ok()
    }
}
