//! The file that records are kept in: a mark, the records sorted, and a hash of both.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::fd::{BorrowedFd, OwnedFd};

use rustix::fs::{FlockOperation, Mode, OFlags, flock, openat, renameat};
use rustix::io::Errno;
use sha2::{Digest as _, Sha256};

use super::record::{RECORD_BYTES, Record};
use crate::{Error, Result};

/// The form of the file; another one is not read.
const MARK: &[u8; 8] = b"wharfsc1";
const HASH_BYTES: usize = 32;

/// The records of a file. What is not there, or is not whole, has none: files are hashed again, and that is all.
pub(super) fn read_records(folder: BorrowedFd<'_>, name: &str) -> Vec<Record> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut bytes = Vec::new();
    let read = openat(folder, name, flags, Mode::empty())
        .map_err(std::io::Error::from)
        .and_then(|file| File::from(file).read_to_end(&mut bytes));
    let is_whole = read.is_ok() && bytes.len() >= MARK.len() + HASH_BYTES;
    if !is_whole || !bytes.starts_with(MARK) {
        return Vec::new();
    }
    let (content, hash) = bytes.split_at(bytes.len() - HASH_BYTES);
    if Sha256::digest(content)[..] != *hash {
        return Vec::new();
    }
    let (records, _) = content[MARK.len()..].as_chunks::<RECORD_BYTES>();
    records.iter().map(Record::read).collect()
}

/// Replaces the file. Whoever reads it meanwhile has the old one.
pub(super) fn write_records(folder: BorrowedFd<'_>, name: &str, records: &[Record]) -> Result<()> {
    let mut bytes = Vec::with_capacity(MARK.len() + records.len() * RECORD_BYTES + HASH_BYTES);
    bytes.extend_from_slice(MARK);
    records.iter().for_each(|record| record.write(&mut bytes));
    let hash = Sha256::digest(&bytes);
    bytes.extend_from_slice(&hash);
    let refused = |error: std::io::Error| Error::Cache {
        action: "write",
        source: error,
    };
    // One name will do, as the lock is held.
    let temporary = format!("{name}.new");
    let flags =
        OFlags::WRONLY | OFlags::CREATE | OFlags::TRUNC | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let file = openat(folder, &*temporary, flags, Mode::from_raw_mode(0o600))
        .map_err(|error| refused(error.into()))?;
    File::from(file).write_all(&bytes).map_err(refused)?;
    renameat(folder, &*temporary, folder, name).map_err(|error| refused(error.into()))
}

/// Waits until nobody else writes; the lock is given back when the file is closed. Writers hold it for milliseconds.
pub(super) fn lock(folder: BorrowedFd<'_>) -> Result<OwnedFd> {
    let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let locked = openat(folder, "lock", flags, Mode::from_raw_mode(0o600)).and_then(|file| {
        loop {
            match flock(&file, FlockOperation::LockExclusive) {
                Err(Errno::INTR) => {}
                result => return result.map(|()| file),
            }
        }
    });
    locked.map_err(|error| Error::Cache {
        action: "lock",
        source: error.into(),
    })
}
