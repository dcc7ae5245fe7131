//! How many questions to git servers are under way at once. Each is a process here and a connection there, and whoever may
//! call a trigger URL or try a rule starts one.
//!
//! Builds that publish have places of their own: whatever others ask, an image that is finished does not wait behind it.

use crate::Error;
use parking_lot::Mutex;
use std::{
    collections::HashMap,
    sync::{Arc, Weak},
    time::Duration,
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};
use wharf_model::UserId;

/// Of all hosts, for whoever looks: rules, trials, browsing. Fewer let slow hosts hold everybody up; more crowd out builds
/// on a small machine.
const LOOKING: usize = 8;

/// Of all hosts, for builds that publish. Fewer, and some hosts that hang keep the images of others waiting; more are
/// seldom used, since a build asks once.
const PUBLISHING: usize = 4;

/// The part of the places that one host has: one that does not answer leaves half of them to others.
const OF_HOST: usize = 2;

/// The part of the places that the sources of one person have, whatever hosts they name: many hosts that hang leave half of
/// them to others.
const OF_OWNER: usize = 2;

/// The part that one person has at one host, so that a host that hangs leaves them places at their others.
const OF_OWNER_AT_HOST: usize = 4;

/// How long somebody waits for a place. A question takes a second; who waits longer stands behind hosts that hang.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a question is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asking {
    /// A rule, a trial, a page.
    Looking,
    /// Whether the image of a build that is over is still wanted.
    Publishing,
}

/// Lets questions through, a few at a time.
pub(crate) struct GitGate {
    patience: Duration,
    looking: Room,
    publishing: Room,
}

/// A place, for as long as it lives.
pub(crate) struct GitPass {
    _owner_at_host: Taken,
    _owner: Taken,
    _host: Taken,
    _all: OwnedSemaphorePermit,
}

impl Default for GitGate {
    fn default() -> Self {
        Self::with_patience(PATIENCE)
    }
}

impl GitGate {
    fn with_patience(patience: Duration) -> Self {
        Self {
            patience,
            looking: Room::new(LOOKING),
            publishing: Room::new(PUBLISHING),
        }
    }

    /// Waits for a place to ask `host` with a source of `owner`.
    ///
    /// # Errors
    /// [`Error::Busy`] when none became free in time.
    pub(crate) async fn enter(
        &self,
        asking: Asking,
        owner: UserId,
        host: &str,
    ) -> Result<GitPass, Error> {
        let room = match asking {
            Asking::Looking => &self.looking,
            Asking::Publishing => &self.publishing,
        };
        let entered = timeout(self.patience, room.enter(owner, host)).await;
        let busy = || Error::Busy(format!("too many questions to {host} are under way").into());
        entered.ok().flatten().ok_or_else(busy)
    }
}

/// The places of one kind of question.
struct Room {
    all: Arc<Semaphore>,
    hosts: Shares<String>,
    owners: Shares<UserId>,
    owners_at_hosts: Shares<(UserId, String)>,
}

impl Room {
    fn new(all: usize) -> Self {
        Self {
            all: Arc::new(Semaphore::new(all)),
            hosts: Shares::new(all / OF_HOST),
            owners: Shares::new(all / OF_OWNER),
            owners_at_hosts: Shares::new(all / OF_OWNER_AT_HOST),
        }
    }

    async fn enter(&self, owner: UserId, host: &str) -> Option<GitPass> {
        // The narrowest first: whoever waits takes no place from others.
        let at_host = (owner, host.to_owned());
        let owner_at_host = self.owners_at_hosts.take(at_host).await?;
        let owner = self.owners.take(owner).await?;
        let host = self.hosts.take(host.to_owned()).await?;
        let all = self.all.clone().acquire_owned().await.ok()?;
        Some(GitPass {
            _owner_at_host: owner_at_host,
            _owner: owner,
            _host: host,
            _all: all,
        })
    }
}

/// So many places for each of them.
struct Shares<K> {
    each: usize,
    taken: Mutex<HashMap<K, Weak<Semaphore>>>,
}

/// One of somebody's places; they are remembered while anybody has one.
struct Taken {
    _place: OwnedSemaphorePermit,
    _places: Arc<Semaphore>,
}

