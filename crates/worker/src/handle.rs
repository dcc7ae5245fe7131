//! A worker that runs, from the server's side.

use tokio::sync::{mpsc, watch};

use crate::event::WorkerEvent;

/// One build in its worker. Dropping it ends the worker; [`WorkerHandle::finish`] waits for that.
#[derive(Debug)]
pub struct WorkerHandle {
    pub(crate) events: mpsc::Receiver<WorkerEvent>,
    pub(crate) cancel: Canceler,
    pub(crate) gone: watch::Receiver<bool>,
}

impl WorkerHandle {
    /// The next event; `None` after `Finished` or `Failed`. While nobody asks, the worker waits as soon as some are
    /// queued.
    pub async fn next_event(&mut self) -> Option<WorkerEvent> {
        self.events.recv().await
    }

    /// Something that stops the build from elsewhere.
    pub fn canceler(&self) -> Canceler {
        self.cancel.clone()
    }

    /// Ends the worker, whatever it does, and returns when no process, mount, namespace, control group, interface or
    /// half-made file of it is left. One that has told how the build ended may take some seconds to clear away.
    pub async fn finish(mut self) {
        self.cancel.cancel();
        self.events.close();
        // An error means that whoever watches is gone, and the worker with it.
        let _ = self.gone.wait_for(|gone| *gone).await;
    }
}

impl Drop for WorkerHandle {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}

/// Stops a build.
#[derive(Debug, Clone)]
pub struct Canceler {
    pub(crate) wish: watch::Sender<bool>,
}

impl Canceler {
    /// Asks the worker to stop, and kills it when it has not within a second. Returns at once; the handle tells the end.
    pub fn cancel(&self) {
        self.wish.send_replace(true);
    }
}
