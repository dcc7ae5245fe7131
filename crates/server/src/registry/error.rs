//! Errors of the use cases as the registry protocol renders them: one exhaustive match.

use super::reply::{API_VERSION, json, set};
use crate::{Server, body::Body, request_info::RequestInfo};
use http::{
    HeaderValue, Response, StatusCode,
    header::{ALLOW, RETRY_AFTER, WWW_AUTHENTICATE},
};
use serde_json::json as value;
use std::time::Duration;
use wharf_app::{Error, MountScope};
use wharf_model::Caller;
use wharf_oci::{ErrorCode, Operation, RegistryError, RepositoryName, render_errors};

/// How long a client should wait when the machine is at its limit for a moment, and when something is broken.
const BUSY: Duration = Duration::from_secs(1);
const BROKEN: Duration = Duration::from_secs(5);
/// How long when an account has too much open: its own uploads have to end first.
const CROWDED: Duration = Duration::from_secs(60);

/// The answer for `error`. What is hidden from the caller is answered exactly as what does not exist: with a challenge.
pub(crate) fn render_error(
    server: &Server,
    info: &RequestInfo,
    operation: Option<&Operation>,
    caller: &Caller,
    error: Error,
) -> Response<Body> {
    let challenge = |problem: Option<&str>| challenge(server, info, operation, None, problem);
    match error {
        Error::NotFound => challenge(None),
        Error::Unauthenticated => challenge(Some("invalid_token")),
        Error::OutOfScope { needs } => {
            self::challenge(server, info, operation, needs, Some("insufficient_scope"))
        }
        Error::Denied(_) if caller.is_anonymous() => challenge(None),
        Error::Denied(_) => render(&[RegistryError::new(
            ErrorCode::Denied,
            "your account or token may not do this here",
        )]),
        Error::Registry(error) if error.code() == ErrorCode::TooManyRequests => {
            wait(CROWDED, error)
        }
        Error::Registry(error) => render(&[error]),
        Error::RegistryErrors(errors) => render(&errors),
        Error::TooManyAttempts { retry_after } => wait(
            retry_after,
            RegistryError::new(
                ErrorCode::TooManyRequests,
                "too many wrong passwords; wait before the next attempt",
            ),
        ),
        Error::Busy(what) => wait(BUSY, RegistryError::new(ErrorCode::Unavailable, what)),
        Error::Crowded => wait(
            BUSY,
            RegistryError::new(ErrorCode::TooManyRequests, error.to_string()),
        ),
        Error::Unavailable(cause) => {
            tracing::error!(request.id = %info.id, error = &*cause as &dyn std::error::Error, "the request could not be served");
            let error = RegistryError::new(
                ErrorCode::Unavailable,
                "the registry cannot do this at the moment (its disk or database); try again later",
            );
            wait(
                BROKEN,
                error.with_detail(value!({ "request_id": info.id.to_string() })),
            )
        }
        Error::Internal(cause) => {
            tracing::error!(request.id = %info.id, error = &*cause as &dyn std::error::Error, "the request failed");
            let error = RegistryError::new(
                ErrorCode::Unknown,
                "internal error; the log of the registry has the cause",
            );
            render(&[error.with_detail(value!({ "request_id": info.id.to_string() }))])
        }
        // None of the protocol's use cases answers these.
        Error::Invalid { .. }
        | Error::Refused { .. }
        | Error::WrongPassword
        | Error::WeakPassword
        | Error::Conflict { .. }
        | Error::Upstream(_)
        | Error::LimitReached { .. } => render(&[RegistryError::new(
            ErrorCode::Unsupported,
            error.to_string(),
        )]),
    }
}

fn render(errors: &[RegistryError]) -> Response<Body> {
    let first = errors.first();
    let status = first.and_then(|error| StatusCode::from_u16(error.status()).ok());
    let mut response = json(
        status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
        render_errors(errors),
    );
    let allow = first
        .map(|error| error.allow().join(", "))
        .unwrap_or_default();
    if !allow.is_empty() {
        set(response.headers_mut(), ALLOW, &allow);
    }
    response
}

fn wait(time: Duration, error: RegistryError) -> Response<Body> {
    let mut response = render(&[error]);
    let seconds = time.as_secs_f64().ceil() as u64;
    response
        .headers_mut()
        .insert(RETRY_AFTER, HeaderValue::from(seconds.max(1)));
    response
}

/// 401 with a Bearer challenge (Docker token specification; RFC 6750 section 3).
fn challenge(
    server: &Server,
    info: &RequestInfo,
    operation: Option<&Operation>,
    needs: Option<MountScope>,
    problem: Option<&str>,
) -> Response<Body> {
    let mut response = render(&[RegistryError::new(
        ErrorCode::Unauthorized,
        "sign in with an account that has access (docker login)",
    )]);
    let base = server.settings.addresses.base_url(info);
    let mut text = format!(
        "Bearer realm=\"{base}/auth/token\",service=\"{}\"",
        server.settings.service
    );
    if let Some(mut scope) = operation.and_then(scope_of) {
        match (needs, operation.and_then(mount_source)) {
            (Some(MountScope::Anywhere), _) => scope += " registry:mount:*",
            (Some(MountScope::Source(source)), _) => scope += &format!(" repository:{source}:pull"),
            (None, Some(source)) => scope += &format!(" repository:{source}:pull"),
            (None, None) => {}
        }
        text += &format!(",scope=\"{scope}\"");
    }
    if let Some(problem) = problem {
        text += &format!(",error=\"{problem}\"");
    }
    set(response.headers_mut(), WWW_AUTHENTICATE, &text);
    set(response.headers_mut(), API_VERSION, "registry/2.0");
    response
}

fn mount_source(operation: &Operation) -> Option<&RepositoryName> {
    match operation {
        Operation::StartUpload { from, .. } => from.as_ref(),
        _ => None,
    }
}

/// What a token must be issued for to do `operation`.
fn scope_of(operation: &Operation) -> Option<String> {
    let actions = match operation {
        Operation::Ping => return None,
        Operation::Catalog { .. } => return Some("registry:catalog:*".into()),
        Operation::ListTags { .. }
        | Operation::GetManifest { .. }
        | Operation::GetBlob { .. }
        | Operation::ListReferrers { .. } => "pull",
        Operation::PutManifest { .. }
        | Operation::StartUpload { .. }
        | Operation::UploadStatus { .. }
        | Operation::WriteUpload { .. }
        | Operation::FinishUpload { .. }
        | Operation::CancelUpload { .. } => "pull,push",
        Operation::DeleteManifest { .. } | Operation::DeleteBlob { .. } => "pull,delete",
    };
    Some(format!("repository:{}:{actions}", operation.repository()?))
}
