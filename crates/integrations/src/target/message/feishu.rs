//! Custom bots of Feishu and Lark (open.feishu.cn/document/client-docs/bot-v3/add-custom-bot, "自定义机器人使用指南").
//!
//! Type `post`: a title, and lines made of elements. A text element is only text, a link and a mention would be elements
//! of their own, so what a name holds cannot become one.

use super::cut::cut_to_body;
use super::text::MessageText;
use super::verdict::{Meaning, judge_code};
use crate::Secret;
use crate::target::exchange::{Exchange, Outcome};
use crate::target::send::RenderedRequest;
use crate::target::target_url::TargetUrl;
use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use http::header::{CONTENT_TYPE, HeaderValue};
use serde_json::{Value, json};
use std::time::Duration;
use wharf_messages::Language;
use wharf_model::Timestamp;

/// A request has at most 20 KB.
const LONGEST_BODY: usize = 20_000;

/// 100 messages a minute and bot, 5 a second.
const WINDOW: Duration = Duration::from_secs(60);

pub(super) fn make_request(
    url: &TargetUrl,
    secret: Option<&Secret>,
    language: Language,
    text: &MessageText,
    now: Timestamp,
) -> RenderedRequest {
    let signature = secret.map(|secret| sign(secret, now.as_seconds()));
    let body = cut_to_body(&text.lines.join("\n"), LONGEST_BODY, |lines| {
        let mut body = json!({
            "msg_type": "post",
            "content": {"post": {name_language(language): make_post(text, lines)}},
        });
        if let Some(signature) = &signature {
            body["timestamp"] = now.as_seconds().to_string().into();
            body["sign"] = signature.as_str().into();
        }
        body.to_string()
    });
    RenderedRequest::new(Method::POST, url.clone(), body)
        .with_header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
}

fn make_post(text: &MessageText, lines: &str) -> Value {
    let line = |line: &str| json!([{"tag": "text", "text": line}]);
    let mut content: Vec<_> = lines.lines().map(line).collect();
    if let Some(url) = &text.url {
        content.push(json!([{"tag": "a", "text": url, "href": url}]));
    }
    json!({"title": text.title.as_deref().unwrap_or_default(), "content": content})
}

fn name_language(language: Language) -> &'static str {
    match language {
        Language::En => "en_us",
        Language::Zh => "zh_cn",
    }
}

/// The HMAC-SHA256 of nothing under `timestamp + "\n" + secret`, in base64.
fn sign(secret: &Secret, timestamp: i64) -> String {
    let key = format!("{timestamp}\n{}", secret.expose());
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
    STANDARD.encode(hmac::sign(&key, b""))
}

/// Newer bots answer `code` and `msg`, older ones `StatusCode` and `StatusMessage`.
pub(super) fn judge_body(body: &str) -> Outcome {
    let names = [("code", "msg"), ("StatusCode", "StatusMessage")];
    judge_code(body, &names, |code, sentence| match code {
        // Too often: by the bot, by its chat, and the general code where its sentence says so.
        11232 | 11233 | 230020 => Meaning::Limited(WINDOW),
        9499 if sentence.to_ascii_lowercase().contains("too many") => Meaning::Limited(WINDOW),
        // 19021, a wrong secret or a clock that is off by an hour, is among these: no time mends either.
        _ => Meaning::Never,
    })
}

/// It answers some of these codes with status 400 too.
pub(super) fn judge_status(mut exchange: Exchange) -> Exchange {
    if let Some(response) = &exchange.response
        && response.status == 400
    {
        exchange.outcome = judge_body(&response.body);
    }
    exchange
}
