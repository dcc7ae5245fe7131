//! The lock around changes of `index.json`.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

use rustix::fs::{FlockOperation, flock};

use super::layout::LOCK;

/// Held while it lives; the kernel lets it go when the process dies, so nobody has to clean up after a crash.
#[derive(Debug)]
pub(super) struct IndexLock(#[expect(dead_code, reason = "closing it is what unlocks")] File);

/// Waits until nobody else changes names. Each call opens the file anew, so threads of one process exclude each other too.
pub(super) fn lock_index(folder: &Path) -> io::Result<IndexLock> {
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(folder.join(LOCK))?;
    loop {
        match flock(&file, FlockOperation::LockExclusive) {
            Err(rustix::io::Errno::INTR) => {}
            other => return other.map(|()| IndexLock(file)).map_err(io::Error::from),
        }
    }
}
