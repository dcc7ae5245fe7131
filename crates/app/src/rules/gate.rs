//! How many questions to git servers are under way at once. Each is a process here and a connection there, and whoever may
//! call a trigger URL or try a rule starts one.

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

/// Of all hosts. Fewer let slow hosts hold everybody up; more crowd out builds on a small machine.
const ALL: usize = 8;

/// Of one host: one that does not answer leaves half of the places to others.
const EACH: usize = 4;

/// How long somebody waits for a place. A question takes a second; who waits longer stands behind hosts that hang.
const PATIENCE: Duration = Duration::from_secs(30);

/// Lets questions through, a few at a time.
pub(crate) struct GitGate {
    patience: Duration,
    all: Arc<Semaphore>,
    hosts: Mutex<HashMap<String, Weak<Semaphore>>>,
}

/// A place, for as long as it lives.
pub(crate) struct GitPass {
    _all: OwnedSemaphorePermit,
    _host: OwnedSemaphorePermit,
    /// The host's places are remembered while anybody has one.
    _places: Arc<Semaphore>,
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
            all: Arc::new(Semaphore::new(ALL)),
            hosts: Mutex::default(),
        }
    }

    /// Waits for a place to ask `host`.
    ///
    /// # Errors
    /// [`Error::Busy`] when none became free in time.
    pub(crate) async fn enter(&self, host: &str) -> Result<GitPass, Error> {
        let places = self.find_places(host);
        // The host's first: whoever waits for a slow host takes no place from others.
        let entering = async {
            let host = places.clone().acquire_owned().await.ok()?;
            let all = self.all.clone().acquire_owned().await.ok()?;
            Some((host, all))
        };
        let entered = timeout(self.patience, entering).await.ok().flatten();
        let busy = || Error::Busy(format!("too many questions to {host} are under way").into());
        let (host, all) = entered.ok_or_else(busy)?;
        Ok(GitPass {
            _all: all,
            _host: host,
            _places: places,
        })
    }

    fn find_places(&self, host: &str) -> Arc<Semaphore> {
        let mut hosts = self.hosts.lock();
        hosts.retain(|_, places| places.strong_count() > 0);
        let place = hosts.entry(host.to_owned()).or_default();
        place.upgrade().unwrap_or_else(|| {
            let places = Arc::new(Semaphore::new(EACH));
            *place = Arc::downgrade(&places);
            places
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Long enough for a place that is free.
    const SHORT: Duration = Duration::from_millis(50);

    #[tokio::test]
    async fn a_host_that_hangs_holds_its_own_places_and_no_more() {
        let gate = GitGate::with_patience(SHORT);
        let mut hanging = Vec::new();
        for _ in 0..EACH {
            hanging.push(gate.enter("slow").await.unwrap());
        }
        assert!(matches!(gate.enter("slow").await, Err(Error::Busy(_))));
        let other = gate.enter("quick").await;
        assert!(other.is_ok(), "others are asked meanwhile");
        hanging.pop();
        assert!(gate.enter("slow").await.is_ok());
    }

    #[tokio::test]
    async fn all_hosts_together_have_a_bound() {
        let gate = GitGate::with_patience(SHORT);
        let mut passes = Vec::new();
        for number in 0..ALL {
            passes.push(gate.enter(&format!("host{number}")).await.unwrap());
        }
        assert!(matches!(gate.enter("another").await, Err(Error::Busy(_))));
        passes.clear();
        assert!(gate.enter("another").await.is_ok());
        assert_eq!(gate.hosts.lock().len(), 1, "hosts are forgotten");
    }
}
