//! How often and after which time something is tried again.
//!
//! Pure but for the dice. Called by everything that sends.

use http::HeaderMap;
use http::header::RETRY_AFTER;
use std::time::Duration;

/// Bounds of trying again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetryPolicy {
    /// How often one thing is tried in a row without progress; 1 means once.
    pub attempts: u32,
    /// The wait before the second attempt; it doubles from there.
    pub first_delay: Duration,
    /// No wait is longer.
    pub longest_delay: Duration,
    /// The longest time that a registry may tell the client to wait (`Retry-After`).
    pub longest_wait: Duration,
}

impl Default for RetryPolicy {
    /// Five attempts within about ten seconds: fewer give up while a registry restarts, more make a dead one look like a
    /// hang. A minute of obedience: limits that last longer are for a person to decide.
    fn default() -> RetryPolicy {
        RetryPolicy {
            attempts: 5,
            first_delay: Duration::from_millis(500),
            longest_delay: Duration::from_secs(8),
            longest_wait: Duration::from_secs(60),
        }
    }
}

impl RetryPolicy {
    /// The wait after `failures` failures, by chance between a half and the whole of the doubled time: clients that
    /// failed together do not come back together.
    pub(crate) fn delay(&self, failures: u32) -> Duration {
        let doubled = 2u32.saturating_pow(failures.saturating_sub(1).min(16));
        let whole = self
            .first_delay
            .saturating_mul(doubled)
            .min(self.longest_delay);
        whole.mul_f64(rand::random_range(0.5..=1.0))
    }
}

/// The seconds of a `Retry-After` header. Its other form, a date, is no use to a client whose clock may be wrong.
pub(crate) fn read_retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers
        .get(RETRY_AFTER)?
        .to_str()
        .ok()?
        .trim()
        .parse()
        .ok()?;
    Some(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest() {
        let policy = RetryPolicy {
            first_delay: Duration::from_millis(100),
            longest_delay: Duration::from_secs(1),
            ..RetryPolicy::default()
        };
        for (failures, whole) in [
            (1, 100),
            (2, 200),
            (3, 400),
            (4, 800),
            (5, 1000),
            (u32::MAX, 1000),
        ] {
            let whole = Duration::from_millis(whole);
            let delay = policy.delay(failures);
            assert!(
                delay >= whole / 2 && delay <= whole,
                "{failures}: {delay:?}"
            );
        }
    }

    #[test]
    fn only_seconds_are_read_from_retry_after() {
        for (text, expected) in [
            ("7", Some(7)),
            (" 0 ", Some(0)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", None),
            ("-1", None),
            ("", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, text.parse().expect("a value"));
            assert_eq!(
                read_retry_after(&headers),
                expected.map(Duration::from_secs),
                "{text}"
            );
        }
    }
}
