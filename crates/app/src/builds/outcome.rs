//! What an attempt came to, in the words of the record.

use super::{protocol::Protocol, reasons::Reason};
use crate::{Error, builds::attempt::Stop};
use wharf_db::builds::Failure;
use wharf_model::builds::BuildState;
use wharf_worker::{FailureKind, WorkerFailure};

/// What an attempt came to.
#[derive(Debug, Clone)]
pub(super) enum Outcome {
    /// The tags are set, and the record says so.
    Succeeded,
    /// No image.
    Failed(Failure),
    /// Its commit's message asks not to be built.
    Skipped,
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
    pub(super) fn failed(reason: Reason, detail: impl Into<String>) -> Self {
        Self::Failed(Failure {
            reason: reason.into(),
            detail: Some(detail.into()),
            ..Failure::default()
        })
    }
}

/// What a worker's failure means.
pub(super) fn of_failure(failure: WorkerFailure, protocol: &Protocol) -> Outcome {
    let reason = match failure.kind {
        FailureKind::Source => Reason::Source,
        FailureKind::Dockerfile => Reason::Dockerfile,
        FailureKind::Forbidden => Reason::Forbidden,
        FailureKind::Image => Reason::Image,
        FailureKind::Command => Reason::Command,
        FailureKind::TimedOut => Reason::TimedOut,
        FailureKind::Machine => Reason::Machine,
        FailureKind::Canceled => return Outcome::Stopped(BuildState::Canceled),
        FailureKind::Unwanted => return Outcome::Skipped,
        FailureKind::WorkerLost => return Outcome::Lost(failure.message),
    };
    let step = failure.step.map(|step| protocol.clean(&step));
    let step = step.or_else(|| protocol.failed_step());
    let last_lines = step.as_deref().and_then(|step| protocol.last_lines(step));
    Outcome::Failed(Failure {
        reason: reason.into(),
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
            Outcome::failed(Reason::TagOwned, "a rule of this repository sets this tag")
        }
        Error::NotFound => Outcome::Abandoned,
        Error::Unavailable(cause) => Outcome::failed(Reason::Registry, cause.to_string()),
        Error::Internal(cause) => Outcome::failed(Reason::Internal, cause.to_string()),
        other => Outcome::failed(Reason::Registry, other.to_string()),
    }
}
