//! One at a time: equal steps of all builds of this process, and everything else that must not be done twice at once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

/// Locks by name. A lock that nobody holds or waits for is forgotten.
#[derive(Debug, Default)]
pub(crate) struct Gates(Mutex<HashMap<String, Weak<AsyncMutex<()>>>>);

impl Gates {
    /// Waits until no one else is inside.
    pub(crate) async fn enter(&self, name: &str) -> OwnedMutexGuard<()> {
        self.find(name).lock_owned().await
    }

    /// Goes inside if no one is.
    pub(crate) fn try_enter(&self, name: &str) -> Option<OwnedMutexGuard<()>> {
        self.find(name).try_lock_owned().ok()
    }

    fn find(&self, name: &str) -> Arc<AsyncMutex<()>> {
        let mut gates = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(gate) = gates.get(name).and_then(Weak::upgrade) {
            return gate;
        }
        gates.retain(|_, gate| gate.strong_count() > 0);
        let gate = Arc::new(AsyncMutex::new(()));
        gates.insert(name.to_owned(), Arc::downgrade(&gate));
        gate
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_one_is_inside_and_names_are_apart() {
        let gates = Gates::default();
        let inside = gates.enter("a").await;
        assert!(gates.try_enter("a").is_none());
        assert!(gates.try_enter("b").is_some());
        drop(inside);
        assert!(gates.try_enter("a").is_some());
    }
}
