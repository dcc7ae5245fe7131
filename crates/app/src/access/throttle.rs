//! Wrong passwords are counted per account and network; after too many, attempts are refused for a while.
//!
//! An attempt is admitted before anything is verified, and only as many are under way at once as may still fail: guesses
//! made at the same time are no more than guesses made in turn. It says nothing about who is right.

use crate::Error;
use moka::{policy::EvictionPolicy, sync::Cache};
use parking_lot::Mutex;
use std::{
    net::{IpAddr, Ipv6Addr},
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::Notify;

/// Networks and accounts remembered at once. When an attacker fills this the oldest are dropped, which costs the
/// attacker more requests than a password is worth.
const ENTRIES: u64 = 100_000;

/// How many times more one network may fail over all accounts than on one.
const ACCOUNTS_PER_NETWORK: u32 = 10;

/// Counts wrong passwords.
pub(crate) struct Throttle {
    /// By account and network; without an account for the network as a whole.
    counts: Cache<(Option<String>, IpAddr), Arc<Count>>,
    allowed: u32,
    window: Duration,
}

impl Throttle {
    pub(crate) fn new(allowed: u32, window: Duration) -> Self {
        Self {
            counts: Cache::builder()
                .max_capacity(ENTRIES)
                // A new entry is always let in: else whoever fills this is not counted anymore.
                .eviction_policy(EvictionPolicy::lru())
                // Nothing that still counts is older than its last use.
                .time_to_idle(window)
                .build(),
            allowed,
            window,
        }
    }

    /// Begins an attempt, and waits while those that are under way might use up what is allowed.
    ///
    /// Answers [`Error::TooManyAttempts`] when too many failed within the window that began with the first failure.
    pub(crate) async fn admit(&self, account: &str, address: IpAddr) -> Result<Attempt, Error> {
        let network = network_of(address);
        let (allowed, window) = (self.allowed, self.window);
        let of_network = allowed.saturating_mul(ACCOUNTS_PER_NETWORK);
        let whole = self.count(None, network);
        // A network that is refused anyway fills no memory with names.
        whole.check(of_network, window)?;
        let account = Place::take(&self.count(Some(account), network), allowed, window).await?;
        let network = Place::take(&whole, of_network, window).await?;
        Ok(Attempt { account, network })
    }

    /// Ends the count of this account everywhere: an administrator gave it another password.
    pub(crate) fn forgive_everywhere(&self, account: &str) {
        for (key, count) in &self.counts {
            if key.0.as_deref() == Some(account) {
                count.forgive();
            }
        }
    }

    fn count(&self, account: Option<&str>, network: IpAddr) -> Arc<Count> {
        self.counts
            .get_with((account.map(str::to_owned), network), Arc::default)
    }
}

/// What one person has who did not sign in: an address of IPv4, or a /64 of IPv6, since whoever has one address there has all of them.
pub(crate) fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let network = u128::from(address) >> 64 << 64;
            IpAddr::V6(Ipv6Addr::from(network))
        }
        v4 => v4,
    }
}

/// An attempt that was admitted. Dropped it counts for nothing: what is not answered tells a guesser nothing.
#[must_use]
pub(crate) struct Attempt {
    account: Place,
    network: Place,
}

impl Attempt {
    /// Counts a wrong password.
    pub(crate) fn fail(self) {
        self.account.0.fail();
        self.network.0.fail();
    }

    /// A right password ends the count of this account here.
    pub(crate) fn forgive(self) {
        self.account.0.forgive();
    }
}

/// One attempt under way, until it is dropped.
struct Place(Arc<Count>);

impl Place {
    async fn take(count: &Arc<Count>, allowed: u32, window: Duration) -> Result<Self, Error> {
        loop {
            let changed = count.changed.notified();
            tokio::pin!(changed);
            // Before the look, so that no change after it is missed.
            changed.as_mut().enable();
            count.check(allowed, window)?;
            if count.begin(allowed) {
                return Ok(Self(Arc::clone(count)));
            }
            changed.await;
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.state.lock().under_way -= 1;
        self.0.changed.notify_waiters();
    }
}

#[derive(Default)]
struct Count {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Default)]
struct State {
    failed: u32,
    under_way: u32,
    /// The first of these failures.
    since: Option<Instant>,
}

impl Count {
    /// Refuses when `allowed` have failed, for what is left of the window; whole seconds, since clients wait whole ones.
    fn check(&self, allowed: u32, window: Duration) -> Result<(), Error> {
        let mut state = self.state.lock();
        let left = state.since.map_or(Duration::ZERO, |since| {
            window.saturating_sub(since.elapsed())
        });
        if left.is_zero() {
            (state.failed, state.since) = (0, None);
        }
        if state.failed < allowed {
            return Ok(());
        }
        let more = u64::from(left.subsec_nanos() > 0);
        let retry_after = Duration::from_secs((left.as_secs() + more).max(1));
        Err(Error::TooManyAttempts { retry_after })
    }

    /// Begins an attempt unless those under way might all fail and leave nothing for it.
    fn begin(&self, allowed: u32) -> bool {
        let mut state = self.state.lock();
        let free = state.failed.saturating_add(state.under_way) < allowed;
        state.under_way += u32::from(free);
        free
    }

