//! Numbers of builds for whoever watches the server.

use std::time::Duration;
use wharf_db::builds::Build;
use wharf_model::builds::BuildPhase;

/// Counts a build that is over, with how long it waited and took.
pub(super) fn count_end(build: &Build) {
    metrics::counter!("wharf_builds_ended_total", "state" => build.state.as_str()).increment(1);
    let Some(started) = build.started_at else {
        return;
    };
    let waited = build.created_at.until(started);
    metrics::histogram!("wharf_builds_wait_seconds").record(waited.as_secs_f64());
    if let Some(ended) = build.ended_at {
        let took = started.until(ended);
        metrics::histogram!("wharf_builds_duration_seconds", "state" => build.state.as_str())
            .record(took.as_secs_f64());
    }
}

/// Counts how long a phase took.
pub(super) fn count_phase(phase: BuildPhase, took: Duration) {
    metrics::histogram!("wharf_builds_phase_seconds", "phase" => phase.as_str())
        .record(took.as_secs_f64());
}
