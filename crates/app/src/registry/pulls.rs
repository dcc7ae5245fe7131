//! Pulls are counted in memory and written now and then: a pull costs no row.

use parking_lot::Mutex;
use std::collections::HashMap;
use wharf_model::RepositoryId;
use wharf_oci::Digest;

type Counts = HashMap<(RepositoryId, Digest), u64>;

/// Counts pulls until they are taken.
#[derive(Default)]
pub(crate) struct PullCounter(Mutex<Counts>);

impl PullCounter {
    /// One more pull.
    pub(crate) fn count(&self, repository: RepositoryId, digest: Digest) {
        *self.0.lock().entry((repository, digest)).or_default() += 1;
    }

    /// Everything counted since the last call.
    pub(crate) fn take(&self) -> Counts {
        std::mem::take(&mut self.0.lock())
    }
}
