//! Ctrl-C: once to end in order, twice to end at once.

use std::io;
use std::process;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// What a shell reports for a program that SIGINT ended.
const INTERRUPTED: i32 = 130;

/// Listens while a build runs.
pub(super) struct SignalWatch(JoinHandle<()>);

impl SignalWatch {
    /// Turns `cancel` true at the first SIGINT or SIGTERM and says so; ends the process at the second: what the build
    /// started dies with it. Needs a runtime.
    ///
    /// # Errors
    /// The system's, when signals cannot be caught.
    pub(super) fn start(
        cancel: watch::Sender<bool>,
        say: impl FnOnce() + Send + 'static,
    ) -> io::Result<Self> {
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let task = tokio::spawn(async move {
            wait_for_one(&mut interrupt, &mut terminate).await;
            // Nobody listens any more when the build is over.
            let _ = cancel.send(true);
            say();
            wait_for_one(&mut interrupt, &mut terminate).await;
            process::exit(INTERRUPTED);
        });
        Ok(SignalWatch(task))
    }
}

impl Drop for SignalWatch {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn wait_for_one(interrupt: &mut Signal, terminate: &mut Signal) {
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_first_signal_cancels_in_order() {
        let (sender, mut receiver) = watch::channel(false);
        let (said, heard) = tokio::sync::oneshot::channel();
        let watch = SignalWatch::start(sender, move || {
            let _ = said.send(());
        })
        .expect("signals");
        // SAFETY: raise(3) sends this thread a signal that the runtime catches; it has no other effect.
        assert_eq!(unsafe { libc::raise(libc::SIGTERM) }, 0);
        receiver.changed().await.expect("a change");
        assert!(*receiver.borrow());
        heard.await.expect("said");
        drop(watch);
    }
}
