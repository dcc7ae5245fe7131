//! Telling somebody how many bytes have moved.

use std::fmt;
use std::sync::Arc;

/// Called with the bytes of one blob that have moved so far; the number falls when a transfer starts over.
#[derive(Clone, Default)]
pub struct Progress(Option<Arc<dyn Fn(u64) + Send + Sync>>);

impl Progress {
    /// Tells nobody.
    pub fn none() -> Progress {
        Progress(None)
    }

    /// Calls `tell` after every piece, from the task that moves the bytes: it must not block.
    pub fn new(tell: impl Fn(u64) + Send + Sync + 'static) -> Progress {
        Progress(Some(Arc::new(tell)))
    }

    pub(crate) fn tell(&self, bytes: u64) {
        if let Some(tell) = &self.0 {
            tell(bytes);
        }
    }
}

impl fmt::Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Progress")
    }
}
