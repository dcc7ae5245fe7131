//! What is remembered of each registry, within bounds.

use crate::RegistryHost;
use parking_lot::Mutex;
use std::collections::HashMap;

/// Registries that are remembered. A build knows a handful; on a server strangers choose the names. Whatever is
/// forgotten is found out again by one more request.
const MOST_HOSTS: usize = 256;

/// One value for each registry.
pub(crate) struct Remembered<V>(Mutex<HashMap<RegistryHost, V>>);

impl<V: Clone> Remembered<V> {
    pub(crate) fn get(&self, host: &RegistryHost) -> Option<V> {
        self.0.lock().get(host).cloned()
    }

    pub(crate) fn set(&self, host: &RegistryHost, value: V) {
        let mut known = self.0.lock();
        if known.len() >= MOST_HOSTS && !known.contains_key(host) {
            known.clear();
        }
        known.insert(host.clone(), value);
    }
}

impl<V> Default for Remembered<V> {
    fn default() -> Remembered<V> {
        Remembered(Mutex::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_is_known_and_memory_stays_bounded() {
        let remembered = Remembered::default();
        for number in 0..3 * MOST_HOSTS {
            let host = format!("h{number}.example").parse().expect("a host");
            remembered.set(&host, number);
            assert_eq!(remembered.get(&host), Some(number));
            assert!(remembered.0.lock().len() <= MOST_HOSTS);
        }
    }
}
