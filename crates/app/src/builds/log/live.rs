//! Who waits for a log that is being written hears of each new line at once.

use parking_lot::Mutex;
use std::{collections::HashMap, sync::Arc};
use tokio::sync::watch;
use wharf_model::BuildId;

/// Logs that this process is writing.
#[derive(Clone, Default)]
pub(crate) struct LiveLogs(Arc<Mutex<HashMap<BuildId, watch::Sender<u64>>>>);

/// Tells how much of one log is written; when it is dropped, nothing more is.
pub(crate) struct Written {
    logs: LiveLogs,
    build: BuildId,
    told: watch::Sender<u64>,
}

impl LiveLogs {
    /// Begins to tell of a log.
    pub(crate) fn start(&self, build: BuildId) -> Written {
        let told = watch::Sender::new(0);
        self.0.lock().insert(build, told.clone());
        Written {
            logs: self.clone(),
            build,
            told,
        }
    }

    /// Something to wait on for more of a log; `None` when this process writes none of this build.
    pub(crate) fn listen(&self, build: BuildId) -> Option<watch::Receiver<u64>> {
        self.0.lock().get(&build).map(watch::Sender::subscribe)
    }
}

impl Written {
    /// So many bytes are there.
    pub(crate) fn tell(&self, bytes: u64) {
        self.told.send_replace(bytes);
    }

    /// So many more.
    pub(crate) fn add(&self, bytes: u64) {
        self.told.send_modify(|told| *told += bytes);
    }
}

impl Drop for Written {
    fn drop(&mut self) {
        let mut logs = self.logs.0.lock();
        if logs
            .get(&self.build)
            .is_some_and(|told| told.same_channel(&self.told))
        {
            logs.remove(&self.build);
        }
    }
}
