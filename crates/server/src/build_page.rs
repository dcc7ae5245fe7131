//! `/repositories/NAME/builds/NUMBER`: what commit statuses on code hosts link to, for a person who clicks.
//!
//! The management API answers the question, with the caller's own rights; here its document becomes a few lines of plain
//! text. Whoever may not see the build, or is nobody, reads how to look at it on a terminal, whether it exists or not.
//! Refuses: to decide anything itself, to ask for a password (a browser would keep it and send it along with everything).
//! The console takes this address over.

use crate::{
    Server,
    api::{self, language_of},
    body::Body,
    dispatch::not_found,
    registry::Trace,
    request_info::RequestInfo,
};
use axum::body::to_bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use hyper::body::Incoming;
use serde_json::Value;
use tower::ServiceExt;
use wharf_messages::{Language, render};
use wharf_oci::RepositoryName;

/// The longest document of one build: thousands of steps fit.
const LONGEST: usize = 8 << 20;

/// Answers a request below `/repositories/`.
pub(crate) async fn handle(
    server: &Server,
    request: Request<Incoming>,
    info: &RequestInfo,
) -> (Response<Body>, Trace) {
    let mut trace = Trace {
        operation: "build_page",
        ..Trace::default()
    };
    let target = find_target(request.uri().path());
    let Some((name, number)) =
        target.filter(|_| matches!(*request.method(), Method::GET | Method::HEAD))
    else {
        return (not_found(), trace);
    };
    let language = language_of(request.headers());
    let asked = ask(server, &name, number, request.headers(), info).await;
    let Some((status, principal, document)) = asked else {
        return (not_found(), trace);
    };
    trace.principal = principal;
    let (status, text) = match (status, document) {
        (StatusCode::OK, Some(document)) => (status, describe(&document, &name, number, language)),
        // Also for a caller who may not see it: it is answered as what is not there.
        (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::NOT_FOUND, _) => {
            let base = server.settings.addresses.base_url(info);
            (
                StatusCode::NOT_FOUND,
                explain(&base, &name, number, language),
            )
        }
        (status, _) => (status, format!("{status}\n")),
    };
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::VARY, "accept-language"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    (response, trace)
}

/// The repository and the number that a path names.
fn find_target(path: &str) -> Option<(RepositoryName, u64)> {
    let (name, number) = path
        .strip_prefix("/repositories/")?
        .rsplit_once("/builds/")?;
    let digits = number.bytes().all(|byte| byte.is_ascii_digit());
    Some((name.parse().ok()?, digits.then(|| number.parse().ok())??))
}

/// What the management API answers the same caller: status, who that is, and the document.
async fn ask(
    server: &Server,
    name: &RepositoryName,
    number: u64,
    headers: &HeaderMap,
    info: &RequestInfo,
) -> Option<(StatusCode, Option<std::sync::Arc<str>>, Option<Value>)> {
    let segment = name.as_str().replace('/', "%2F");
    let mut question = Request::get(format!("/api/v1/repositories/{segment}/builds/{number}"))
        .body(axum::body::Body::empty())
        .ok()?;
    for name in [header::AUTHORIZATION, header::ACCEPT_LANGUAGE] {
        for value in headers.get_all(&name) {
            question.headers_mut().append(name.clone(), value.clone());
        }
    }
    question.extensions_mut().insert(info.clone());
    let answered = server.api.clone().oneshot(question).await;
    let answered = answered.unwrap_or_else(|never| match never {});
    let principal = answered.extensions().get::<api::Principal>();
    let principal = principal.map(|found| found.0.clone());
    let status = answered.status();
    let body = to_bytes(answered.into_body(), LONGEST).await.ok()?;
    Some((status, principal, serde_json::from_slice(&body).ok()))
}

fn describe(build: &Value, name: &RepositoryName, number: u64, language: Language) -> String {
    let text = |value: &Value| value.as_str().map(clean).filter(|text| !text.is_empty());
    let mut lines = vec![format!(
        "{name} #{number}: {}",
        text(&build["state"]).unwrap_or_default()
    )];
    let failure = &build["failure"];
    for field in ["message", "detail", "hint"] {
        lines.extend(text(&failure[field]));
    }
    lines.extend(text(&failure["last_lines"]).map(|last| format!("\n{last}\n")));
    for field in [
        "ref",
        "commit",
        "author",
        "message",
        "digest",
        "created_at",
        "started_at",
        "ended_at",
    ] {
        lines.extend(text(&build[field]).map(|value| format!("{field}: {value}")));
    }
    let tags = build["tags"].as_array().into_iter().flatten();
    let tags: Vec<_> = tags.filter_map(text).collect();
    if !tags.is_empty() {
        lines.push(format!("tags: {}", tags.join(", ")));
    }
    let more = render(language, "page.build_more", &[]);
    lines.push(format!(
        "\n{more}\n  wharf builds logs {name} {number}\n  wharf builds show {name} {number}\n"
    ));
    lines.join("\n")
}

fn explain(base: &str, name: &RepositoryName, number: u64, language: Language) -> String {
    let hidden = render(language, "page.build_hidden", &[]);
    format!("{hidden}\n  wharf login {base}\n  wharf builds show {name} {number}\n")
}

/// Without what acts on a terminal: texts of a build are anybody's.
fn clean(text: &str) -> String {
    let shown = |character: &char| !character.is_control() || *character == '\n';
    text.chars().filter(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_a_repository_with_any_number_of_slashes_and_a_build() {
        let found = |path| find_target(path).map(|(name, number)| (name.to_string(), number));
        assert_eq!(
            found("/repositories/team/group/app/builds/12"),
            Some(("team/group/app".to_owned(), 12))
        );
        assert_eq!(
            found("/repositories/team/builds/1/builds/2"),
            Some(("team/builds/1".to_owned(), 2))
        );
        for path in [
            "/repositories/team/app",
            "/repositories/team/app/builds/",
            "/repositories/team/app/builds/+1",
            "/repositories/team/app/builds/99999999999999999999999",
            "/repositories/Team/app/builds/1",
            "/repositories/../builds/1",
            "/repositories/builds/1",
        ] {
            assert_eq!(found(path), None, "{path}");
        }
    }
}
