//! Ending a worker: because somebody wants it, or because its time is up.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::watch;
use wharf_sandbox::Killer;

use super::answers::{Answer, Outgoing};
use crate::wire::ToWorker;

/// How long a worker may take to end in order, so that good steps are kept. Two seconds are what a person waits after
/// "cancel" before trying again, and killing and clearing away need their part of that.
const GRACE: Duration = Duration::from_secs(1);

/// The same for one that has said its last word and clears away.
const CLEARING: Duration = Duration::from_secs(20);

/// Why a worker is ended from here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    Canceled,
    TimedOut,
}

pub(super) struct Watching {
    pub(super) canceled: watch::Receiver<bool>,
    pub(super) gone: watch::Receiver<bool>,
    pub(super) limit: Duration,
    pub(super) outgoing: Outgoing,
    pub(super) killer: Killer,
    pub(super) ended: Arc<Mutex<Option<Reason>>>,
    /// The worker has told how the build ended.
    pub(super) last_was_told: watch::Sender<bool>,
}

impl Watching {
    pub(super) async fn run(mut self) {
        let reason = tokio::select! {
            // A caller that dropped its end wants nothing of it any more.
            _ = self.canceled.wait_for(|wish| *wish) => Reason::Canceled,
            () = tokio::time::sleep(self.limit) => Reason::TimedOut,
            _ = self.gone.wait_for(|gone| *gone) => return,
        };
        let patience = match *self.last_was_told.borrow() {
            true => CLEARING,
            false => {
                *self.ended.lock() = Some(reason);
                GRACE
            }
        };
        // It may be gone by now; one that does not listen is killed in any case.
        let _ = self.outgoing.try_send(Answer::of(ToWorker::Cancel));
        let left = tokio::time::timeout(patience, self.gone.wait_for(|gone| *gone)).await;
        if left.is_err() {
            self.killer.kill();
        }
    }
}

impl Drop for Watching {
    /// Also when nobody watches any more because the server's runtime ends. After the worker's end it does nothing.
    fn drop(&mut self) {
        self.killer.kill();
    }
}
