//! Sends one rendered request and keeps what happened.
//!
//! Through the `wharf-egress` that it is given alone, without following redirects, for at most half a minute, and
//! reading no more of the answer than is kept. Called by `wharf-app`, once per attempt.

use super::answer::judge_answer;
use super::exchange::{
    Exchange, LONGEST_SHOWN, Outcome, ReasonWord, ShownRequest, ShownResponse, Timings,
};
use super::mask::{MASKED, Mask};
use super::target_url::TargetUrl;
use crate::Secret;
use crate::text::clip;
use http::header::SET_COOKIE;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use std::fmt;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};
use wharf_egress::{Egress, EgressError, PlainHttp, Request, Response};

/// How long one attempt may take from the first byte sent to the last byte read. Standard Webhooks recommends 15 to 30
/// seconds: with less, receivers that work before they answer are sent everything twice; with more, a receiver that
/// hangs keeps its lane's places from its other tags.
pub const LONGEST_EXCHANGE: Duration = Duration::from_secs(30);

/// The most headers of an answer that are kept, and the longest value of one.
const MOST_HEADERS: usize = 64;
const LONGEST_HEADER: usize = 1024;

/// A request that is ready to go. Debug and [`RenderedRequest::show`] are free of secrets.
#[derive(Clone)]
pub struct RenderedRequest {
    method: Method,
    pub(super) url: TargetUrl,
    /// Values that people gave are marked sensitive.
    headers: HeaderMap,
    body: String,
    mask: Mask,
}

impl RenderedRequest {
    pub(super) fn new(method: Method, url: TargetUrl, body: String) -> RenderedRequest {
        let mut mask = Mask::default();
        url.add_to(&mut mask);
        RenderedRequest {
            method,
            url,
            headers: HeaderMap::new(),
            body,
            mask,
        }
    }

    /// Adds a header of ours, which everybody may see.
    pub(super) fn with_header(mut self, name: HeaderName, value: HeaderValue) -> RenderedRequest {
        self.headers.insert(name, value);
        self
    }

    /// Adds a header of a person, whose value nobody sees.
    pub(super) fn with_secret_header(
        mut self,
        name: HeaderName,
        mut value: HeaderValue,
        secret: &Secret,
    ) -> RenderedRequest {
        value.set_sensitive(true);
        self.headers.insert(name, value);
        self.mask.add_header(secret);
        self
    }

    /// Hides a further secret wherever it turns up.
    pub(super) fn hiding(mut self, secret: &Secret) -> RenderedRequest {
        self.mask.add(secret.expose());
        self
    }

    /// The body as it goes out. It may hold a secret that somebody wrote into a template.
    pub fn body(&self) -> &str {
        &self.body
    }

    /// `host`, with its port unless that is the scheme's own.
    pub fn host(&self) -> String {
        self.url.host()
    }

    /// What may be kept and shown.
    pub fn show(&self) -> ShownRequest {
        let headers = self.headers.iter().map(|(name, value)| {
            let shown = match value.is_sensitive() {
                true => MASKED.to_owned(),
                false => self.mask.apply(&String::from_utf8_lossy(value.as_bytes())),
            };
            (name.to_string(), shown)
        });
        ShownRequest {
            method: self.method.to_string(),
            url: self.url.masked(),
            headers: headers.collect(),
            body: clip(self.mask.apply(&self.body), LONGEST_SHOWN),
        }
    }

    fn to_request(&self) -> Request {
        let request = Request::new(self.method.clone(), self.url.expose().clone())
            .with_plain_http(PlainHttp::Listed)
            .without_redirects()
            .with_bytes(self.body.clone());
        self.headers.iter().fold(request, |request, (name, value)| {
            request.with_header(name.clone(), value.clone())
        })
    }
}

impl fmt::Debug for RenderedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.show().fmt(f)
    }
}

/// Sends it once. Whatever happens is an [`Exchange`]; nothing is tried again here.
pub async fn send_request(egress: &Egress, request: &RenderedRequest) -> Exchange {
    send_and_judge(egress, request, |_, _| None).await
}

