//! Turns: of one thing, one after the other; of different things, at the same time.
//!
//! For work that goes out to somebody's server and must not happen twice at once for the same thing: looks at a remote
//! repository, renewals of a token. Keeps nothing of what nobody waits for. Refuses nobody: how long a turn takes is bounded
//! by whoever has it.

use parking_lot::Mutex;
use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Weak},
};
use tokio::sync::OwnedMutexGuard;

/// Who is at what.
pub(crate) struct Turns<K>(Mutex<HashMap<K, Weak<tokio::sync::Mutex<()>>>>);

impl<K> Default for Turns<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash> Turns<K> {
    /// Waits until nobody else is at it; others wait while the guard lives.
    pub(crate) async fn take(&self, thing: K) -> OwnedMutexGuard<()> {
        let turn = {
            let mut turns = self.0.lock();
            turns.retain(|_, turn| turn.strong_count() > 0);
            let place = turns.entry(thing).or_default();
            place.upgrade().unwrap_or_else(|| {
                let turn = Arc::default();
                *place = Arc::downgrade(&turn);
                turn
            })
        };
        turn.lock_owned().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    #[tokio::test]
    async fn one_thing_is_done_once_at_a_time_and_keeps_nobody_from_another() {
        let turns = Turns::default();
        let held = turns.take("one").await;
        let mut second = Box::pin(turns.take("one"));
        assert!(second.as_mut().now_or_never().is_none());
        assert!(turns.take("other").now_or_never().is_some());
        drop(held);
        drop(second.await);
        turns.take("third").await;
        assert_eq!(turns.0.lock().len(), 1, "what is over is forgotten");
    }
}
