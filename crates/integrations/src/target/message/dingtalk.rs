//! DingTalk's custom robots (open.dingtalk.com/document/robots/custom-robot-access, "自定义机器人接入", and its "加签" and
//! error codes).
//!
//! Type `text`: the product makes nothing of it, and mentions come in `at`, which says that nobody is.

use super::cut::cut_to_body;
use super::text::MessageText;
use super::verdict::{Meaning, judge_code};
use crate::Secret;
use crate::target::exchange::Outcome;
use crate::target::send::RenderedRequest;
use crate::target::target_url::TargetUrl;
use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use http::header::{CONTENT_TYPE, HeaderValue};
use serde_json::json;
use std::time::Duration;
use wharf_model::Timestamp;

/// A message has at most 20,000 bytes.
const LONGEST_BODY: usize = 20_000;

/// A robot that sends more than 20 messages a minute is shut up for ten minutes.
const PENALTY: Duration = Duration::from_secs(10 * 60);

pub(super) fn make_request(
    url: &TargetUrl,
    secret: Option<&Secret>,
    text: &MessageText,
    now: Timestamp,
) -> RenderedRequest {
    let url = match secret {
        Some(secret) => sign_url(url, secret, now),
        None => url.clone(),
    };
    let body = cut_to_body(&text.join(), LONGEST_BODY, |content| {
        let body = json!({
            "msgtype": "text",
            "text": {"content": content},
            "at": {"atMobiles": [], "atUserIds": [], "isAtAll": false},
        });
        body.to_string()
    });
    RenderedRequest::new(Method::POST, url, body).with_header(
        CONTENT_TYPE,
        HeaderValue::from_static("application/json;charset=utf-8"),
    )
}

/// `timestamp` in milliseconds, and `sign`: the HMAC-SHA256 of `timestamp + "\n" + secret` under the secret, in base64.
fn sign_url(url: &TargetUrl, secret: &Secret, now: Timestamp) -> TargetUrl {
    let timestamp = now.as_micros() / 1000;
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose().as_bytes());
    let signed = format!("{timestamp}\n{}", secret.expose());
    let signature = STANDARD.encode(hmac::sign(&key, signed.as_bytes()));
    url.with_query(&[("timestamp", &timestamp.to_string()), ("sign", &signature)])
}

pub(super) fn judge_body(body: &str) -> Outcome {
    judge_code(
        body,
        &[("errcode", "errmsg")],
        |code, sentence| match code {
            // Sent too fast, by its old and its new code.
            130101 | 410100 => Meaning::Limited(PENALTY),
            -1 => Meaning::Busy,
            // One code for wrong keywords, signatures and addresses; a clock that is off is set right some time.
            310000 if sentence.contains("timestamp") => Meaning::Busy,
            _ => Meaning::Never,
        },
    )
}