/// The same; `look_inside` may see more in a success than its status: chat products answer 200 with an error inside. It
/// is given the body as it came and without secrets.
pub(super) async fn send_and_judge(
    egress: &Egress,
    request: &RenderedRequest,
    look_inside: impl FnOnce(StatusCode, &str) -> Option<Outcome>,
) -> Exchange {
    let started = Instant::now();
    let deadline = started + LONGEST_EXCHANGE;
    let mut exchange = Exchange {
        request: request.show(),
        response: None,
        timings: Timings::default(),
        outcome: Outcome::Delivered,
    };
    let mut response = match timeout_at(deadline, egress.send(request.to_request())).await {
        Ok(Ok(response)) => response,
        Ok(Err(error)) => {
            exchange.outcome = judge_failure(&error);
            // The time would tell whether the guard asked a name server first.
            if !is_refusal(&error) {
                exchange.timings.waited = started.elapsed();
            }
            return exchange;
        }
        Err(_) => {
            exchange.timings.waited = started.elapsed();
            exchange.outcome = Outcome::retry(ReasonWord::TimedOut, "");
            return exchange;
        }
    };
    exchange.timings.waited = started.elapsed();
    let (status, headers) = (response.status(), response.headers().clone());
    let (end, body) = read_some(&mut response, deadline).await;
    // The rest is not read: the connection goes with it.
    drop(response);
    exchange.timings.read = started.elapsed() - exchange.timings.waited;
    let is_cut = !matches!(end, End::Whole);
    let text = String::from_utf8_lossy(&body).replace('\0', "\u{fffd}");
    let shown = match is_cut {
        true => request.mask.apply_to_cut(&text),
        false => request.mask.apply(&text),
    };
    exchange.outcome = match end {
        End::Late => Outcome::retry(ReasonWord::TimedOut, status.as_u16().to_string()),
        End::Broken => Outcome::retry(ReasonWord::Unreachable, status.as_u16().to_string()),
        End::Whole | End::Cut => match judge_answer(status, &headers, &shown) {
            Outcome::Delivered => look_inside(status, &shown).unwrap_or(Outcome::Delivered),
            outcome => outcome,
        },
    };
    exchange.response = Some(ShownResponse {
        status: status.as_u16(),
        headers: show_headers(&headers, &request.mask),
        body: clip(shown, LONGEST_SHOWN),
        is_cut,
    });
    exchange
}

/// How the reading of a body ended.
enum End {
    Whole,
    /// There is more than is kept.
    Cut,
    /// The connection broke.
    Broken,
    /// The time was over.
    Late,
}

async fn read_some(response: &mut Response, deadline: Instant) -> (End, Vec<u8>) {
    let mut body = Vec::new();
    loop {
        let chunk = match timeout_at(deadline, response.next_chunk()).await {
            Ok(Ok(Some(chunk))) => chunk,
            Ok(Ok(None)) => return (End::Whole, body),
            Ok(Err(_)) => return (End::Broken, body),
            Err(_) => return (End::Late, body),
        };
        let left = LONGEST_SHOWN - body.len();
        body.extend_from_slice(&chunk[..chunk.len().min(left)]);
        if chunk.len() > left {
            return (End::Cut, body);
        }
    }
}

/// Whether the operator's policy is what stands in the way.
fn is_refusal(error: &EgressError) -> bool {
    matches!(
        error,
        EgressError::Refused { .. } | EgressError::PlainHttp { .. } | EgressError::Downgrade { .. }
    )
}

fn judge_failure(error: &EgressError) -> Outcome {
    match error {
        error if is_refusal(error) => Outcome::refused(ReasonWord::NotAllowed, ""),
        EgressError::Stalled { .. } => Outcome::retry(ReasonWord::TimedOut, ""),
        // The texts name hosts only, see there.
        error => Outcome::retry(ReasonWord::Unreachable, error.to_string()),
    }
}

pub(super) fn show_headers(headers: &HeaderMap, mask: &Mask) -> Vec<(String, String)> {
    let shown = headers.iter().take(MOST_HEADERS).map(|(name, value)| {
        let value = match name == SET_COOKIE {
            true => MASKED.to_owned(),
            false => mask.apply(&String::from_utf8_lossy(value.as_bytes())),
        };
        (name.to_string(), clip(value, LONGEST_HEADER))
    });
    shown.collect()
}
