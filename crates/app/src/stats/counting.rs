//! Counters of what goes in and out, one set for each repository that was used lately. Counting takes no lock that anybody
//! holds for long, and no row.

use parking_lot::RwLock;
use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};
use wharf_model::{Facts, NamespaceId, RepositoryId, stats::Traffic};

/// What went in and out of one repository since it was last taken.
#[derive(Debug)]
pub(crate) struct RepositoryTraffic {
    namespace: NamespaceId,
    pulls: AtomicU64,
    pushes: AtomicU64,
    bytes_out: AtomicU64,
    bytes_in: AtomicU64,
}

impl RepositoryTraffic {
    /// A manifest was fetched.
    pub(crate) fn count_pull(&self, bytes: u64) {
        self.pulls.fetch_add(1, Relaxed);
        self.bytes_out.fetch_add(bytes, Relaxed);
    }

    /// A manifest was pushed.
    pub(crate) fn count_push(&self, bytes: u64) {
        self.pushes.fetch_add(1, Relaxed);
        self.bytes_in.fetch_add(bytes, Relaxed);
    }

    /// Bytes of a blob go out. What a client gives up half-way is counted whole.
    pub(crate) fn count_sent(&self, bytes: u64) {
        self.bytes_out.fetch_add(bytes, Relaxed);
    }

    /// Bytes of a blob came in, also of one that is never finished.
    pub(crate) fn count_received(&self, bytes: u64) {
        self.bytes_in.fetch_add(bytes, Relaxed);
    }

    fn take(&self) -> Traffic {
        Traffic {
            pulls: self.pulls.swap(0, Relaxed),
            pushes: self.pushes.swap(0, Relaxed),
            bytes_out: self.bytes_out.swap(0, Relaxed),
            bytes_in: self.bytes_in.swap(0, Relaxed),
        }
    }

    fn give_back(&self, amount: Traffic) {
        self.pulls.fetch_add(amount.pulls, Relaxed);
        self.pushes.fetch_add(amount.pushes, Relaxed);
        self.bytes_out.fetch_add(amount.bytes_out, Relaxed);
        self.bytes_in.fetch_add(amount.bytes_in, Relaxed);
    }
}

/// What went in and out of one repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counted {
    pub(crate) repository: RepositoryId,
    pub(crate) namespace: NamespaceId,
    pub(crate) amount: Traffic,
}

/// The counters of all repositories that were used lately.
#[derive(Debug, Default)]
pub(crate) struct TrafficCounters(RwLock<HashMap<RepositoryId, Arc<RepositoryTraffic>>>);

impl TrafficCounters {
    /// The counters of this repository.
    pub(crate) fn of(&self, facts: &Facts) -> Arc<RepositoryTraffic> {
        if let Some(found) = self.0.read().get(&facts.repository) {
            return found.clone();
        }
        let mut all = self.0.write();
        all.entry(facts.repository)
            .or_insert_with(|| Arc::new(make_counters(facts.namespace)))
            .clone()
    }

    /// Everything counted since the last call. Counters that stood still and that nobody holds are forgotten.
    pub(crate) fn take(&self) -> Vec<Counted> {
        let mut found = Vec::new();
        let mut all = self.0.write();
        all.retain(|repository, counters| {
            let amount = counters.take();
            if amount.is_nothing() {
                // Whoever looks them up needs the lock that is held here.
                return Arc::strong_count(counters) > 1;
            }
            found.push(Counted {
                repository: *repository,
                namespace: counters.namespace,
                amount,
            });
            true
        });
        found
    }

    /// Counts again what could not be written.
    pub(crate) fn give_back(&self, counted: &[Counted]) {
        let mut all = self.0.write();
        for one in counted {
            let counters = all
                .entry(one.repository)
                .or_insert_with(|| Arc::new(make_counters(one.namespace)));
            counters.give_back(one.amount);
        }
    }
}

fn make_counters(namespace: NamespaceId) -> RepositoryTraffic {
    RepositoryTraffic {
        namespace,
        pulls: AtomicU64::new(0),
        pushes: AtomicU64::new(0),
        bytes_out: AtomicU64::new(0),
        bytes_in: AtomicU64::new(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> Facts {
        Facts {
            repository: RepositoryId::new(),
            namespace: NamespaceId::new(),
            name: "team/app".parse().unwrap(),
            public: false,
        }
    }

    #[test]
    fn what_is_taken_is_taken_once_and_what_is_given_back_again() {
        let (counters, facts) = (TrafficCounters::default(), facts());
        counters.of(&facts).count_pull(10);
        counters.of(&facts).count_push(3);
        let taken = counters.take();
        let amount = Traffic {
            pulls: 1,
            pushes: 1,
            bytes_out: 10,
            bytes_in: 3,
        };
        assert_eq!(taken.len(), 1);
        assert_eq!(
            (taken[0].amount, taken[0].namespace),
            (amount, facts.namespace)
        );
        assert_eq!(counters.take(), []);
        counters.give_back(&taken);
        assert_eq!(counters.take(), taken);
    }

    #[test]
    fn counters_that_stood_still_are_forgotten_unless_somebody_holds_them() {
        let (counters, facts) = (TrafficCounters::default(), facts());
        let held = counters.of(&facts);
        assert_eq!(counters.take(), []);
        held.count_received(5);
        assert_eq!(counters.take()[0].amount.bytes_in, 5);
        drop(held);
        assert_eq!(counters.take(), []);
        assert!(counters.0.read().is_empty());
    }

    #[test]
    fn threads_lose_nothing_to_each_other_or_to_whoever_takes() {
        let (counters, facts) = (TrafficCounters::default(), facts());
        let mut seen = 0;
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4)
                .map(|_| scope.spawn(|| (0..1000).for_each(|_| counters.of(&facts).count_sent(1))))
                .collect();
            while !threads
                .iter()
                .all(std::thread::ScopedJoinHandle::is_finished)
            {
                seen += counters
                    .take()
                    .iter()
                    .map(|one| one.amount.bytes_out)
                    .sum::<u64>();
            }
        });
        seen += counters
            .take()
            .iter()
            .map(|one| one.amount.bytes_out)
            .sum::<u64>();
        assert_eq!(seen, 4000);
    }
}
