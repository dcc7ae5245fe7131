//! The signals that end the server in order: SIGTERM (service managers) and SIGINT (Ctrl-C).

use tokio::signal::unix::{SignalKind, signal};

/// Ready when one of them came. A second one is left to its default effect: whoever insists gets the end at once.
pub(super) async fn wait_for_end() {
    let wait = |kind| async move {
        match signal(kind) {
            Ok(mut signals) => {
                signals.recv().await;
            }
            Err(error) => {
                tracing::error!(%error, "this signal will not end the server in order");
                std::future::pending::<()>().await;
            }
        }
    };
    tokio::select! {
        () = wait(SignalKind::terminate()) => {}
        () = wait(SignalKind::interrupt()) => {}
    }
    tracing::info!("ending: requests in flight may finish");
}
