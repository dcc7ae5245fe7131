//! WeCom's group robots (developer.work.weixin.qq.com/document/path/91770, "群机器人配置说明"; codes: path/90313).
//!
//! Type `text`: the product makes nothing of it, and mentions come in lists of their own, which stay empty.

use super::cut::cut_text;
use super::text::MessageText;
use super::verdict::{Meaning, judge_code};
use crate::target::exchange::Outcome;
use crate::target::send::RenderedRequest;
use crate::target::target_url::TargetUrl;
use http::Method;
use http::header::{CONTENT_TYPE, HeaderValue};
use serde_json::json;
use std::time::Duration;

/// `text.content` has at most 2,048 bytes of UTF-8.
const LONGEST_TEXT: usize = 2048;

/// 20 messages a minute and robot.
const WINDOW: Duration = Duration::from_secs(60);

pub(super) fn make_request(url: &TargetUrl, text: &MessageText) -> RenderedRequest {
    let content = cut_text(&text.join(), LONGEST_TEXT);
    let body = json!({"msgtype": "text", "text": {"content": content}});
    RenderedRequest::new(Method::POST, url.clone(), body.to_string())
        .with_header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
}

pub(super) fn judge_body(body: &str) -> Outcome {
    judge_code(body, &[("errcode", "errmsg")], |code, _| match code {
        // Called too often; too many calls at once.
        45009 | 45033 => Meaning::Limited(WINDOW),
        // The system is busy.
        -1 | 50001 | 50002 => Meaning::Busy,
        _ => Meaning::Never,
    })
}
