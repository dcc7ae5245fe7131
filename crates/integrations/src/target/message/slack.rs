//! Slack's incoming webhooks (docs.slack.dev, "Sending messages using incoming webhooks"), and products that take the
//! same messages.
//!
//! The text is not formatted (`mrkdwn` is off) and names link nobody (`link_names` is off); what a template's author
//! writes as `<https://…|text>` is a link, what stands in a fact is not.

use super::cut::cut_text;
use super::text::MessageText;
use super::verdict::judge_unreadable;
use crate::target::exchange::{Exchange, Outcome, ReasonWord};
use crate::target::send::RenderedRequest;
use crate::target::target_url::TargetUrl;
use crate::text::quote;
use http::Method;
use http::header::{CONTENT_TYPE, HeaderValue};
use serde_json::{Value, json};

/// Slack asks for at most 4,000 characters and cuts at 40,000; Mattermost cuts at 16,383.
const LONGEST_TEXT: usize = 4000;

pub(super) fn make_request(url: &TargetUrl, text: &MessageText) -> RenderedRequest {
    let body = json!({
        "text": cut_text(&text.join(), LONGEST_TEXT),
        "mrkdwn": false,
        "link_names": false,
        "unfurl_links": false,
    });
    RenderedRequest::new(Method::POST, url.clone(), body.to_string())
        .with_header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
}

/// Slack and Mattermost answer `ok`, others JSON.
pub(super) fn judge_body(body: &str) -> Outcome {
    if body.trim() == "ok" {
        return Outcome::Delivered;
    }
    let answer: Value = serde_json::from_str(body).unwrap_or_default();
    match ["success", "ok"]
        .into_iter()
        .find_map(|name| answer[name].as_bool())
    {
        Some(true) => Outcome::Delivered,
        Some(false) => {
            let said = quote(answer["error"].as_str().unwrap_or_default(), &[]);
            Outcome::refused(ReasonWord::VendorRefused, said.trim_start_matches(": "))
        }
        None => judge_unreadable(body),
    }
}

/// Its refusals are statuses with a word as the body: `invalid_payload` (400), `action_prohibited` (403), `no_service`
/// and `channel_not_found` (404) do not pass. `channel_is_archived` is its 410.
pub(super) fn judge_status(mut exchange: Exchange) -> Exchange {
    if let Some(response) = &exchange.response
        && matches!(response.status, 400 | 403 | 404)
    {
        let said = format!("{}{}", response.status, quote(&response.body, &[]));
        exchange.outcome = Outcome::refused(ReasonWord::VendorRefused, said);
    }
    exchange
}
