//! The lock around changes of `index.json`.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

use rustix::fs::{FlockOperation, flock};

use super::content::{is_at, remove_existing};
use super::layout::LOCK;

/// Held while it lives; the kernel lets it go when the process dies, so nobody has to clean up after a crash.
#[derive(Debug)]
pub(super) struct IndexLock(#[expect(dead_code, reason = "closing it is what unlocks")] File);

/// Waits until nobody else changes names. Each call opens the file anew, so threads of one process exclude each other too.
pub(super) fn lock_index(folder: &Path) -> io::Result<IndexLock> {
    let path = folder.join(LOCK);
    loop {
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)?;
        match flock(&file, FlockOperation::LockExclusive) {
            Err(rustix::io::Errno::INTR) => continue,
            other => other?,
        }
        // Whoever had it before may have removed it; then another file is the lock by now.
        if is_at(&file, &path)? {
            return Ok(IndexLock(file));
        }
    }
}

impl IndexLock {
    /// Lets go and leaves no file behind.
    pub(super) fn remove(self, folder: &Path) -> io::Result<()> {
        remove_existing(&folder.join(LOCK))
    }
}
