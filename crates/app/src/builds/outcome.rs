//! What an attempt came to, in the words of the record.

use super::protocol::Protocol;
use crate::{Error, builds::attempt::Stop};
use wharf_db::builds::Failure;
use wharf_model::builds::BuildState;
use wharf_worker::{FailureKind, WorkerFailure};

/// Why a build failed whose code could not be fetched.
pub(super) const SOURCE: &str = "source";

/// What an attempt came to.
#[derive(Debug, Clone)]
pub(super) enum Outcome {
    /// The tags are set, and the record says so.
    Succeeded,
    /// No image.
    Failed(Failure),
    /// Stopped, as that.
    Stopped(BuildState),
    /// The worker is gone and nobody knows why: once more, if it was not tried already.
    Lost(String),
    /// The build is another server's, or gone: nothing is written.
    Abandoned,
}

impl Outcome {
    pub(super) fn of_stop(stop: Stop) -> Self {
        match stop {
            Stop::As(state) => Self::Stopped(state),
            Stop::Lost => Self::Abandoned,
        }
    }

    /// A failure that the server itself met.
    pub(super) fn failed(reason: &str, detail: impl Into<String>) -> Self {
        Self::Failed(Failure {
            reason: reason.to_owned(),
            detail: Some(detail.into()),
            ..Failure::default()
        })
    }
}

/// What a worker's failure means.
pub(super) fn of_failure(failure: WorkerFailure, protocol: &Protocol) -> Outcome {
    let reason = match failure.kind {
        FailureKind::Source => SOURCE,
        FailureKind::Dockerfile => "dockerfile",
        FailureKind::Image => "image",
        FailureKind::Command => "command",
        FailureKind::TimedOut => "timed_out",
        FailureKind::Machine => "machine",
        FailureKind::Canceled => return Outcome::Stopped(BuildState::Canceled),
        FailureKind::WorkerLost => return Outcome::Lost(failure.message),
    };
    let step = failure.step.map(|step| protocol.clean(&step));
    let step = step.or_else(|| protocol.failed_step());
    let last_lines = step.as_deref().and_then(|step| protocol.last_lines(step));
    Outcome::Failed(Failure {
        reason: reason.to_owned(),
        detail: Some(protocol.clean(&with_excerpt(failure.message, failure.excerpt))),
        hint: failure.hint.map(|hint| protocol.clean(&hint)),
        step,
        exit_code: failure.exit_code.map(i64::from),
        last_lines,
    })
}

fn with_excerpt(message: String, excerpt: Option<String>) -> String {
    match excerpt {
        Some(excerpt) => format!("{message}\n{excerpt}"),
        None => message,
    }
}

/// What an error of the server's own rooms means for a build.
pub(super) fn of_refusal(error: &Error) -> Outcome {
    match error {
        Error::Conflict {
            what: "build_stopped",
        } => Outcome::Abandoned,
        Error::Conflict { what: "tag_owned" } => {
            Outcome::failed("tag_owned", "a rule of this repository sets this tag")
        }
        Error::NotFound => Outcome::Abandoned,
        Error::Unavailable(cause) => Outcome::failed("registry", cause.to_string()),
        Error::Internal(cause) => Outcome::failed("internal", cause.to_string()),
        other => Outcome::failed("registry", other.to_string()),
    }
}