impl<K: Eq + std::hash::Hash> Shares<K> {
    fn new(each: usize) -> Self {
        Self {
            each,
            taken: Mutex::default(),
        }
    }

    async fn take(&self, key: K) -> Option<Taken> {
        let places = self.find_places(key);
        let place = places.clone().acquire_owned().await.ok()?;
        Some(Taken {
            _place: place,
            _places: places,
        })
    }

    fn find_places(&self, key: K) -> Arc<Semaphore> {
        let mut taken = self.taken.lock();
        taken.retain(|_, places| places.strong_count() > 0);
        let known = taken.entry(key).or_default();
        known.upgrade().unwrap_or_else(|| {
            let places = Arc::new(Semaphore::new(self.each));
            *known = Arc::downgrade(&places);
            places
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Long enough for a place that is free.
    const SHORT: Duration = Duration::from_millis(50);

    /// Takes what there is at `host`, each for somebody else.
    async fn fill(gate: &GitGate, asking: Asking, host: &str, count: usize) -> Vec<GitPass> {
        let mut passes = Vec::new();
        for _ in 0..count {
            passes.push(gate.enter(asking, UserId::new(), host).await.unwrap());
        }
        passes
    }

    #[tokio::test]
    async fn a_host_that_hangs_holds_its_own_places_and_no_more() {
        let gate = GitGate::with_patience(SHORT);
        let enter = async |host: &str| gate.enter(Asking::Looking, UserId::new(), host).await;
        let mut hanging = fill(&gate, Asking::Looking, "slow", LOOKING / OF_HOST).await;
        assert!(matches!(enter("slow").await, Err(Error::Busy(_))));
        assert!(enter("quick").await.is_ok(), "others are asked meanwhile");
        hanging.pop();
        assert!(enter("slow").await.is_ok());
    }

    #[tokio::test]
    async fn all_hosts_together_have_a_bound() {
        let gate = GitGate::with_patience(SHORT);
        let enter = async |host: &str| gate.enter(Asking::Looking, UserId::new(), host).await;
        let mut passes = Vec::new();
        for number in 0..LOOKING {
            passes.push(enter(&format!("host{number}")).await.unwrap());
        }
        assert!(matches!(enter("another").await, Err(Error::Busy(_))));
        passes.clear();
        assert!(enter("another").await.is_ok());
        let looking = &gate.looking;
        assert_eq!(looking.hosts.taken.lock().len(), 1, "hosts are forgotten");
        assert_eq!(looking.owners.taken.lock().len(), 1, "owners are forgotten");
    }

    #[tokio::test]
    async fn one_person_with_many_hosts_that_hang_leaves_places_to_others() {
        let gate = GitGate::with_patience(SHORT);
        let greedy = UserId::new();
        let mut hanging = Vec::new();
        for number in 0..LOOKING {
            let host = format!("host{number}");
            hanging.extend(gate.enter(Asking::Looking, greedy, &host).await);
        }
        assert_eq!(hanging.len(), LOOKING / OF_OWNER);
        let other = gate.enter(Asking::Looking, UserId::new(), "host0").await;
        assert!(other.is_ok());
    }

    #[tokio::test]
    async fn a_host_that_hangs_leaves_its_owner_places_at_others() {
        let gate = GitGate::with_patience(SHORT);
        let owner = UserId::new();
        let enter = async |host: &str| gate.enter(Asking::Looking, owner, host).await;
        let many = futures_util::future::join_all((0..LOOKING).map(|_| enter("slow")));
        let (hanging, quick) = tokio::join!(many, enter("quick"));
        let through = hanging.iter().filter(|entered| entered.is_ok()).count();
        assert_eq!(through, LOOKING / OF_OWNER_AT_HOST);
        assert!(quick.is_ok(), "those that wait hold nothing");
    }

    #[tokio::test]
    async fn builds_publish_whatever_others_ask() {
        let gate = GitGate::with_patience(SHORT);
        let mut looking = Vec::new();
        for host in ["one", "two"] {
            looking.extend(fill(&gate, Asking::Looking, host, LOOKING / OF_HOST).await);
        }
        assert_eq!(looking.len(), LOOKING);
        let published = gate.enter(Asking::Publishing, UserId::new(), "one").await;
        assert!(published.is_ok());
    }
}
