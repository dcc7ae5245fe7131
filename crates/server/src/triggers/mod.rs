//! `/triggers/…`: build trigger URLs. Whoever knows one has its rule build; nothing else is told or done.
//!
//! `POST /triggers/ID/SECRET`, or `POST /triggers/ID` with `Authorization: Bearer SECRET`. The body may be left out, or
//! name a branch or tag as Docker Hub's build triggers did: `{"source_type": "Branch", "source_name": "main"}`. Other
//! fields of theirs are passed over, so that scripts go on working.

use crate::api::{ApiState, Refusal, show_time};
use crate::request_info::RequestInfo;
use axum::{
    Extension, Json, Router,
    body::{Body, to_bytes},
    extract::{Path, Request, State},
    http::{HeaderMap, StatusCode, header::AUTHORIZATION},
    routing::post,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use wharf_app::{
    Error,
    rules::{CallOutcome, TriggerCall},
};
use wharf_model::builds::RefKind;

/// Largest body: a few short fields.
const MAX_BODY: usize = 64 << 10;

/// What Docker Hub's triggers took.
#[derive(Debug, Default, Deserialize)]
struct Call {
    source_type: Option<String>,
    source_name: Option<String>,
}

/// What a call came to.
#[derive(Debug, Serialize)]
struct Answer {
    builds: Vec<Called>,
}

#[derive(Debug, Serialize)]
struct Called {
    /// Null while the call waits for all that the rule builds.
    r#ref: Option<String>,
    /// The number of the build; null while the call waits with others.
    build: Option<u64>,
    /// Whether a build that waits already is the answer.
    coalesced: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    not_before: Option<Timestamp>,
}

impl From<CallOutcome> for Called {
    fn from(outcome: CallOutcome) -> Self {
        Self {
            r#ref: outcome.reference.map(|name| name.to_string()),
            build: outcome.build,
            coalesced: outcome.coalesced,
            not_before: outcome.not_before.map(show_time),
        }
    }
}

/// Everything below `/triggers`.
pub(crate) fn routes() -> Router<ApiState> {
    Router::new()
        .route("/triggers/{id}", post(call_by_header))
        .route("/triggers/{id}/{secret}", post(call_by_path))
}

async fn call_by_path(
    State(state): State<ApiState>,
    Extension(info): Extension<RequestInfo>,
    Path((id, secret)): Path<(String, String)>,
    request: Request<Body>,
) -> Result<(StatusCode, Json<Answer>), Refusal> {
    answer(&state, &info, &id, &secret, request).await
}

async fn call_by_header(
    State(state): State<ApiState>,
    Extension(info): Extension<RequestInfo>,
    Path(id): Path<String>,
    request: Request<Body>,
) -> Result<(StatusCode, Json<Answer>), Refusal> {
    let secret = read_bearer(request.headers()).ok_or(Error::NotFound)?;
    answer(&state, &info, &id, &secret, request).await
}

async fn answer(
    state: &ApiState,
    info: &RequestInfo,
    id: &str,
    secret: &str,
    request: Request<Body>,
) -> Result<(StatusCode, Json<Answer>), Refusal> {
    if !info.is_private() && !state.insecure_login {
        return Err(Refusal::InsecureLogin);
    }
    let body = to_bytes(request.into_body(), MAX_BODY)
        .await
        .map_err(|_| Refusal::TooLarge)?;
    let call = read_call(&body)?;
    let outcomes = state.app.call_trigger(id, secret, &call).await?;
    let builds = outcomes.into_iter().map(Called::from).collect();
    Ok((StatusCode::ACCEPTED, Json(Answer { builds })))
}

fn read_bearer(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, secret) = text.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| secret.trim().to_owned())
}

fn read_call(body: &[u8]) -> Result<TriggerCall, Refusal> {
    if body.trim_ascii().is_empty() {
        return Ok(TriggerCall::default());
    }
    let call: Call =
        serde_json::from_slice(body).map_err(|_| Refusal::field("body", "not_json"))?;
    let kind = match call.source_type.as_deref() {
        None | Some("") => None,
        Some(word) if word.eq_ignore_ascii_case("branch") => Some(RefKind::Branch),
        Some(word) if word.eq_ignore_ascii_case("tag") => Some(RefKind::Tag),
        Some(_) => return Err(Refusal::field("source_type", "unknown_value")),
    };
    Ok(TriggerCall {
        kind,
        name: call.source_name.filter(|name| !name.is_empty()),
    })
}

/// A path without the secret in it, for the log.
pub(crate) fn mask_path(path: &str) -> String {
    let mut segments = path.splitn(4, '/');
    match (
        segments.next(),
        segments.next(),
        segments.next(),
        segments.next(),
    ) {
        (Some(""), Some("triggers"), Some(id), Some(_)) => format!("/triggers/{id}/***"),
        _ => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn docker_hubs_bodies_are_understood() {
        let call = |body: &str| read_call(body.as_bytes()).unwrap();
        assert_eq!(call(""), TriggerCall::default());
        assert_eq!(call("{\"build\": true}"), TriggerCall::default());
        assert_eq!(
            call("{\"source_type\": \"Tag\", \"source_name\": \"v1.1\"}"),
            TriggerCall {
                kind: Some(RefKind::Tag),
                name: Some("v1.1".into())
            }
        );
        assert_eq!(call("{\"source_name\": \"main\"}").kind, None);
        assert!(read_call(b"source_name=main").is_err());
        assert!(read_call(b"{\"source_type\": \"commit\"}").is_err());
    }

    #[test]
    fn the_log_has_no_secret_of_a_trigger_url() {
        assert_eq!(mask_path("/triggers/01/wharf_trg_abc"), "/triggers/01/***");
        assert_eq!(mask_path("/triggers/01/a/b"), "/triggers/01/***");
        assert_eq!(mask_path("/triggers/01"), "/triggers/01");
        assert_eq!(mask_path("/api/v1/me"), "/api/v1/me");
    }
}
