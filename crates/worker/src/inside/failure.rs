//! From what went wrong to what the server is told.

use std::error::Error;

use wharf_builder::BuildError;

use crate::event::{FailureKind, Phase, WorkerFailure};

/// A failure that is told by words alone.
pub(super) fn fail(kind: FailureKind, phase: Phase, message: impl Into<String>) -> WorkerFailure {
    WorkerFailure {
        kind,
        phase,
        step: None,
        exit_code: None,
        message: message.into(),
        hint: None,
        excerpt: None,
    }
}

/// A build's failure in words, with all its causes.
pub(super) fn explain(error: &BuildError, phase: Phase) -> WorkerFailure {
    let kind = match error {
        _ if error.hint().is_some_and(asks_for_rights) => FailureKind::Forbidden,
        BuildError::Dockerfile { .. } | BuildError::Request { .. } | BuildError::Step { .. } => {
            FailureKind::Dockerfile
        }
        BuildError::Image { .. } => FailureKind::Image,
        BuildError::Run { .. } => FailureKind::Command,
        BuildError::Canceled => FailureKind::Canceled,
        BuildError::Machine { .. } => FailureKind::Machine,
    };
    let exit_code = match error {
        BuildError::Run { exit_code, .. } => Some(*exit_code),
        _ => None,
    };
    WorkerFailure {
        exit_code,
        hint: error.hint().map(advise),
        excerpt: error.excerpt().map(ToString::to_string),
        ..fail(kind, phase, describe(error))
    }
}

/// What a person could allow on the builder's command line, nobody can here.
fn asks_for_rights(hint: &str) -> bool {
    hint.contains("--allow ")
}

/// The builder's hints are for its command line, where a person may allow what they trust.
fn advise(hint: &str) -> String {
    match asks_for_rights(hint) {
        true => {
            "No build on a server gets that. Build it with `wharf build` on a machine of your own."
                .to_owned()
        }
        false => hint.to_owned(),
    }
}

/// A sentence and what caused it.
pub(super) fn describe(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(current) = cause {
        text.push_str(&format!(": {current}"));
        cause = current.source();
    }
    text
}
