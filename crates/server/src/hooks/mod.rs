//! `POST /hooks/{kind}/{id}`: what code hosts deliver.
//!
//! The bytes are read within bounds and handed to the app as they came, with all headers: only there is anything verified,
//! and nothing is parsed before. No cookie, password or registry token counts here. What starts nothing is answered 200
//! too, because hosts stop delivering to whoever answers with failures.

use crate::{
    Server,
    body::{Body, ReceiveError, read_within_budget},
    request_info::RequestInfo,
};
use http::{
    HeaderValue, Method, Request, Response, StatusCode,
    header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER},
};
use hyper::body::Incoming;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::timeout;
use wharf_app::{
    Error,
    webhooks::{DeliveryOutcome, HookRefusal, IncomingDelivery, LARGEST_BODY},
};

/// How long a whole delivery may take. Hosts give up after ten seconds themselves; anybody may send one.
const BODY_TIME: Duration = Duration::from_secs(30);

/// Answers one delivery.
pub(crate) async fn handle(
    server: &Server,
    request: Request<Incoming>,
    info: &RequestInfo,
) -> Response<Body> {
    if request.method() != Method::POST {
        let mut response = render(
            StatusCode::METHOD_NOT_ALLOWED,
            json!({ "error": "method_not_allowed" }),
        );
        response
            .headers_mut()
            .insert(ALLOW, HeaderValue::from_static("POST"));
        return response;
    }
    let (parts, body) = request.into_parts();
    let idle = server.settings.body_idle.min(BODY_TIME);
    let reading = read_within_budget(body, LARGEST_BODY, idle, &server.hook_memory);
    let body = match timeout(BODY_TIME, reading).await {
        Ok(Ok(body)) => body,
        Ok(Err(ReceiveError::TooLarge(_))) => return refuse(HookRefusal::TooLarge, info),
        Ok(Err(ReceiveError::Crowded)) => {
            return refuse(Error::Busy("too many large deliveries".into()).into(), info);
        }
        Ok(Err(_)) | Err(_) => {
            return render(
                StatusCode::REQUEST_TIMEOUT,
                json!({ "error": "incomplete" }),
            );
        }
    };
    // Two segments; anything else names a webhook that does not exist.
    let rest = parts.uri.path().strip_prefix("/hooks/").unwrap_or_default();
    let (kind, id) = rest.split_once('/').unwrap_or((rest, ""));
    let delivered = server
        .app
        .handle_delivery(IncomingDelivery {
            kind,
            id,
            address: info.address,
            headers: &parts.headers,
            body,
        })
        .await;
    match delivered {
        Ok(DeliveryOutcome::Taken(builds)) => render(
            StatusCode::OK,
            json!({ "outcome": "taken", "builds": builds }),
        ),
        Ok(DeliveryOutcome::Ignored(why)) => render(
            StatusCode::OK,
            json!({ "outcome": "ignored", "reason": why }),
        ),
        Ok(DeliveryOutcome::Repeated) => render(StatusCode::OK, json!({ "outcome": "repeated" })),
        Err(refusal) => refuse(refusal, info),
    }
}

fn refuse(refusal: HookRefusal, info: &RequestInfo) -> Response<Body> {
    let (status, code) = match &refusal {
        HookRefusal::Unsigned => (StatusCode::UNAUTHORIZED, "unsigned"),
        HookRefusal::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "too_large"),
        HookRefusal::Malformed(_) => (StatusCode::BAD_REQUEST, "malformed"),
        HookRefusal::TooMany(_) => (StatusCode::TOO_MANY_REQUESTS, "too_many_attempts"),
        HookRefusal::App(error) => {
            let error = error as &dyn std::error::Error;
            tracing::error!(request.id = %info.id, error, "a delivery could not be taken");
            (StatusCode::SERVICE_UNAVAILABLE, "unavailable")
        }
    };
    let detail = match &refusal {
        // What went wrong here is in the log.
        HookRefusal::App(_) => String::new(),
        other => other.to_string(),
    };
    let mut response = render(status, json!({ "error": code, "detail": detail }));
    if let HookRefusal::TooMany(time) = refusal {
        let seconds = HeaderValue::from(time.as_secs().max(1));
        response.headers_mut().insert(RETRY_AFTER, seconds);
    }
    response
}

fn render(status: StatusCode, body: Value) -> Response<Body> {
    let mut response = Response::new(Body::from(format!("{body}\n")));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
