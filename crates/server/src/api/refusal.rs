//! Why a request is not done, and how the contract says it: a code with its parameters.

use super::problem_code::ProblemCode;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::Value;
use std::{borrow::Cow, sync::Arc, time::Duration};
use wharf_app::{Error, sources::HostFailure};
use wharf_model::{Role, Told};
use wharf_oci::ErrorCode;

/// How long to wait when the machine is at its limit for a moment, and when disk or database fail.
const BUSY: Duration = Duration::from_secs(1);
const BROKEN: Duration = Duration::from_secs(5);

/// Longest name of an unknown field that is repeated to its sender.
const MAX_ECHO: usize = 64;

/// Why a request was not done.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// A use case said so.
    App(Error),
    /// A field or parameter has a value that cannot be used; `reason` is a key of the catalogue (`reason.…`).
    Field {
        field: String,
        reason: Cow<'static, str>,
    },
    /// The body has a field that is not known.
    UnknownField(String),
    /// The body is no JSON by its own account.
    MediaType,
    /// The body is larger than any that is taken.
    TooLarge,
    /// The path does not take this method.
    Method,
    /// A secret came over a line that others can read.
    InsecureLogin,
    /// A browser asks with its cookie, but not for a page of this server.
    CrossSite,
}

impl Refusal {
    /// A field that is not accepted.
    pub(crate) fn field(field: impl Into<String>, reason: &'static str) -> Self {
        Self::Field {
            field: field.into(),
            reason: reason.into(),
        }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::App(error)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

/// A refusal in the words of the contract.
pub(super) struct Described {
    pub(super) code: ProblemCode,
    pub(super) params: Vec<(&'static str, Value)>,
    pub(super) retry_after: Option<Duration>,
    /// A catalogue key that says more than the code's own sentence.
    pub(super) detail: Option<&'static str>,
    /// What the `detail` among the parameters says, in the catalogue's words.
    pub(super) told: Option<Told>,
}

impl Described {
    fn plain(code: ProblemCode) -> Self {
        Self {
            code,
            params: Vec::new(),
            retry_after: None,
            detail: None,
            told: None,
        }
    }

    fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.params.push((name, value.into()));
        self
    }

    fn after(mut self, time: Duration) -> Self {
        self.retry_after = Some(time);
        self
    }
}

/// The words of the contract for `refusal`.
pub(super) fn describe_refusal(refusal: &Refusal) -> Described {
    let plain = Described::plain;
    match refusal {
        Refusal::App(error) => describe_error(error),
        Refusal::Field { field, reason } => plain(ProblemCode::InvalidField)
            .with("field", shorten(field))
            .with("reason", reason.as_ref()),
        Refusal::UnknownField(field) => {
            plain(ProblemCode::UnknownField).with("field", shorten(field))
        }
        Refusal::MediaType => plain(ProblemCode::UnsupportedMediaType),
        Refusal::TooLarge => plain(ProblemCode::TooLarge),
        Refusal::Method => plain(ProblemCode::MethodNotAllowed),
        Refusal::InsecureLogin => Described {
            detail: Some("insecure_login"),
            ..plain(ProblemCode::Denied)
        },
        Refusal::CrossSite => Described {
            detail: Some("cross_site"),
            ..plain(ProblemCode::Denied)
        },
    }
}

fn describe_error(error: &Error) -> Described {
    let plain = Described::plain;
    match error {
        Error::NotFound => plain(ProblemCode::NotFound),
        Error::Denied(action) => {
            let role = action.role().map_or("admin", Role::as_str);
            plain(ProblemCode::Denied).with("role", role)
        }
        Error::OutOfScope { .. } => plain(ProblemCode::Denied),
        Error::Unauthenticated => plain(ProblemCode::Unauthenticated),
        Error::TooManyAttempts { retry_after } => {
            let seconds = retry_after.as_secs_f64().ceil() as u64;
            plain(ProblemCode::TooManyAttempts)
                .with("retry_after_seconds", seconds)
                .after(*retry_after)
        }
        Error::Invalid { field, reason } => plain(ProblemCode::InvalidField)
            .with("field", *field)
            .with("reason", *reason),
        Error::Refused {
            field,
            reason,
            detail,
            told,
        } => Described {
            told: told.clone(),
            ..plain(ProblemCode::InvalidField)
                .with("field", shorten(field))
                .with("reason", *reason)
                .with("detail", show(detail))
        },
        Error::WrongPassword => plain(ProblemCode::WrongPassword),
        Error::WeakPassword => plain(ProblemCode::WeakPassword),
        Error::Conflict { what } => plain(ProblemCode::Conflict).with("what", *what),
        Error::LimitReached { what, limit } => plain(ProblemCode::LimitReached)
            .with("limit", *what)
            .with("maximum", *limit),
        Error::Upstream(failure) => describe_failure(failure),
        Error::Registry(error) => match error.code() {
            // Said to those who may see the namespace; here it is as missing as anything else.
            ErrorCode::NameUnknown | ErrorCode::ManifestUnknown => plain(ProblemCode::NotFound),
            _ => plain(ProblemCode::Conflict).with("what", error.message()),
        },
        Error::RegistryErrors(_) => plain(ProblemCode::Conflict).with("what", error.to_string()),
        Error::Crowded => plain(ProblemCode::TooManyRequests).after(BUSY),
        Error::Busy(_) => plain(ProblemCode::Busy).after(BUSY),
        Error::Unavailable(_) => plain(ProblemCode::Unavailable).after(BROKEN),
        Error::Internal(_) => plain(ProblemCode::Internal),
    }
}

/// Longest sentence of another program that is repeated.
const MAX_DETAIL: usize = 500;

/// A sentence that may hold what a client sent, harmless.
pub(super) fn show(text: &str) -> String {
    text.chars()
        .map(|character| match character.is_control() {
            true => ' ',
            false => character,
        })
        .take(MAX_DETAIL)
        .collect()
}

fn describe_failure(failure: &HostFailure) -> Described {
    let cause = failure.detail.as_str();
    if let Some(entry) = &failure.allow {
        return Described::plain(ProblemCode::EgressRefused)
            .with("host", failure.host.as_str())
            .with("allow", entry.as_str())
            .with("cause", cause);
    }
    let described = Described::plain(ProblemCode::Upstream)
        .with("problem", failure.problem.as_str())
        .with("host", failure.host.as_str())
        .with("cause", cause);
    match failure.retry_after {
        Some(time) => described.after(time),
        None => described,
    }
}

/// What a client sent, short and harmless enough to be repeated.
fn shorten(text: &str) -> String {
    text.chars()
        .filter(|character| !character.is_control())
        .take(MAX_ECHO)
        .collect()
}
