//! What goes wrong, as `application/problem+json` (RFC 9457): a stable code, its parameters, and sentences in the
//! reader's language.
//!
//! Handlers and extractors answer a [`Refusal`]; [`render_problems`] around all of them turns it into bytes, because
//! only there the language and the request's id are at hand. Causes go to the log, never to the client.

use crate::request_info::RequestInfo;
use axum::{
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{
        ACCEPT_LANGUAGE, ALLOW, CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_TYPE, RETRY_AFTER,
        X_CONTENT_TYPE_OPTIONS,
    },
};
use serde::Serialize;
use serde_json::{Map, Value};
use std::{borrow::Cow, error::Error as StdError, sync::Arc, time::Duration};
use utoipa::ToSchema;
use wharf_app::Error;
use wharf_messages::{Language, render, render_problem};
use wharf_oci::ErrorCode;

/// The type of problem answers.
pub(super) const PROBLEM_JSON: &str = "application/problem+json";

/// How long to wait when the machine is at its limit for a moment, and when disk or database fail.
const BUSY: Duration = Duration::from_secs(1);
const BROKEN: Duration = Duration::from_secs(5);

/// Longest name of an unknown field that is repeated to its sender.
const MAX_ECHO: usize = 64;

/// Why a request was not done.
#[derive(Debug)]
pub(super) enum Refusal {
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
}

impl Refusal {
    /// A field that is not accepted.
    pub(super) fn field(field: impl Into<String>, reason: &'static str) -> Self {
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

/// The codes; a client may rely on them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum ProblemCode {
    Unauthenticated,
    Denied,
    NotFound,
    InvalidField,
    UnknownField,
    Conflict,
    WeakPassword,
    WrongPassword,
    TooManyAttempts,
    LimitReached,
    TooLarge,
    Busy,
    Unavailable,
    Internal,
    UnsupportedMediaType,
    MethodNotAllowed,
}

impl ProblemCode {
    /// The word for it.
    fn as_str(self) -> &'static str {
        match self {
            Self::Unauthenticated => "unauthenticated",
            Self::Denied => "denied",
            Self::NotFound => "not_found",
            Self::InvalidField => "invalid_field",
            Self::UnknownField => "unknown_field",
            Self::Conflict => "conflict",
            Self::WeakPassword => "weak_password",
            Self::WrongPassword => "wrong_password",
            Self::TooManyAttempts => "too_many_attempts",
            Self::LimitReached => "limit_reached",
            Self::TooLarge => "too_large",
            Self::Busy => "busy",
            Self::Unavailable => "unavailable",
            Self::Internal => "internal",
            Self::UnsupportedMediaType => "unsupported_media_type",
            Self::MethodNotAllowed => "method_not_allowed",
        }
    }

