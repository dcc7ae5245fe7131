//! What an answer that is not a success means.
//!
//! Pure: status, headers and body in, an error for people out. The body is a `Status` object (Kubernetes API conventions,
//! "Response Status Kind"), or whatever a proxy in between writes. Called by [`Cluster`](super::Cluster) alone.

use super::error::ClusterError;
use crate::Secret;
use crate::text::quote;
use http::header::RETRY_AFTER;
use http::{HeaderMap, StatusCode};
use serde_json::Value;
use std::time::Duration;

/// The longest wait that is believed; a longer one is a mistake, and the caller's own patience is shorter.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);

/// The error that says it best.
pub(super) fn read_refusal(
    host: &str,
    subject: &str,
    secret: &Secret,
    status: StatusCode,
    headers: &HeaderMap,
    body: &[u8],
) -> ClusterError {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let said = quote(body["message"].as_str().unwrap_or_default(), &[secret]);
    let (host, subject) = (host.to_owned(), subject.to_owned());
    let status = status.as_u16();
    match status {
        401 => ClusterError::Unauthorized { host, said },
        403 => ClusterError::Forbidden {
            host,
            subject,
            said,
        },
        404 => ClusterError::NotFound { host, subject },
        409 => ClusterError::Conflict { host, subject },
        400 | 413 | 422 => ClusterError::Refused {
            host,
            subject,
            status,
            said,
        },
        429 => ClusterError::Busy {
            host,
            retry_after: find_retry_after(headers, &body),
            said,
        },
        300..=399 => ClusterError::BadAnswer {
            host,
            subject,
            reason: "it redirects; is this the address of the API server itself?".to_owned(),
        },
        _ => ClusterError::Status {
            host,
            subject,
            status,
            said,
        },
    }
}

fn find_retry_after(headers: &HeaderMap, body: &Value) -> Option<Duration> {
    let header = headers
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok());
    let seconds = header
        .and_then(|text| text.trim().parse().ok())
        .or_else(|| body["details"]["retryAfterSeconds"].as_u64())?;
    Some(Duration::from_secs(seconds).min(LONGEST_WAIT))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(status: u16, body: &Value) -> ClusterError {
        let status = StatusCode::from_u16(status).expect("a status");
        let body = body.to_string();
        let secret = Secret::new("hush");
        read_refusal(
            "api:6443",
            "the thing",
            &secret,
            status,
            &HeaderMap::new(),
            body.as_bytes(),
        )
    }

    #[test]
    fn what_passes_is_told_from_what_lasts() {
        for (status, is_transient, has_hint) in [
            (401, false, true),
            (403, false, true),
            (404, false, true),
            (409, true, false),
            (422, false, false),
            (429, true, true),
            (500, true, false),
            (503, true, false),
            (307, false, true),
            (405, false, false),
            (410, true, false),
        ] {
            let error = read(status, &json!({"message": "said hush\nand more"}));
            assert_eq!(error.is_transient(), is_transient, "{error}");
            assert_eq!(error.hint().is_some(), has_hint, "{error}");
            assert!(!format!("{error}{error:?}").contains("hush"), "{error:?}");
        }
    }

    #[test]
    fn a_busy_server_says_how_long_to_wait() {
        let error = read(429, &json!({"details": {"retryAfterSeconds": 7}}));
        assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
        let error = read(429, &json!({"details": {"retryAfterSeconds": u64::MAX}}));
        assert_eq!(error.retry_after(), Some(LONGEST_WAIT));
        assert_eq!(read(429, &json!("no status object")).retry_after(), None);
    }
}
