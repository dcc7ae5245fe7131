//! Work at other people's servers: some at once in all, fewer at any one host, each with a limit to its time.
//!
//! A host that accepts and never answers takes its own lane and nobody else's. Called by the loops that follow builds,
//! webhooks and rules; what is to be done, and what becomes of a failure, is theirs.

use crate::{Error, sources::HostFailure};
use std::{collections::HashMap, future::Future, hash::Hash, time::Duration};
use tokio::task::{Id, JoinSet};

/// How much goes on at once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LaneBounds {
    /// In all. Less, and a few dead hosts hold up everybody until their time is over; more costs sockets and memory.
    pub(crate) in_all: usize,
    /// At one host: one that is slow is not helped by more.
    pub(crate) per_host: usize,
}

/// What is under way.
pub(crate) struct Lanes<K> {
    bounds: LaneBounds,
    tasks: JoinSet<()>,
    under_way: HashMap<Id, (String, K)>,
}

impl<K: Eq + Hash> Lanes<K> {
    /// Nothing is under way.
    pub(crate) fn new(bounds: LaneBounds) -> Self {
        Self {
            bounds,
            tasks: JoinSet::new(),
            under_way: HashMap::new(),
        }
    }

    /// How many rows to ask for so that there are enough among them that are not under way; 0 when nothing may begin.
    pub(crate) fn room(&self) -> usize {
        match self.under_way.len() < self.bounds.in_all {
            true => self.bounds.in_all + self.under_way.len(),
            false => 0,
        }
    }

    /// Hosts at which nothing may begin now.
    pub(crate) fn full_hosts(&self) -> Vec<String> {
        let mut counts: HashMap<&str, usize> = HashMap::new();
        for (host, _) in self.under_way.values() {
            *counts.entry(host).or_default() += 1;
        }
        let full = counts
            .into_iter()
            .filter(|(_, count)| *count >= self.bounds.per_host);
        full.map(|(host, _)| host.to_owned()).collect()
    }

    /// What is under way.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &K> {
        self.under_way.values().map(|(_, key)| key)
    }

    /// Whether something may begin now: there is room, and the same is not under way.
    pub(crate) fn takes(&self, host: &str, key: &K) -> bool {
        let at_host = self.under_way.values().filter(|(other, _)| other == host);
        self.under_way.len() < self.bounds.in_all
            && at_host.count() < self.bounds.per_host
            && !self.under_way.values().any(|(_, other)| other == key)
    }

    /// Begins something; answers whether it may begin now.
    pub(crate) fn start(
        &mut self,
        host: &str,
        key: K,
        work: impl Future<Output = ()> + Send + 'static,
    ) -> bool {
        if !self.takes(host, &key) {
            return false;
        }
        let task = self.tasks.spawn(work).id();
        self.under_way.insert(task, (host.to_owned(), key));
        true
    }

    /// Waits until something ended; for ever when nothing is under way.
    pub(crate) async fn end_one(&mut self) {
        let ended = match self.tasks.join_next_with_id().await {
            Some(Ok((id, ()))) => id,
            Some(Err(error)) => {
                tracing::error!(%error, "work at another server broke off");
                error.id()
            }
            None => std::future::pending().await,
        };
        self.under_way.remove(&ended);
    }
}

/// The outcome of work at a host, or that it took too long.
pub(crate) async fn limit_time<T>(
    limit: Duration,
    host: &str,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    match tokio::time::timeout(limit, work).await {
        Ok(done) => done,
        Err(_) => Err(HostFailure::too_slow(host, limit).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::HostProblem;
    use std::future::{pending, ready};

    fn lanes() -> Lanes<&'static str> {
        Lanes::new(LaneBounds {
            in_all: 3,
            per_host: 2,
        })
    }

    #[tokio::test]
    async fn a_dead_host_fills_its_own_lane_alone() {
        let mut lanes = lanes();
        assert!(lanes.start("dead", "a", pending()));
        assert!(lanes.start("dead", "b", pending()));
        assert!(!lanes.start("dead", "c", pending()));
        assert_eq!(lanes.full_hosts(), ["dead"]);
        for key in ["d", "e", "f"] {
            assert!(lanes.start("alive", key, ready(())));
            lanes.end_one().await;
        }
        assert!(lanes.start("other", "g", pending()));
        assert_eq!(lanes.room(), 0);
        assert!(!lanes.start("alive", "h", ready(())));
    }

    #[tokio::test]
    async fn the_same_is_done_once_at_a_time_and_what_breaks_off_leaves_its_place() {
        let mut lanes = lanes();
        assert!(lanes.start("host", "a", async { panic!("on purpose") }));
        assert!(!lanes.start("host", "a", ready(())));
        lanes.end_one().await;
        assert!(lanes.start("host", "a", ready(())));
    }

    #[tokio::test]
    async fn what_takes_too_long_is_a_host_that_is_not_reached() {
        let limit = Duration::from_millis(20);
        let done = limit_time(limit, "h", pending::<Result<(), Error>>()).await;
        let Err(Error::Upstream(failure)) = done else {
            panic!("it took for ever");
        };
        assert_eq!(failure.problem, HostProblem::Unreachable);
        assert!(failure.is_transient);
    }
}