    fn status(self) -> StatusCode {
        match self {
            Self::InvalidField | Self::UnknownField | Self::WeakPassword => StatusCode::BAD_REQUEST,
            Self::Unauthenticated => StatusCode::UNAUTHORIZED,
            Self::Denied | Self::WrongPassword => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Conflict | Self::LimitReached => StatusCode::CONFLICT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooManyAttempts => StatusCode::TOO_MANY_REQUESTS,
            Self::Busy | Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

/// A problem answer (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Problem {
    /// `about:blank`: the code tells the kind.
    r#type: &'static str,
    /// The kind of problem, for people.
    title: Cow<'static, str>,
    /// The HTTP status.
    status: u16,
    /// The kind of problem, for programs.
    code: ProblemCode,
    /// What the code is about, such as the name of a field.
    #[schema(value_type = Object)]
    params: Map<String, Value>,
    /// What happened, in the language that `Accept-Language` likes best.
    detail: Cow<'static, str>,
    /// What to do about it, where there is something.
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<Cow<'static, str>>,
    /// The request, as the server's log names it.
    request_id: String,
}

/// A refusal in the words of the contract.
struct Described {
    code: ProblemCode,
    params: Vec<(&'static str, Value)>,
    retry_after: Option<Duration>,
    /// A catalogue key that says more than the code's own sentence.
    detail: Option<&'static str>,
}

impl Described {
    fn plain(code: ProblemCode) -> Self {
        Self {
            code,
            params: Vec::new(),
            retry_after: None,
            detail: None,
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

fn describe(refusal: &Refusal) -> Described {
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
    }
}

fn describe_error(error: &Error) -> Described {
    let plain = Described::plain;
    match error {
        Error::NotFound => plain(ProblemCode::NotFound),
        Error::Denied(_) | Error::OutOfScope { .. } => plain(ProblemCode::Denied),
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
        Error::WrongPassword => plain(ProblemCode::WrongPassword),
        Error::WeakPassword => plain(ProblemCode::WeakPassword),
        Error::Conflict { what } => plain(ProblemCode::Conflict).with("what", *what),
        Error::LimitReached { what, limit } => plain(ProblemCode::LimitReached)
            .with("limit", *what)
            .with("maximum", *limit),
        Error::Registry(error) => match error.code() {
            // Said to those who may see the namespace; here it is as missing as anything else.
            ErrorCode::NameUnknown | ErrorCode::ManifestUnknown => plain(ProblemCode::NotFound),
            _ => plain(ProblemCode::Conflict).with("what", error.message()),
        },
        Error::RegistryErrors(_) => plain(ProblemCode::Conflict).with("what", error.to_string()),
        Error::Busy(_) => plain(ProblemCode::Busy).after(BUSY),
        Error::Unavailable(_) => plain(ProblemCode::Unavailable).after(BROKEN),
        Error::Internal(_) => plain(ProblemCode::Internal),
    }
}

/// What a client sent, short and harmless enough to be repeated.
fn shorten(text: &str) -> String {
    text.chars()
        .filter(|character| !character.is_control())
        .take(MAX_ECHO)
        .collect()
}

/// Renders refusals of everything inside, and keeps every answer out of caches: answers hold secrets and depend on who
/// asked.
pub(super) async fn render_problems(request: Request, next: Next) -> Response {
    let language = language_of(request.headers());
    let info = request.extensions().get::<RequestInfo>();
    let id = info.map(|info| info.id.to_string()).unwrap_or_default();
    let mut response = next.run(request).await;
    if let Some(refusal) = response.extensions_mut().remove::<Arc<Refusal>>() {
        let mut problem = render_refusal(&refusal, language, id);
        // The router knows which methods a path takes (RFC 9110 section 15.5.6).
        if let Some(allow) = response.headers_mut().remove(ALLOW) {
            problem.headers_mut().insert(ALLOW, allow);
        }
        *problem.extensions_mut() = std::mem::take(response.extensions_mut());
        response = problem;
    }
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

fn language_of(headers: &HeaderMap) -> Language {
    let value = headers.get(ACCEPT_LANGUAGE);
    Language::from_accept_language(
        value
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default(),
    )
}

fn render_refusal(refusal: &Refusal, language: Language, request_id: String) -> Response {
    log_cause(refusal, &request_id);
    let described = describe(refusal);
    let status = described.code.status();
    let texts: Vec<(&str, String)> = described
        .params
        .iter()
        .map(|(name, value)| {
            (
                *name,
                value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned),
            )
        })
        .collect();
    let texts: Vec<(&str, &str)> = texts
        .iter()
        .map(|(name, text)| (*name, text.as_str()))
        .collect();
    let text = render_problem(language, described.code.as_str(), &texts);
    let problem = Problem {
        r#type: "about:blank",
        title: text.title,
        status: status.as_u16(),
        code: described.code,
        params: described
            .params
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
        detail: match described.detail {
            Some(key) => render(language, &format!("detail.{key}"), &[]),
            None => text.detail,
        },
        hint: text.hint.filter(|_| described.detail.is_none()),
        request_id,
    };
    // Texts, numbers and a map of them always serialize.
    let body = serde_json::to_vec(&problem).unwrap_or_default();
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
    headers.insert(
        CONTENT_LANGUAGE,
        HeaderValue::from_static(language.as_tag()),
    );
    if let Some(time) = described.retry_after {
        let seconds = time.as_secs_f64().ceil() as u64;
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds.max(1)));
    }
    response
}

fn log_cause(refusal: &Refusal, request_id: &str) {
    let Refusal::App(Error::Unavailable(cause) | Error::Internal(cause)) = refusal else {
        return;
    };
    let error = &**cause as &dyn StdError;
    tracing::error!(request.id = request_id, error, "the request failed");
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt;

    async fn read(refusal: Refusal, language: Language) -> (Response, Value) {
        let response = render_refusal(&refusal, language, "the id".into());
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let value = serde_json::from_slice(&bytes).unwrap();
        (
            Response::from_parts(parts, axum::body::Body::empty()),
            value,
        )
    }

    #[tokio::test]
    async fn a_problem_has_a_code_for_programs_and_a_sentence_for_people() {
        let error = || Refusal::App(Error::Conflict { what: "username" });
        let (response, english) = read(error(), Language::En).await;
        assert_eq!(response.status(), 409);
        assert_eq!(response.headers()[CONTENT_TYPE], PROBLEM_JSON);
        assert_eq!(english["code"], "conflict");
        assert_eq!(english["params"]["what"], "username");
        assert_eq!(english["request_id"], "the id");
        assert!(english["detail"].as_str().unwrap().contains("user name"));
        let (response, chinese) = read(error(), Language::Zh).await;
        assert_eq!(response.headers()[CONTENT_LANGUAGE], "zh");
        assert_eq!(chinese["code"], "conflict");
        assert!(chinese["detail"].as_str().unwrap().contains("用户名"));
    }

    #[tokio::test]
    async fn a_missing_repository_is_told_as_a_hidden_one() {
        let known = wharf_oci::RegistryError::new(ErrorCode::NameUnknown, "it does not exist");
        let (_, visible) = read(Refusal::App(known.into()), Language::En).await;
        let (_, hidden) = read(Refusal::App(Error::NotFound), Language::En).await;
        assert_eq!(visible, hidden);
    }

    #[tokio::test]
    async fn waiting_times_are_whole_seconds_and_never_zero() {
        let error = Error::TooManyAttempts {
            retry_after: Duration::from_millis(1200),
        };
        let (response, problem) = read(Refusal::App(error), Language::En).await;
        assert_eq!(response.headers()[RETRY_AFTER], "2");
        assert_eq!(problem["params"]["retry_after_seconds"], 2);
        let (response, _) = read(Refusal::App(Error::Busy("x".into())), Language::En).await;
        assert_eq!(response.headers()[RETRY_AFTER], "1");
    }

    #[tokio::test]
    async fn causes_stay_in_the_log() {
        let error = Error::internal("SELECT password FROM users");
        let (response, problem) = read(Refusal::App(error), Language::En).await;
        assert_eq!(response.status(), 500);
        assert!(!problem.to_string().contains("SELECT"));
    }

    #[tokio::test]
    async fn what_a_client_sent_is_repeated_short_and_without_controls() {
        let name = format!("\x1b]8;;{}", "x".repeat(1000));
        let (_, problem) = read(Refusal::UnknownField(name), Language::En).await;
        let field = problem["params"]["field"].as_str().unwrap();
        assert!(field.len() == MAX_ECHO && !field.contains('\x1b'));
    }

    #[test]
    fn the_codes_are_those_of_the_catalogue() {
        let code = |code: ProblemCode| code.as_str();
        for known in wharf_messages::PROBLEM_CODES {
            let value = Value::from(known);
            assert!(
                ALL.iter().any(|each| code(*each) == known
                    && serde_json::to_value(each).ok() == Some(value.clone())),
                "{known}"
            );
        }
        assert_eq!(ALL.len(), wharf_messages::PROBLEM_CODES.len());
    }

    const ALL: [ProblemCode; 16] = [
        ProblemCode::Unauthenticated,
        ProblemCode::Denied,
        ProblemCode::NotFound,
        ProblemCode::InvalidField,
        ProblemCode::UnknownField,
        ProblemCode::Conflict,
        ProblemCode::WeakPassword,
        ProblemCode::WrongPassword,
        ProblemCode::TooManyAttempts,
        ProblemCode::LimitReached,
        ProblemCode::TooLarge,
        ProblemCode::Busy,
        ProblemCode::Unavailable,
        ProblemCode::Internal,
        ProblemCode::UnsupportedMediaType,
        ProblemCode::MethodNotAllowed,
    ];
}
