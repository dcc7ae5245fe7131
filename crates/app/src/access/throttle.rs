//! Wrong passwords are counted per account and address; after too many, attempts are refused for a while.

use crate::Error;
use moka::{ops::compute::Op, sync::Cache};
use std::{
    net::IpAddr,
    time::{Duration, Instant},
};

/// Addresses and accounts remembered at once. When an attacker fills this the oldest are dropped, which costs the
/// attacker more requests than a password is worth.
const ENTRIES: u64 = 100_000;

/// How many times more one address may fail over all accounts than on one.
const ACCOUNTS_PER_ADDRESS: u32 = 10;

#[derive(Debug, Clone, Copy)]
struct Failures {
    count: u32,
    since: Instant,
}

/// Counts wrong passwords.
pub(crate) struct Throttle {
    failures: Cache<(String, IpAddr), Failures>,
    allowed: u32,
    window: Duration,
}

impl Throttle {
    pub(crate) fn new(allowed: u32, window: Duration) -> Self {
        Self {
            failures: Cache::builder()
                .max_capacity(ENTRIES)
                .time_to_live(window)
                .build(),
            allowed,
            window,
        }
    }

    /// Refuses an attempt when too many failed before it.
    pub(crate) fn admit(&self, account: &str, address: IpAddr) -> Result<(), Error> {
        for (key, allowed) in self.keys(account, address) {
            if let Some(failures) = self.failures.get(&key)
                && failures.count >= allowed
            {
                let retry_after = self.window.saturating_sub(failures.since.elapsed());
                return Err(Error::TooManyAttempts {
                    retry_after: retry_after.max(Duration::from_secs(1)),
                });
            }
        }
        Ok(())
    }

    /// Counts a wrong password.
    pub(crate) fn record_failure(&self, account: &str, address: IpAddr) {
        for (key, _) in self.keys(account, address) {
            self.failures.entry(key).and_compute_with(|old| {
                let old = old.map(|entry| entry.into_value());
                Op::Put(Failures {
                    count: old.map_or(0, |old| old.count).saturating_add(1),
                    since: old.map_or_else(Instant::now, |old| old.since),
                })
            });
        }
    }

    /// A right password ends the count of this account here.
    pub(crate) fn forgive(&self, account: &str, address: IpAddr) {
        self.failures.invalidate(&(account.to_owned(), address));
    }

    /// Ends the count of this account everywhere: an administrator gave it another password.
    pub(crate) fn forgive_everywhere(&self, account: &str) {
        for (key, _) in &self.failures {
            if key.0 == account {
                self.failures.invalidate(&*key);
            }
        }
    }

    fn keys(&self, account: &str, address: IpAddr) -> [((String, IpAddr), u32); 2] {
        // A name that nobody can have stands for the address as a whole.
        [
            ((account.to_owned(), address), self.allowed),
            (
                ("*".to_owned(), address),
                self.allowed.saturating_mul(ACCOUNTS_PER_ADDRESS),
            ),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);
    const THERE: IpAddr = IpAddr::V6(std::net::Ipv6Addr::LOCALHOST);

    #[test]
    fn the_eleventh_attempt_is_refused_for_this_account_from_this_address() {
        let throttle = Throttle::new(10, Duration::from_secs(60));
        for _ in 0..10 {
            throttle.admit("alice", HERE).unwrap();
            throttle.record_failure("alice", HERE);
        }
        assert!(throttle.admit("alice", HERE).is_err());
        assert!(throttle.admit("alice", THERE).is_ok());
        assert!(throttle.admit("bob", HERE).is_ok());
    }

    #[test]
    fn one_address_cannot_try_every_account() {
        let throttle = Throttle::new(2, Duration::from_secs(60));
        for number in 0..20 {
            throttle.record_failure(&format!("user{number}"), HERE);
        }
        assert!(throttle.admit("fresh", HERE).is_err());
    }

    #[test]
    fn another_password_ends_the_count_everywhere() {
        let throttle = Throttle::new(1, Duration::from_secs(60));
        throttle.record_failure("alice", HERE);
        throttle.record_failure("alice", THERE);
        throttle.record_failure("bob", HERE);
        throttle.forgive_everywhere("alice");
        assert!(throttle.admit("alice", HERE).is_ok());
        assert!(throttle.admit("alice", THERE).is_ok());
        assert!(throttle.admit("bob", HERE).is_err());
    }

    #[test]
    fn a_right_password_ends_the_count() {
        let throttle = Throttle::new(2, Duration::from_secs(60));
        throttle.record_failure("alice", HERE);
        throttle.forgive("alice", HERE);
        throttle.record_failure("alice", HERE);
        assert!(throttle.admit("alice", HERE).is_ok());
    }
}
