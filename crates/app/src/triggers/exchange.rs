//! Attempts as their rows keep them: JSON of texts, free of secrets, because who sent it masked first.

use serde::{Deserialize, Serialize};
use wharf_db::triggers::attempts::Attempt;
use wharf_integrations::target::{ShownRequest, ShownResponse, Timings};

/// What was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentText {
    /// `POST`; `MAIL` for mail; for workloads `PATCH`, or `GET` where it ended with looking.
    pub method: String,
    /// Scheme and host, because the rest may be the key to the door; of a cluster's API server the whole address.
    pub url: String,
    /// Names and values.
    pub headers: Vec<(String, String)>,
    /// At most 64 KiB.
    pub body: String,
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerText {
    /// The status of HTTP, or the code of an SMTP reply; none where there is no such number.
    pub status: Option<u16>,
    /// Names and values.
    pub headers: Vec<(String, String)>,
    /// At most 64 KiB.
    pub body: String,
    /// Whether there was more.
    #[serde(default)]
    pub is_cut: bool,
}

/// How long it took, in microseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TimingsText {
    /// Until the head of the answer.
    pub waited: u64,
    /// From there to its end.
    pub read: u64,
}

impl From<&ShownRequest> for SentText {
    fn from(shown: &ShownRequest) -> Self {
        Self {
            method: shown.method.clone(),
            url: shown.url.clone(),
            headers: shown.headers.clone(),
            body: shown.body.clone(),
        }
    }
}

impl From<&ShownResponse> for AnswerText {
    fn from(shown: &ShownResponse) -> Self {
        Self {
            status: Some(shown.status),
            headers: shown.headers.clone(),
            body: shown.body.clone(),
            is_cut: shown.is_cut,
        }
    }
}

impl From<Timings> for TimingsText {
    fn from(timings: Timings) -> Self {
        let micros =
            |time: std::time::Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        Self {
            waited: micros(timings.waited),
            read: micros(timings.read),
        }
    }
}

/// The attempt with what was sent, what came back and how long that took.
pub(super) fn with_exchange(
    attempt: Attempt,
    request: &ShownRequest,
    response: Option<&ShownResponse>,
    timings: Timings,
) -> Attempt {
    Attempt {
        status: response.map(|one| one.status.into()),
        timings: to_json(&TimingsText::from(timings)),
        request: Some(to_json(&SentText::from(request))),
        response: response.map(|one| to_json(&AnswerText::from(one))),
        ..attempt
    }
}

/// Texts and numbers alone: there is nothing in it that JSON could not say.
pub(super) fn to_json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
