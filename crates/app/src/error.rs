//! The closed set of outcomes other than success. Two mappers in the HTTP layer render it; nothing here knows a status.

use crate::sources::HostFailure;
use std::{borrow::Cow, time::Duration};
use wharf_db::{DbError, DbErrorKind};
use wharf_model::{Action, Refusal, Tell, Told};
use wharf_oci::{RegistryError, RepositoryName};

/// Why a use case did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It does not exist, or the caller may not know that it does.
    #[error("not found")]
    NotFound,
    /// The caller may see it, but not do this.
    #[error("{0:?} is not allowed")]
    Denied(Action),
    /// The caller has the right, but its registry token was issued for something else.
    #[error("the token was not issued for this")]
    OutOfScope {
        /// What a mount needs beside the repository that the request names.
        needs: Option<MountScope>,
    },
    /// Nobody signed in, or the credential is not valid.
    #[error("the credentials are not valid")]
    Unauthenticated,
    /// Too many wrong passwords.
    #[error("too many attempts")]
    TooManyAttempts {
        /// How long to wait.
        retry_after: Duration,
    },
    /// A field has a value that is not accepted. `reason` is a key of the message catalogue (`reason.…`).
    #[error("field {field}: {reason}")]
    Invalid {
        /// Its name in the API.
        field: &'static str,
        /// Why.
        reason: &'static str,
    },
    /// The same with a sentence from where the value was understood, such as why a pattern is none.
    #[error("field {field}: {reason}: {detail}")]
    Refused {
        /// Its place in the API: `trigger.tag_patterns[1]`.
        field: String,
        /// Why: a key of the message catalogue (`reason.…`).
        reason: &'static str,
        /// What would be right.
        detail: String,
        /// The same in the catalogue's words, where it has some.
        told: Option<Told>,
    },
    /// The present password given was wrong.
    #[error("the present password is wrong")]
    WrongPassword,
    /// A new password is too easy.
    #[error("the password is too weak")]
    WeakPassword,
    /// It clashes with what is there. `what` is a key of the message catalogue (`conflict.…`).
    #[error("conflict: {what}")]
    Conflict {
        /// With what.
        what: &'static str,
    },
    /// A limit of the account is used up.
    #[error("the limit of {limit} {what} is reached")]
    LimitReached {
        /// Of what; a key of the message catalogue (`limit.…`).
        what: &'static str,
        /// How many there may be.
        limit: u64,
    },
    /// A code host, or another registry, did not do what was asked.
    #[error("{}: {}", .0.host, .0.detail)]
    Upstream(Box<HostFailure>),
    /// The registry protocol has a precise answer.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// Several of them at once, such as every blob that a manifest names in vain.
    #[error("{} registry errors", .0.len())]
    RegistryErrors(Vec<RegistryError>),
    /// Somebody else is at it, or the machine is at its limit: the same request may succeed soon.
    #[error("busy: {0}")]
    Busy(Cow<'static, str>),
    /// The caller, or everybody together, has as much under way as is let in: the same request may succeed soon.
    #[error("too much is under way")]
    Crowded,
    /// Disk or database cannot be written or reached at the moment.
    #[error("unavailable")]
    Unavailable(#[source] BoxError),
    /// A bug, or a fault of the machine.
    #[error("internal error")]
    Internal(#[source] BoxError),
}

/// What a registry token must also be issued for to mount a blob.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MountScope {
    /// To pull from the source that the request names.
    Source(RepositoryName),
    /// To mount from anywhere: the request names no source, and the answer names none either.
    Anywhere,
}

/// The cause behind an error, for the log.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

impl Error {
    /// A field that is not accepted.
    pub fn invalid(field: &'static str, reason: &'static str) -> Self {
        Self::Invalid { field, reason }
    }

    /// A field that is not accepted, with the sentence that says more.
    pub fn refused(
        field: impl Into<String>,
        reason: &'static str,
        detail: impl std::fmt::Display,
    ) -> Self {
        Self::Refused {
            field: field.into(),
            reason,
            detail: detail.to_string(),
            told: None,
        }
    }

    /// The same about a text whose error the catalogue has a sentence for.
    pub fn told(field: impl Into<String>, reason: &'static str, error: &impl Tell) -> Self {
        Self::Refused {
            field: field.into(),
            reason,
            detail: error.to_string(),
            told: Some(error.tell()),
        }
    }

    /// Somebody else changed it since it was read: nothing is written over.
    pub(crate) fn changed_meanwhile() -> Self {
        Self::Conflict {
            what: "changed_meanwhile",
        }
    }

    /// A bug, or a fault of the machine.
    pub fn internal(cause: impl Into<BoxError>) -> Self {
        Self::Internal(cause.into())
    }
}

impl From<DbError> for Error {
    fn from(error: DbError) -> Self {
        match error.kind() {
            DbErrorKind::Busy => Self::Busy("the database is busy".into()),
            DbErrorKind::Unavailable | DbErrorKind::OutOfSpace | DbErrorKind::ReadOnly => {
                Self::Unavailable(error.into())
            }
            DbErrorKind::Constraint
            | DbErrorKind::Corrupt
            | DbErrorKind::Schema
            | DbErrorKind::Other => Self::Internal(error.into()),
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Hidden => Self::NotFound,
            Refusal::Denied(action) => Self::Denied(action),
            Refusal::OutOfScope => Self::OutOfScope { needs: None },
        }
    }
}
