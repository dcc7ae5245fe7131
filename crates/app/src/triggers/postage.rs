//! How many mails of one namespace are handed to the operator's mail server within an hour: a busy repository with a mail for
//! each push must not have the whole installation's sender taken for a spammer. Asked just before a mail is sent; what is
//! beyond waits, and is not lost.
//!
//! Kept in memory alone: after a start the hour begins anew, which is less wrong than a write for each mail.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, PoisonError},
    time::Duration,
};
use wharf_model::{NamespaceId, Timestamp};

const HOUR: Duration = Duration::from_secs(3600);

/// When each namespace's mails of the last hour were handed over, the oldest first.
#[derive(Default)]
pub(super) struct Postage(Mutex<HashMap<NamespaceId, VecDeque<Timestamp>>>);

impl Postage {
    /// Takes one of the `most` mails that a namespace has within an hour. Where none is left, answers how long it takes until
    /// one is.
    pub(super) fn take(
        &self,
        namespace: NamespaceId,
        most: u64,
        now: Timestamp,
    ) -> Result<(), Duration> {
        // Nothing that can panic runs under the lock.
        let mut sent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A clock that was set back must not hold up anything for longer than an hour.
        let is_of_hour = |at: &Timestamp| *at <= now && at.until(now) < HOUR;
        sent.retain(|_, times| {
            times.retain(is_of_hour);
            !times.is_empty()
        });
        let times = sent.entry(namespace).or_default();
        if (times.len() as u64) < most {
            times.push_back(now);
            return Ok(());
        }
        let free = times.front().map(|oldest| oldest.plus(HOUR));
        Err(free.map_or(HOUR, |free| now.until(free)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_900_000_000);

    fn later(seconds: u64) -> Timestamp {
        NOW.plus(Duration::from_secs(seconds))
    }

    #[test]
    fn a_namespace_has_so_many_mails_an_hour_and_others_have_their_own() {
        let postage = Postage::default();
        let (busy, other) = (NamespaceId::new(), NamespaceId::new());
        assert_eq!(postage.take(busy, 2, NOW), Ok(()));
        assert_eq!(postage.take(busy, 2, later(60)), Ok(()));
        let wait = Duration::from_secs(3600 - 61);
        assert_eq!(postage.take(busy, 2, later(61)), Err(wait));
        assert_eq!(postage.take(other, 2, later(61)), Ok(()));
        assert_eq!(postage.take(busy, 2, later(3600)), Ok(()));
        assert!(postage.take(busy, 2, later(3601)).is_err());
    }

    #[test]
    fn without_any_an_hour_is_waited_and_a_clock_set_back_holds_up_nothing() {
        let postage = Postage::default();
        let namespace = NamespaceId::new();
        assert_eq!(postage.take(namespace, 0, NOW), Err(HOUR));
        assert_eq!(postage.take(namespace, 1, later(90_000)), Ok(()));
        assert_eq!(postage.take(namespace, 1, NOW), Ok(()));
    }
}
