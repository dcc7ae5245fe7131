//! Where every request comes in and every answer goes out: an id, a room, a line in the log, a count.

use crate::{
    Server, api,
    body::{Body, UploadStream},
    console, health, hooks, metrics,
    net::ConnectionInfo,
    oidc,
    registry::{self, Trace},
    request_info::RequestInfo,
    search_v1, token, triggers,
};
use futures_util::FutureExt;
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode, Version, header::HOST};
use hyper::body::Incoming;
use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};
use tower::ServiceExt;

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const API_VERSION: HeaderName = HeaderName::from_static("docker-distribution-api-version");

/// Longest request line that is written to the log; more of it helps nobody.
const MAX_LOGGED_PATH: usize = 300;

impl Server {
    /// Answers one request. Never fails: what goes wrong is an answer.
    ///
    /// A request that changes something runs to its end although its client leaves: between a commit and what has to
    /// follow it nothing may be cut off.
    pub async fn respond(
        self,
        request: Request<Incoming>,
        connection: ConnectionInfo,
    ) -> Response<Body> {
        let started = Instant::now();
        let info = RequestInfo::read(
            &connection,
            request.uri(),
            request.headers(),
            &self.settings.trusted_proxies,
        );
        let line = RequestLine::of(&request);
        if !names_one_host(&request) {
            return line.finish(&info, Trace::default(), bad_request(), started);
        }
        let (response, trace) = if matches!(*request.method(), Method::GET | Method::HEAD) {
            let work = AssertUnwindSafe(route(&self, request, &info, &connection));
            work.catch_unwind().await.unwrap_or_else(|_| broken())
        } else {
            let (server, info) = (self.clone(), info.clone());
            let work = async move { route(&server, request, &info, &connection).await };
            let work = self.changes.spawn(work);
            work.await.unwrap_or_else(|_| broken())
        };
        line.finish(&info, trace, response, started)
    }
}

async fn route(
    server: &Server,
    request: Request<Incoming>,
    info: &RequestInfo,
    connection: &ConnectionInfo,
) -> (Response<Body>, Trace) {
    let mut trace = Trace::default();
    let path = request.uri().path();
    let response = if path == "/v2" || path.starts_with("/v2/") {
        let mut response = registry::handle(server, request, info, connection, &mut trace).await;
        let version = HeaderValue::from_static("registry/2.0");
        response.headers_mut().insert(API_VERSION, version);
        response
    } else {
        let (operation, response) = match path {
            _ if path.starts_with("/api/") => {
                return hand_over(server, &server.api, "api", request, info).await;
            }
            _ if path.starts_with("/triggers/") => {
                return hand_over(server, &server.triggers, "trigger", request, info).await;
            }
            "/v1/search" => {
                let query = request.uri().query().unwrap_or_default();
                ("search_v1", search_v1::search_v1(&server.app, query).await)
            }
            _ if path.starts_with("/auth/oidc/") => {
                let (method, headers) = (request.method(), request.headers());
                let query = request.uri().query().unwrap_or_default();
                let response = oidc::handle(server, method, path, query, headers, info).await;
                ("oidc", response)
            }
            "/auth/token" => ("issue_token", token::handle(server, request, info).await),
            _ if path.starts_with("/hooks/") => {
                ("deliver_hook", hooks::handle(server, request, info).await)
            }
            "/healthz" => ("health", health::live()),
            "/readyz" => ("ready", health::ready(server).await),
            "/metrics" => ("metrics", metrics::page_for(server, request.headers())),
            _ => {
                let (method, headers) = (request.method(), request.headers());
                let response = console::handle(server, method, path, headers, info).await;
                ("console", response)
            }
        };
        trace.operation = operation;
        response
    };
    (response, trace)
}

