//! `/healthz` and `/readyz`: whether the process lives, and whether it can do its work. They tell nothing else.

use crate::{Server, body::Body};
use http::{Response, StatusCode};
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// How long an answer of `/readyz` holds: anybody may ask, and each look writes to the disk.
const HOLDS: Duration = Duration::from_secs(1);

/// The last look and what it saw.
#[derive(Default)]
pub(crate) struct Readiness(Mutex<Option<(Instant, bool)>>);

/// The process answers.
pub(crate) fn live() -> Response<Body> {
    Response::new(Body::from("ok\n"))
}

/// Rows can be read and bytes can be written.
pub(crate) async fn ready(server: &Server) -> Response<Body> {
    let mut last = server.readiness.0.lock().await;
    let ready = match *last {
        Some((at, ready)) if at.elapsed() < HOLDS => ready,
        _ => {
            let checked = server.app.check_ready().await;
            if let Err(error) = &checked {
                tracing::warn!(error = error as &dyn std::error::Error, "not ready");
            }
            *last = Some((Instant::now(), checked.is_ok()));
            checked.is_ok()
        }
    };
    let mut response = Response::new(Body::from(if ready { "ready\n" } else { "not ready\n" }));
    if !ready {
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    }
    response
}
