//! Whose server still says that it is at something: a build, a delivery. Pure.
//!
//! The lease of what is under way is a number that its server counts up. Whoever looks remembers since when the number stands
//! still, by a watch that nobody can set: a clock that jumps, here or there, neither ends a lease nor makes one last.

use std::{
    collections::HashMap,
    hash::Hash,
    time::{Duration, Instant},
};

/// For how long nobody else takes what a server is at that says nothing. A server says something three times as often.
/// Shorter, and a machine that stands still for a moment loses what it is at; longer, and what a dead one was at waits.
const LEASE: Duration = Duration::from_secs(30);

/// How often a server says that it is still at it, and looks for others that are to be taken over.
pub(crate) const RENEW: Duration = Duration::from_secs(10);

/// What was seen of one claim.
struct Seen {
    beat: i64,
    /// When it was seen so for the first time.
    since: Instant,
}

/// What this process saw of claims. Each time that somebody takes something it is another claim.
pub(crate) struct Leases<C> {
    seen: HashMap<C, Seen>,
    looked: Option<Instant>,
}

impl<C> Default for Leases<C> {
    fn default() -> Self {
        Self {
            seen: HashMap::new(),
            looked: None,
        }
    }
}

impl<C: Copy + Eq + Hash> Leases<C> {
    /// Takes in a look at all that is under way; answers what a server has said nothing about for the whole of a lease.
    pub(crate) fn find_silent(&mut self, running: &[(C, i64)], now: Instant) -> Vec<C> {
        // Who stood still themselves cannot say that others were silent.
        let slept = self
            .looked
            .is_some_and(|looked| now.duration_since(looked) > RENEW * 2);
        self.looked = Some(now);
        self.seen
            .retain(|seen, _| running.iter().any(|(claim, _)| claim == seen));
        let mut silent = Vec::new();
        for (claim, beat) in running {
            let fresh = Seen {
                beat: *beat,
                since: now,
            };
            match self.seen.get(claim) {
                Some(seen) if !slept && seen.beat == *beat => {
                    if now.duration_since(seen.since) >= LEASE {
                        silent.push(*claim);
                    }
                }
                _ => drop(self.seen.insert(*claim, fresh)),
            }
        }
        silent
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wharf_db::builds::Claim;
    use wharf_model::BuildId;

    fn claim(fence: i64) -> Claim {
        Claim {
            build: BuildId::new(),
            fence,
        }
    }

    #[test]
    fn only_a_server_that_says_nothing_for_a_whole_lease_loses_its_build() {
        let (mut leases, start) = (Leases::default(), Instant::now());
        let (silent, busy) = (claim(1), claim(4));
        let mut lost = Vec::new();
        for look in 0..6_u32 {
            let running = [(silent, 7), (busy, i64::from(look))];
            let found = leases.find_silent(&running, start + RENEW * look);
            lost.push(found.iter().map(|it| it.build).collect::<Vec<_>>());
        }
        let (none, one) = (Vec::new(), vec![silent.build]);
        assert_eq!(
            lost,
            [
                none.clone(),
                none.clone(),
                none,
                one.clone(),
                one.clone(),
                one
            ]
        );
    }

    #[test]
    fn another_attempt_has_a_lease_of_its_own() {
        let (mut leases, start) = (Leases::default(), Instant::now());
        let first = claim(1);
        let second = Claim { fence: 2, ..first };
        for look in 0..3 {
            leases.find_silent(&[(first, 0)], start + RENEW * look);
        }
        for look in 3..6 {
            let found = leases.find_silent(&[(second, 0)], start + RENEW * look);
            assert!(found.is_empty());
        }
        assert_eq!(
            leases.find_silent(&[(second, 0)], start + RENEW * 6).len(),
            1
        );
    }

    #[test]
    fn who_stood_still_takes_nothing_from_others() {
        let (mut leases, start) = (Leases::default(), Instant::now());
        let other = claim(1);
        leases.find_silent(&[(other, 3)], start);
        let woken = start + Duration::from_secs(3600);
        assert!(leases.find_silent(&[(other, 3)], woken).is_empty());
        for look in 1..3 {
            assert!(
                leases
                    .find_silent(&[(other, 3)], woken + RENEW * look)
                    .is_empty()
            );
        }
        assert_eq!(
            leases.find_silent(&[(other, 3)], woken + RENEW * 3).len(),
            1
        );
    }
}
