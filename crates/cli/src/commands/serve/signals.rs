//! The signals that end the server in order: SIGTERM (service managers) and SIGINT (Ctrl-C).

use std::io;
use std::process;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// What a shell reports for a program that SIGINT ended.
const INTERRUPTED: i32 = 130;

/// The two signals, caught from the moment this exists.
pub(super) struct EndSignals {
    terminate: Signal,
    interrupt: Signal,
}

impl EndSignals {
    /// Catches them from now on; call it before anybody is told that the server is there. Needs a runtime.
    pub(super) fn catch() -> io::Result<Self> {
        Ok(EndSignals {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Ready when one of them came. After that a second one ends the process at once: whoever insists is right, and
    /// nothing that was acknowledged is lost by it.
    pub(super) async fn wait(mut self) {
        self.wait_for_next().await;
        tracing::info!("ending: requests in flight may finish");
        tokio::spawn(async move {
            self.wait_for_next().await;
            process::exit(INTERRUPTED);
        });
    }

    async fn wait_for_next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
