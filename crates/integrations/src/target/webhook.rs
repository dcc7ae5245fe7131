//! Webhooks out: one request with the facts of an event, in a shape that its receiver reads.
//!
//! Pure apart from sending, which is [`send_request`](super::send_request). Each request carries `webhook-id` (the
//! delivery's stable id) and `webhook-timestamp`, and `webhook-signature` when there is a secret, by Standard Webhooks 1
//! (github.com/standard-webhooks/standard-webhooks, `spec/standard-webhooks.md`). Called by `wharf-app`.

mod cloud_events;
mod docker_hub;
mod harbor;
mod headers;
mod method;
mod payload;
mod signature;
#[cfg(test)]
mod tests;

pub use headers::{MOST_HEADERS, TargetHeader};
pub use method::WebhookMethod;
pub use payload::PayloadShape;
pub use signature::{SigningKey, make_signing_secret};

use super::error::TargetError;
use super::facts::SpokenFacts;
use super::send::RenderedRequest;
use super::target_url::TargetUrl;
use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue};
use wharf_model::Timestamp;
use wharf_model::triggers::EventFacts;

/// A receiver of webhooks.
#[derive(Debug, Clone)]
pub struct WebhookTarget {
    /// How.
    pub method: WebhookMethod,
    /// Where to.
    pub url: TargetUrl,
    /// Further headers, for instance `Authorization`, which receivers of Harbor's webhooks compare with their token.
    pub headers: Vec<TargetHeader>,
    /// Signs each request.
    pub signing: Option<SigningKey>,
    /// What the body looks like.
    pub payload: PayloadShape,
}

/// The request for an event. `delivery` is the same at each attempt, `now` is the attempt's own time.
///
/// # Errors
/// When the shape has no words for the event, or the template fails; both are found when a trigger is saved, by
/// [`PayloadShape::check`].
pub fn render_webhook(
    target: &WebhookTarget,
    facts: &EventFacts,
    delivery: &str,
    now: Timestamp,
) -> Result<RenderedRequest, TargetError> {
    headers::check_headers(&target.headers, &target.payload)?;
    let content_type = headers::find_content_type(&target.headers);
    let spoken = SpokenFacts::new(facts, delivery);
    let body = target.payload.render(facts, &spoken, content_type)?;
    let id = HeaderValue::from_str(delivery).map_err(|_| TargetError::Header {
        name: "webhook-id".to_owned(),
        reason: "the delivery's id has characters that no header has",
    })?;
    let timestamp = now.as_seconds();
    let signature = target
        .signing
        .as_ref()
        .map(|key| key.sign(delivery, timestamp, &body));
    let mut request = RenderedRequest::new(target.method.to_http(), target.url.clone(), body)
        .with_header(
            CONTENT_TYPE,
            HeaderValue::from_static(target.payload.content_type()),
        );
    for header in &target.headers {
        request = request.with_secret_header(
            header.name().clone(),
            header.value().clone(),
            header.secret(),
        );
    }
    request = request
        .with_header(HeaderName::from_static("webhook-id"), id)
        .with_header(
            HeaderName::from_static("webhook-timestamp"),
            HeaderValue::from(timestamp),
        );
    if let (Some(key), Some(signature)) = (&target.signing, signature) {
        request = request
            .with_header(HeaderName::from_static("webhook-signature"), signature)
            .hiding(key.secret());
    }
    Ok(request)
}