/// Hands a request to the management API, or to what answers problems as that does.
async fn hand_over(
    server: &Server,
    router: &axum::Router,
    operation: &'static str,
    mut request: Request<Incoming>,
    info: &RequestInfo,
) -> (Response<Body>, Trace) {
    request.extensions_mut().insert(info.clone());
    let idle = server.settings.body_idle;
    let answered = router
        .clone()
        .oneshot(request.map(|body| {
            // A client that falls silent is given up here too.
            axum::body::Body::from_stream(UploadStream::new(body, idle))
        }))
        .await;
    let response = answered.unwrap_or_else(|never| match never {});
    let principal = response.extensions().get::<api::Principal>();
    let trace = Trace {
        operation,
        principal: principal.map(|found| found.0.clone()),
        repository: None,
    };
    (response.map(Body::stream), trace)
}

/// RFC 9112 section 3.2: with none, or with two, a proxy may have looked at another one than we do.
fn names_one_host(request: &Request<Incoming>) -> bool {
    let named = request.headers().get_all(HOST).iter().count();
    named == 1 || named == 0 && request.version() != Version::HTTP_11
}

fn bad_request() -> Response<Body> {
    let mut response = Response::new(Body::from("a request names one host\n"));
    *response.status_mut() = StatusCode::BAD_REQUEST;
    response
}

pub(crate) fn not_found() -> Response<Body> {
    let mut response = Response::new(Body::from("not found\n"));
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

/// Terminals act on control characters, and not all of them are ASCII.
fn readable(character: char) -> impl Iterator<Item = char> {
    let plain = matches!(character, ' '..='~').then_some(character);
    let escaped = plain.is_none().then(|| character.escape_unicode());
    plain.into_iter().chain(escaped.into_iter().flatten())
}

/// The answer after a panic, which is in the log already.
fn broken() -> (Response<Body>, Trace) {
    let mut response = Response::new(Body::from("internal error\n"));
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    (response, Trace::default())
}

/// What the log needs of a request after it was consumed; the path only where it will be written.
struct RequestLine {
    method: Method,
    path: Option<String>,
}

impl RequestLine {
    fn of(request: &Request<Incoming>) -> Self {
        let logged = !matches!(*request.method(), Method::GET | Method::HEAD)
            || tracing::enabled!(tracing::Level::DEBUG);
        let path = || {
            let path = triggers::mask_path(request.uri().path());
            let path = path.chars().take(MAX_LOGGED_PATH);
            path.flat_map(readable).collect()
        };
        Self {
            method: request.method().clone(),
            path: logged.then(path),
        }
    }

    /// The last steps of every answer: its id, a count, a line in the log.
    fn finish(
        self,
        info: &RequestInfo,
        trace: Trace,
        mut response: Response<Body>,
        started: Instant,
    ) -> Response<Body> {
        if let Ok(id) = HeaderValue::from_str(&info.id.to_string()) {
            response.headers_mut().insert(X_REQUEST_ID, id);
        }
        let took = started.elapsed();
        metrics::count_request(trace.operation, response.status(), took);
        self.log(info, &trace, response.status(), took);
        response
    }

    /// Changes and failures at `info`, reads at `debug`: a pull storm does not drown the rest. Queries are not written,
    /// they may carry what is nobody's business.
    fn log(&self, info: &RequestInfo, trace: &Trace, status: StatusCode, took: Duration) {
        let read = matches!(self.method, Method::GET | Method::HEAD);
        let quiet = read && !status.is_server_error() && status != StatusCode::FORBIDDEN;
        macro_rules! line {
            ($level:ident) => {
                tracing::$level!(
                    request.id = %info.id,
                    request.method = %self.method,
                    request.path = self.path.as_deref().unwrap_or_default(),
                    client.address = %info.address,
                    principal = trace.principal.as_deref().unwrap_or("-"),
                    repo.name = trace.repository.as_ref().map_or("-", |name| name.as_str()),
                    operation = trace.operation,
                    status = status.as_u16(),
                    duration_ms = took.as_secs_f64() * 1000.0,
                    "request"
                )
            };
        }
        if quiet {
            line!(debug);
        } else {
            line!(info);
        }
    }
}