    fn fail(&self) {
        let mut state = self.state.lock();
        state.failed = state.failed.saturating_add(1);
        state.since.get_or_insert_with(Instant::now);
    }

    fn forgive(&self) {
        let mut state = self.state.lock();
        (state.failed, state.since) = (0, None);
        drop(state);
        self.changed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{net::Ipv4Addr, pin::pin, task::Poll};

    const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
    const THERE: IpAddr = IpAddr::V6(Ipv6Addr::LOCALHOST);
    const MINUTE: Duration = Duration::from_secs(60);

    async fn fail(throttle: &Throttle, account: &str, address: IpAddr) {
        throttle.admit(account, address).await.unwrap().fail();
    }

    async fn is_admitted(throttle: &Throttle, account: &str, address: IpAddr) -> bool {
        throttle.admit(account, address).await.is_ok()
    }

    #[tokio::test]
    async fn the_eleventh_attempt_is_refused_for_this_account_from_this_address() {
        let throttle = Throttle::new(10, MINUTE);
        for _ in 0..10 {
            fail(&throttle, "alice", HERE).await;
        }
        assert!(!is_admitted(&throttle, "alice", HERE).await);
        assert!(is_admitted(&throttle, "alice", THERE).await);
        assert!(is_admitted(&throttle, "bob", HERE).await);
    }

    #[tokio::test]
    async fn one_address_cannot_try_every_account() {
        let throttle = Throttle::new(2, MINUTE);
        for number in 0..20 {
            fail(&throttle, &format!("user{number}"), HERE).await;
        }
        assert!(!is_admitted(&throttle, "fresh", HERE).await);
    }

    #[tokio::test]
    async fn a_network_of_addresses_is_one_guesser() {
        let throttle = Throttle::new(1, MINUTE);
        fail(&throttle, "alice", "2001:db8:1:2::1".parse().unwrap()).await;
        fail(&throttle, "alice", "::ffff:192.0.2.1".parse().unwrap()).await;
        for (address, admitted) in [
            ("2001:db8:1:2:ffff::9", false),
            ("2001:db8:1:3::1", true),
            ("192.0.2.1", false),
            ("192.0.2.2", true),
        ] {
            let address = address.parse().unwrap();
            assert_eq!(is_admitted(&throttle, "alice", address).await, admitted);
        }
    }

    #[tokio::test]
    async fn another_password_ends_the_count_everywhere() {
        let throttle = Throttle::new(1, MINUTE);
        fail(&throttle, "alice", HERE).await;
        fail(&throttle, "alice", THERE).await;
        fail(&throttle, "bob", HERE).await;
        throttle.forgive_everywhere("alice");
        assert!(is_admitted(&throttle, "alice", HERE).await);
        assert!(is_admitted(&throttle, "alice", THERE).await);
        assert!(!is_admitted(&throttle, "bob", HERE).await);
    }

    #[tokio::test]
    async fn a_right_password_ends_the_count_and_other_successes_leave_it() {
        let throttle = Throttle::new(2, MINUTE);
        fail(&throttle, "alice", HERE).await;
        throttle.admit("alice", HERE).await.unwrap().forgive();
        fail(&throttle, "alice", HERE).await;
        drop(throttle.admit("alice", HERE).await.unwrap());
        fail(&throttle, "alice", HERE).await;
        assert!(!is_admitted(&throttle, "alice", HERE).await);
    }

    #[tokio::test]
    async fn attempts_wait_for_those_that_might_use_up_what_is_allowed() {
        let throttle = Throttle::new(1, MINUTE);
        let first = throttle.admit("alice", HERE).await.unwrap();
        let mut second = pin!(throttle.admit("alice", HERE));
        assert!(poll_once(second.as_mut()).await.is_none());
        drop(first);
        let second = second.await.unwrap();
        let mut third = pin!(throttle.admit("alice", HERE));
        assert!(poll_once(third.as_mut()).await.is_none());
        second.fail();
        assert!(third.await.is_err());
    }

    /// What the future is worth at this moment.
    async fn poll_once<F: Future + Unpin>(mut future: F) -> Option<F::Output> {
        std::future::poll_fn(|context| {
            Poll::Ready(match std::pin::Pin::new(&mut future).poll(context) {
                Poll::Ready(value) => Some(value),
                Poll::Pending => None,
            })
        })
        .await
    }

    #[tokio::test]
    async fn the_window_begins_with_the_first_failure_and_ends_as_announced() {
        let window = Duration::from_millis(1500);
        let count = Count::default();
        count.fail();
        let first = count.state.lock().since;
        count.fail();
        assert_eq!(count.state.lock().since, first);
        let Err(Error::TooManyAttempts { retry_after }) = count.check(2, window) else {
            panic!("two of two failed");
        };
        assert_eq!(retry_after, Duration::from_secs(2));
        count.state.lock().since = first.and_then(|since| since.checked_sub(window));
        assert!(count.check(2, window).is_ok());
        assert_eq!(count.state.lock().failed, 0);
    }
}
