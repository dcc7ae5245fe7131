//! What goes wrong, as `application/problem+json` (RFC 9457): a stable code, its parameters, and sentences in the
//! reader's language.
//!
//! Handlers and extractors answer a [`Refusal`]; [`render_problems`] around all of them turns it into bytes, because
//! only there the language and the request's id are at hand. Causes go to the log, never to the client.

use super::{
    problem_code::ProblemCode,
    refusal::{Refusal, describe_refusal, show},
};
use crate::request_info::RequestInfo;
use axum::{
    extract::{FromRequestParts, Request},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{
    HeaderMap, HeaderValue,
    header::{
        ACCEPT_LANGUAGE, ALLOW, CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_TYPE, RETRY_AFTER,
        X_CONTENT_TYPE_OPTIONS,
    },
    request::Parts,
};
use serde::Serialize;
use serde_json::{Map, Value};
use std::{borrow::Cow, error::Error as StdError, sync::Arc};
use utoipa::ToSchema;
use wharf_app::Error;
use wharf_messages::{Language, render, render_problem};
use wharf_model::Told;

/// The type of problem answers.
pub(super) const PROBLEM_JSON: &str = "application/problem+json";

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
    /// What is wrong with the field in `params`, without its name: for a place beside it.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Cow<'static, str>>,
    /// What to do about it, where there is something.
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<Cow<'static, str>>,
    /// The request, as the server's log names it.
    request_id: String,
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

/// The language of whoever reads an answer that speaks.
pub(super) struct Reader(pub(super) Language);

impl<S: Send + Sync> FromRequestParts<S> for Reader {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        Ok(Self(language_of(&parts.headers)))
    }
}

pub(crate) fn language_of(headers: &HeaderMap) -> Language {
    let value = headers.get(ACCEPT_LANGUAGE);
    Language::from_accept_language(
        value
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default(),
    )
}

fn render_refusal(refusal: &Refusal, language: Language, request_id: String) -> Response {
    log_cause(refusal, &request_id);
    let described = describe_refusal(refusal);
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
    let told = described.told.map(|told| tell(language, &told));
    let texts = texts.into_iter().map(|(name, text)| match &told {
        Some(told) if name == "detail" => (name, told.clone()),
        _ => (name, text),
    });
    let texts: Vec<(&str, String)> = texts.collect();
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
        reason: text.reason,
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

/// The sentence in the reader's language; its value may hold what a client sent.
fn tell(language: Language, told: &Told) -> String {
    let value = show(&told.value);
    render(
        language,
        &format!("told.{}", told.key),
        &[("value", &value)],
    )
    .into_owned()
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
    use std::time::Duration;
    use wharf_oci::ErrorCode;

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
        assert!(field.len() == 64 && !field.contains('\x1b'));
    }
}
