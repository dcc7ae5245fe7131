//! What follows from the head of an answer, as Standard Webhooks has it ("Deliverability and reliability").
//!
//! Pure. Called by what sends; chat products look into the body afterwards.

use super::exchange::{Outcome, Reason, ReasonWord};
use crate::retry_after::find_retry_after;
use crate::text::quote;
use http::{HeaderMap, StatusCode};
use std::time::Duration;

/// The longest wait that a receiver may ask for. Deliveries of one tag wait for each other and end after a day: with
/// hours, one answer would use up that day; with seconds, a receiver that asks for calm would not get it.
const LONGEST_WAIT: Duration = Duration::from_secs(60 * 60);

/// Judges status and headers. `body` is what is quoted, without secrets.
///
/// 2xx is a delivery and 410 the end. Redirects are not followed, and the same request would be redirected again. All
/// other statuses are retried, 4xx too: a receiver that is being deployed answers 404 or 401 for a while, and the day
/// after which a delivery is given up bounds it.
pub(super) fn judge_answer(status: StatusCode, headers: &HeaderMap, body: &str) -> Outcome {
    if status.is_success() {
        return Outcome::Delivered;
    }
    let said = format!("{}{}", status.as_u16(), quote(body, &[]));
    match status {
        StatusCode::GONE => Outcome::Gone,
        status if status.is_redirection() => Outcome::refused(ReasonWord::Redirected, said),
        StatusCode::TOO_MANY_REQUESTS => Outcome::Retry {
            reason: Reason::new(ReasonWord::RateLimited, said),
            after: find_wait(headers),
        },
        _ => Outcome::Retry {
            reason: Reason::new(ReasonWord::AnswerStatus, said),
            after: find_wait(headers),
        },
    }
}

fn find_wait(headers: &HeaderMap) -> Option<Duration> {
    Some(find_retry_after(headers)?.min(LONGEST_WAIT))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(status: u16, headers: &[(&'static str, &'static str)], body: &str) -> Outcome {
        let headers = headers.iter().map(|(name, value)| {
            let name = name.parse().expect("a name");
            (name, value.parse().expect("a value"))
        });
        let status = StatusCode::from_u16(status).expect("a status");
        judge_answer(status, &headers.collect(), body)
    }

    #[test]
    fn success_delivers_gone_ends_a_redirect_is_refused_and_all_else_is_tried_again() {
        for status in [200, 201, 202, 204, 299] {
            assert_eq!(judge(status, &[], "no"), Outcome::Delivered, "{status}");
        }
        assert_eq!(judge(410, &[], ""), Outcome::Gone);
        for status in [301, 302, 303, 304, 307, 308] {
            let outcome = judge(status, &[("location", "http://10.0.0.1/")], "");
            let said = status.to_string();
            assert_eq!(outcome, Outcome::refused(ReasonWord::Redirected, said));
        }
        for status in [
            400, 401, 403, 404, 408, 409, 413, 422, 425, 500, 501, 502, 503, 504,
        ] {
            let outcome = judge(status, &[], "<b>\nwhy</b>");
            let said = format!("{status}: <b> why</b>");
            assert_eq!(outcome, Outcome::retry(ReasonWord::AnswerStatus, said));
        }
    }

    #[test]
    fn a_wish_to_wait_is_heard_up_to_an_hour() {
        let wait = |headers| match judge(429, headers, "") {
            Outcome::Retry { reason, after } => {
                assert_eq!(reason.word, ReasonWord::RateLimited);
                after
            }
            other => panic!("{other:?}"),
        };
        assert_eq!(wait(&[]), None);
        assert_eq!(wait(&[("retry-after", "7")]), Some(Duration::from_secs(7)));
        assert_eq!(wait(&[("retry-after", "999999")]), Some(LONGEST_WAIT));
        assert_eq!(wait(&[("retry-after", "soon")]), None);
        let dates = [
            ("date", "Sun, 06 Nov 1994 08:49:37 GMT"),
            ("retry-after", "Sun, 06 Nov 1994 08:50:37 GMT"),
        ];
        assert_eq!(wait(&dates), Some(Duration::from_secs(60)));
        let outcome = judge(503, &[("retry-after", "120")], "");
        assert!(
            matches!(outcome, Outcome::Retry { after: Some(wait), .. } if wait.as_secs() == 120)
        );
    }
}
