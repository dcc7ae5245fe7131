//! A cache that never keeps what a finished change made stale.

use moka::sync::Cache;
use std::{
    future::Future,
    hash::Hash,
    sync::atomic::{AtomicU64, Ordering},
};

/// Values read from rows, remembered until they are forgotten by the change that makes them stale.
///
/// A change commits, then forgets, then answers its client. A reader that loaded the old row meanwhile must not put
/// it back: it compares the count of forgettings before its read with the one after its insert, and takes its value
/// out again when they differ. Either it sees the forgetting, or the forgetting sees its value.
pub(crate) struct Remembered<K, V> {
    values: Cache<K, V>,
    forgotten: AtomicU64,
}

impl<K, V> Remembered<K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// Remembers at most `entries` values.
    pub(crate) fn with_entries(entries: u64) -> Self {
        Self::from_cache(Cache::new(entries))
    }

    /// Remembers values that `weigh` together at most `bytes`.
    pub(crate) fn with_bytes(
        bytes: u64,
        weigh: impl Fn(&K, &V) -> u32 + Send + Sync + 'static,
    ) -> Self {
        Self::from_cache(Cache::builder().max_capacity(bytes).weigher(weigh).build())
    }

    fn from_cache(values: Cache<K, V>) -> Self {
        Self {
            values,
            forgotten: AtomicU64::new(0),
        }
    }

    /// The value if it is remembered.
    pub(crate) fn get(&self, key: &K) -> Option<V> {
        self.values.get(key)
    }

    /// The remembered value, else what `load` finds; `None` is not remembered.
    pub(crate) async fn get_or_load<E>(
        &self,
        key: &K,
        load: impl Future<Output = Result<Option<V>, E>>,
    ) -> Result<Option<V>, E> {
        if let Some(value) = self.values.get(key) {
            return Ok(Some(value));
        }
        let before = self.forgotten.load(Ordering::SeqCst);
        let loaded = load.await?;
        if let Some(value) = &loaded {
            self.values.insert(key.clone(), value.clone());
            if self.forgotten.load(Ordering::SeqCst) != before {
                self.values.invalidate(key);
            }
        }
        Ok(loaded)
    }

    /// Forgets one value. Called after the commit that changed it, before that is acknowledged.
    pub(crate) fn forget(&self, key: &K) {
        self.forgotten.fetch_add(1, Ordering::SeqCst);
        self.values.invalidate(key);
    }

    /// Forgets everything.
    pub(crate) fn forget_all(&self) {
        self.forgotten.fetch_add(1, Ordering::SeqCst);
        self.values.invalidate_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_value_that_was_changed_while_it_was_read_is_not_remembered() {
        let memory: Remembered<u8, u8> = Remembered::with_entries(10);
        let loaded = memory
            .get_or_load(&1, async {
                memory.forget(&1);
                Ok::<_, ()>(Some(7))
            })
            .await;
        assert_eq!(loaded, Ok(Some(7)));
        assert_eq!(memory.get(&1), None);
    }

    #[tokio::test]
    async fn a_value_is_loaded_once_and_again_after_it_was_forgotten() {
        let memory: Remembered<u8, u8> = Remembered::with_entries(10);
        let load = |value| async move { Ok::<_, ()>(Some(value)) };
        memory.get_or_load(&1, load(7)).await.unwrap();
        assert_eq!(memory.get_or_load(&1, load(8)).await, Ok(Some(7)));
        memory.forget_all();
        assert_eq!(memory.get_or_load(&1, load(8)).await, Ok(Some(8)));
    }
}
