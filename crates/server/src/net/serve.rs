//! The accept loops, and their orderly end.

use std::sync::Arc;

use http::{Request, Response};
use hyper::body::Incoming;
use tokio::sync::{Semaphore, watch};
use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, timeout_at};

use super::accept::accept_next;
use super::connection::{Shared, serve_connection, wait_for_drain};
use super::info::ConnectionInfo;
use super::limits::ConnectionLimits;
use super::listener::Listener;
use crate::body::{Body, BufferPool};

/// How the end of [`serve`] went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drained {
    /// Connections that were still busy when the time was up, and were cut off.
    pub cut_off: usize,
}

/// Answers every request on `listeners` with `service` until `shutdown` is ready, and then ends.
///
/// At the end no connection is accepted any more and idle ones are closed at once; requests in
/// flight, pipelined ones excepted, get [`ConnectionLimits::drain`] to finish. When the returned
/// future is ready no connection is left. Dropping it earlier cuts everything off.
///
/// `service` runs in its connection's task, or in one task per request for HTTP/2: a client that
/// leaves cancels it, and a panic in it ends that client's connection only. It must not block.
pub async fn serve<S, F>(
    listeners: Vec<Listener>,
    limits: ConnectionLimits,
    service: S,
    shutdown: impl Future<Output = ()>,
) -> Drained
where
    S: Fn(Request<Incoming>, ConnectionInfo) -> F + Send + Sync + 'static,
    F: Future<Output = Response<Body>> + Send + 'static,
{
    let drain_time = limits.drain;
    let (drain, draining) = watch::channel(false);
    let shared = Arc::new(Shared {
        service,
        slots: Arc::new(Semaphore::new(
            limits.connections.min(Semaphore::MAX_PERMITS),
        )),
        limits,
        buffers: BufferPool::default(),
    });
    let mut loops = JoinSet::new();
    for listener in listeners {
        loops.spawn(accept_connections(
            listener,
            Arc::clone(&shared),
            draining.clone(),
        ));
    }
    shutdown.await;
    let deadline = Instant::now() + drain_time;
    drain.send_replace(true);
    let mut cut_off = 0;
    while let Some(connections) = loops.join_next().await {
        match connections {
            Ok(connections) => cut_off += finish_connections(connections, deadline).await,
            Err(lost) => report_panic(lost),
        }
    }
    Drained { cut_off }
}

/// Accepts until the drain begins; the connections it leaves behind are returned.
async fn accept_connections<S, F>(
    listener: Listener,
    shared: Arc<Shared<S>>,
    mut drain: watch::Receiver<bool>,
) -> JoinSet<()>
where
    S: Fn(Request<Incoming>, ConnectionInfo) -> F + Send + Sync + 'static,
    F: Future<Output = Response<Body>> + Send + 'static,
{
    let mut connections = JoinSet::new();
    loop {
        let accepted = async {
            let slot = Arc::clone(&shared.slots).acquire_owned().await;
            (slot, accept_next(|| listener.socket.accept()).await)
        };
        let (slot, (stream, peer)) = tokio::select! {
            biased;
            () = wait_for_drain(&mut drain) => return connections,
            accepted = accepted => accepted,
        };
        let served = serve_connection(
            stream,
            peer,
            listener.tls.clone(),
            Arc::clone(&shared),
            drain.clone(),
        );
        connections.spawn(async move {
            served.await;
            drop(slot);
        });
        while let Some(ended) = connections.try_join_next() {
            ended.unwrap_or_else(report_panic);
        }
    }
}

/// Waits for the connections until `deadline`, and returns how many it had to cut off.
async fn finish_connections(mut connections: JoinSet<()>, deadline: Instant) -> usize {
    while let Ok(ended) = timeout_at(deadline, connections.join_next()).await {
        match ended {
            Some(ended) => ended.unwrap_or_else(report_panic),
            None => return 0,
        }
    }
    let cut_off = connections.len();
    connections.shutdown().await;
    cut_off
}

fn report_panic(lost: JoinError) {
    if lost.is_panic() {
        tracing::error!("a connection ended in a panic");
    }
}
