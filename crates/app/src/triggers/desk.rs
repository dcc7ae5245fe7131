//! What triggers keep in memory: who is to be woken, and what was opened of clusters.

use super::{open_cluster::OpenClusters, postage::Postage, rests::Rests};
use std::sync::{Arc, atomic::AtomicBool};
use tokio::sync::watch;

/// The triggers' part of the product.
pub(crate) struct TriggerDesk {
    pub(super) clusters: OpenClusters,
    /// What namespaces mailed within the hour.
    pub(super) postage: Postage,
    /// Actions whose receivers are not reached.
    pub(super) rests: Rests,
    /// Set when the process ends: a claim that is still on its way to the database takes nothing then.
    pub(super) ending: Arc<AtomicBool>,
    /// Counts commits that wrote events.
    happened: watch::Sender<u64>,
    /// Counts what may have made deliveries due.
    due: watch::Sender<u64>,
}

impl Default for TriggerDesk {
    fn default() -> Self {
        Self {
            clusters: OpenClusters::default(),
            postage: Postage::default(),
            rests: Rests::default(),
            ending: Arc::default(),
            happened: watch::Sender::new(0),
            due: watch::Sender::new(0),
        }
    }
}

impl TriggerDesk {
    /// Lets events be read. All that a push does for triggers beside its own event: it counts one up.
    pub(crate) fn tell_event(&self) {
        self.happened.send_modify(|count| *count += 1);
    }

    /// Lets it be looked for what is due.
    pub(crate) fn tell_due(&self) {
        self.due.send_modify(|count| *count += 1);
    }

    pub(crate) fn listen_for_events(&self) -> watch::Receiver<u64> {
        self.happened.subscribe()
    }

    pub(crate) fn listen_for_due(&self) -> watch::Receiver<u64> {
        self.due.subscribe()
    }
}
