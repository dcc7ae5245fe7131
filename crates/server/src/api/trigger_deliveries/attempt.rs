//! One attempt: what was sent, what came back, how long it took.

use super::super::{
    reason::{About, say_reason},
    value::show_time,
};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use wharf_app::triggers;
use wharf_messages::Language;

/// A header as it was sent or heard; values that people gave are masked.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct HeaderLine {
    name: String,
    value: String,
}

fn show_headers(headers: Vec<(String, String)>) -> Vec<HeaderLine> {
    let lines = headers.into_iter();
    lines
        .map(|(name, value)| HeaderLine { name, value })
        .collect()
}

/// What was sent, without secrets.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct SentRequest {
    /// `POST`; `MAIL` for mail; for workloads `PATCH`, or `GET` where it ended with looking.
    method: String,
    /// Scheme and host, because the rest may be the key to the door; of a cluster's API server the whole address.
    url: String,
    headers: Vec<HeaderLine>,
    /// At most 64 KiB.
    body: String,
}

/// What came back. Of a cluster's objects, values that people wrote into them (environment, arguments, annotations) are masked.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct ReceivedAnswer {
    /// The status of HTTP, or the code of an SMTP reply.
    #[schema(required)]
    status: Option<u16>,
    headers: Vec<HeaderLine>,
    /// At most 64 KiB.
    body: String,
    /// Whether there was more.
    truncated: bool,
}

/// One attempt.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct TriggerAttempt {
    number: u32,
    started_at: Timestamp,
    ended_at: Timestamp,
    /// `delivered`, `retry`, `refused`, `gone`, `patched`, `unchanged`, `rolled_back`, `superseded`, `interrupted`, …
    outcome: String,
    /// The status of the answer, where there was one.
    #[schema(required)]
    status: Option<u32>,
    #[schema(required)]
    reason: Option<String>,
    /// The same as a sentence, in the language that `Accept-Language` likes best.
    #[schema(required)]
    message: Option<String>,
    detail: String,
    /// Until the head of the answer, in microseconds.
    waited_micros: u64,
    /// From there to its end, in microseconds.
    read_micros: u64,
    /// Null once the log's days are over, and where nothing was sent.
    #[schema(required)]
    request: Option<SentRequest>,
    /// Null where nothing came.
    #[schema(required)]
    response: Option<ReceivedAnswer>,
}

impl TriggerAttempt {
    pub(super) fn show(attempt: triggers::AttemptDetails, language: Language) -> Self {
        let word = attempt.reason.as_deref();
        Self {
            message: word.map(|word| say_reason(About::Delivery, word, language)),
            number: attempt.number,
            started_at: show_time(attempt.started_at),
            ended_at: show_time(attempt.ended_at),
            outcome: attempt.outcome,
            status: attempt.status,
            reason: attempt.reason,
            detail: attempt.detail,
            waited_micros: attempt.timings.waited,
            read_micros: attempt.timings.read,
            request: attempt.request.map(|sent| SentRequest {
                method: sent.method,
                url: sent.url,
                headers: show_headers(sent.headers),
                body: sent.body,
            }),
            response: attempt.response.map(|answer| ReceivedAnswer {
                status: answer.status,
                headers: show_headers(answer.headers),
                body: answer.body,
                truncated: answer.is_cut,
            }),
        }
    }
}
