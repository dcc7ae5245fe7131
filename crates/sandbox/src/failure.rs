//! A failure on its way from the helper to the caller.

use std::io;

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// What [`Error`] becomes on the wire, where no `io::Error` fits.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Failure {
    Setup { action: String, errno: i32 },
    Refused { problem: String },
    ProgramMissing { program: String },
    ProgramUnusable { program: String, errno: i32 },
    Job { message: String },
    Unsupported { problem: String, hint: String },
}

/// The outcome of everything that the helper does.
pub(crate) type Setup<T> = Result<T, Failure>;

impl Failure {
    pub(crate) fn refused(problem: impl Into<String>) -> Self {
        Self::Refused {
            problem: problem.into(),
        }
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        let source = io::Error::from_raw_os_error;
        match failure {
            Failure::Setup { action, errno } => Self::Setup {
                action,
                source: source(errno),
            },
            Failure::Refused { problem } => Self::Refused { problem },
            Failure::ProgramMissing { program } => Self::ProgramMissing { program },
            Failure::ProgramUnusable { program, errno } => Self::ProgramUnusable {
                program,
                source: source(errno),
            },
            Failure::Job { message } => Self::Job { message },
            Failure::Unsupported { problem, hint } => Self::Unsupported { problem, hint },
        }
    }
}

/// Attaches what was attempted to a bare system error, inside the helper.
pub(crate) trait Attempt<T> {
    fn attempt(self, action: impl FnOnce() -> String) -> Setup<T>;
}

impl<T, E: Into<io::Error>> Attempt<T> for Result<T, E> {
    fn attempt(self, action: impl FnOnce() -> String) -> Setup<T> {
        self.map_err(|error| Failure::Setup {
            action: action(),
            errno: error.into().raw_os_error().unwrap_or(libc::EIO),
        })
    }
}

/// [`Attempt`] for words that are known in advance.
pub(crate) trait AttemptTo<T>: Attempt<T> + Sized {
    fn attempt_to(self, action: &str) -> Setup<T> {
        self.attempt(|| action.to_owned())
    }
}

impl<T, R: Attempt<T>> AttemptTo<T> for R {}
