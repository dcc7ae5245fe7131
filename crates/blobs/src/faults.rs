//! Places where a test may kill the process or make a sync fail. Compiled to nothing without the feature `failpoints`.
//!
//! Named points: `after-session-file`, `after-part-write`, `after-last-byte`, `before-fsync`, `before-rename`,
//! `before-dir-fsync`, `after-dir-fsync`; the crates above add theirs by calling [`failpoint`].

/// Ends the process at once, as a crash would, if the environment says `WHARF_FAILPOINT=<name>`.
#[cfg(feature = "failpoints")]
pub fn failpoint(name: &str) {
    use std::sync::OnceLock;
    // Read once: the points lie on hot paths, and a crash point does not move while a process lives.
    static CHOSEN: OnceLock<Option<String>> = OnceLock::new();
    let chosen = CHOSEN.get_or_init(|| std::env::var("WHARF_FAILPOINT").ok());
    if chosen.as_deref() == Some(name) {
        std::process::abort();
    }
}

/// Does nothing: this build has no failpoints.
#[cfg(not(feature = "failpoints"))]
#[inline(always)]
pub fn failpoint(_name: &str) {}

/// Decides which data sync reports EIO instead of being done.
#[derive(Debug, Default)]
pub struct Faults {
    #[cfg(feature = "failpoints")]
    syncs_until_failure: std::sync::atomic::AtomicU64,
}

impl Faults {
    /// Takes `WHARF_FAIL_FSYNC=<n>` from the environment: the n-th data sync from now fails, counted from 1.
    pub(crate) fn from_environment() -> Self {
        let faults = Self::default();
        #[cfg(feature = "failpoints")]
        if let Some(n) = std::env::var("WHARF_FAIL_FSYNC")
            .ok()
            .and_then(|n| n.parse().ok())
        {
            faults.fail_sync(n);
        }
        faults
    }

    /// Makes the n-th data sync from now fail, counted from 1; 0 means none.
    #[cfg(feature = "failpoints")]
    pub fn fail_sync(&self, n: u64) {
        self.syncs_until_failure
            .store(n, std::sync::atomic::Ordering::SeqCst);
    }

    /// Fails if this is the sync that was chosen.
    pub(crate) fn before_sync(&self) -> std::io::Result<()> {
        #[cfg(feature = "failpoints")]
        {
            use std::sync::atomic::Ordering::SeqCst;
            let before = self
                .syncs_until_failure
                .fetch_update(SeqCst, SeqCst, |n| n.checked_sub(1));
            if before == Ok(1) {
                return Err(rustix::io::Errno::IO.into());
            }
        }
        Ok(())
    }
}
