//! Actions that rest: whose receiver could not be reached some times on end, is asked by one delivery at a time, and more and
//! more seldom. What else waits for it is put off without being tried, so that a dead receiver costs the server next to
//! nothing however much is pushed meanwhile. Asked by those who make deliveries and by those who send them; of workloads,
//! which a cluster's own loop follows, none rests.
//!
//! Kept in memory alone: after a start a dead receiver is asked some times more, which is less wrong than a write for each
//! answer of one that is well.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use wharf_model::{ActionId, Timestamp};

/// Failures on end that are taken for hiccups. With fewer, a receiver that starts anew is left alone for too long; with more, a
/// dead one is asked by everything that is pushed within its first minute.
const TOLERATED: u32 = 4;

/// The first rest; each further failure doubles it.
const FIRST: Duration = Duration::from_secs(5);

/// The longest one. Longer, and a receiver that is back waits for people to notice; shorter, and one that is gone for days is
/// asked all the time.
const LONGEST: Duration = Duration::from_secs(300);

/// What is forgotten: a receiver that nothing was sent to for so long begins anew, and a deleted action leaves nothing behind.
const FORGOTTEN: Duration = Duration::from_secs(3600);

#[derive(Debug, Clone, Copy)]
struct Rest {
    /// On end.
    failures: u32,
    /// Nothing is sent before; in the past where one delivery may try.
    until: Timestamp,
}

impl Rest {
    /// Whether it goes on. One that would last for longer than any is of a clock that was set back since.
    fn goes_on(&self, now: Timestamp) -> bool {
        self.until > now && self.until <= now.plus(LONGEST)
    }
}

/// Receivers that could not be reached the last time, by action.
#[derive(Default)]
pub(super) struct Rests(Mutex<HashMap<ActionId, Rest>>);

impl Rests {
    /// An action's receiver was reached, or somebody wants it tried at once.
    pub(super) fn end(&self, action: ActionId) {
        self.lock().remove(&action);
    }

    /// It was not; answers until when it rests from now on. `None` where it does not, and where it did already.
    pub(super) fn note_failure(&self, action: ActionId, now: Timestamp) -> Option<Timestamp> {
        let mut rests = self.lock();
        rests.retain(|_, rest| rest.until.plus(FORGOTTEN) > now);
        let rest = rests.entry(action).or_insert(Rest {
            failures: 0,
            until: now,
        });
        if rest.goes_on(now) {
            return None;
        }
        rest.failures += 1;
        let beyond = rest.failures.checked_sub(TOLERATED + 1)?;
        rest.until = now.plus(FIRST.saturating_mul(1 << beyond.min(16)).min(LONGEST));
        Some(rest.until)
    }

    /// Until when an action rests, where it does.
    pub(super) fn find_end(&self, action: ActionId, now: Timestamp) -> Option<Timestamp> {
        let rest = *self.lock().get(&action)?;
        rest.goes_on(now).then_some(rest.until)
    }

    /// The actions that rest.
    pub(super) fn list(&self, now: Timestamp) -> Vec<ActionId> {
        let rests = self.lock();
        let resting = rests.iter().filter(|(_, rest)| rest.goes_on(now));
        resting.map(|(action, _)| *action).collect()
    }

    /// Whether an action's receiver was not reached so often that one delivery tries alone.
    pub(super) fn is_doubtful(&self, action: ActionId) -> bool {
        let rests = self.lock();
        rests
            .get(&action)
            .is_some_and(|rest| rest.failures > TOLERATED)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ActionId, Rest>> {
        // Nothing that can panic runs under the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_900_000_000);

    fn fail_too_often(rests: &Rests, action: ActionId) {
        for _ in 0..=TOLERATED {
            rests.note_failure(action, NOW);
        }
        assert!(rests.is_doubtful(action));
    }

    #[test]
    fn a_receiver_that_is_not_reached_rests_longer_and_longer() {
        let (rests, action) = (Rests::default(), ActionId::new());
        for _ in 0..TOLERATED {
            assert_eq!(rests.note_failure(action, NOW), None);
            assert!(!rests.is_doubtful(action));
        }
        let (mut now, mut waits) = (NOW, Vec::new());
        for _ in 0..8 {
            let until = rests.note_failure(action, now).unwrap();
            assert_eq!(rests.find_end(action, now), Some(until));
            assert_eq!(rests.list(now), [action]);
            assert_eq!(
                rests.note_failure(action, now),
                None,
                "one that was under way"
            );
            assert!(rests.is_doubtful(action));
            waits.push(now.until(until).as_secs());
            now = until;
            assert_eq!(rests.find_end(action, now), None, "one may try");
            assert_eq!(rests.list(now), []);
        }
        assert_eq!(waits, [5, 10, 20, 40, 80, 160, 300, 300]);
    }

    #[test]
    fn one_success_ends_it_and_others_never_rest() {
        let (rests, action, other) = (Rests::default(), ActionId::new(), ActionId::new());
        fail_too_often(&rests, action);
        assert_eq!(rests.find_end(other, NOW), None);
        rests.end(action);
        assert_eq!(rests.find_end(action, NOW), None);
        assert_eq!(rests.note_failure(action, NOW), None, "it begins anew");
    }

    #[test]
    fn a_clock_that_is_set_back_lets_nothing_rest_for_longer() {
        let (rests, action) = (Rests::default(), ActionId::new());
        fail_too_often(&rests, action);
        let before = NOW.minus(FORGOTTEN * 24);
        assert_eq!(rests.find_end(action, before), None);
        assert_eq!(rests.list(before), []);
    }

    #[test]
    fn what_nothing_was_sent_to_for_an_hour_is_forgotten() {
        let (rests, action) = (Rests::default(), ActionId::new());
        fail_too_often(&rests, action);
        let later = NOW.plus(FORGOTTEN * 2);
        rests.note_failure(ActionId::new(), later);
        assert!(!rests.is_doubtful(action));
    }
}
