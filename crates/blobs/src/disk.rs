//! The system calls that std does not offer, and opening files the way this store wants them.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;

use rustix::fs::{Advice, FallocateFlags};
use wharf_oci::{Algorithm, Digest};

use crate::error::{IoContext, Result};
use crate::hasher::Hasher;
use crate::layout::FILE_MODE;

/// Reading back whole files: large enough that system calls do not show, small enough to stay in the second-level cache.
const READ_SIZE: usize = 256 * 1024;

pub(crate) fn create_file(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create_new(true)
        .mode(FILE_MODE)
        .open(path)
}

/// Opens for reading; a file that is not there is `None`.
pub(crate) fn open_existing(path: &Path, action: &'static str) -> Result<Option<File>> {
    match File::open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).context(action, path),
    }
}

/// Removes a name; one that is gone already is fine.
pub(crate) fn unlink(path: &Path) -> Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error).context("remove", path),
        _ => Ok(()),
    }
}

/// Makes the names in a directory survive power loss.
pub(crate) fn sync_directory(path: &Path) -> Result<()> {
    File::open(path)
        .and_then(|directory| directory.sync_all())
        .context("sync the directory", path)
}

/// Sets disk blocks aside without changing the file's length. Not an error where the file system cannot do it.
pub(crate) fn reserve(file: &File, offset: u64, length: u64) -> io::Result<()> {
    use rustix::io::Errno;
    match rustix::fs::fallocate(file, FallocateFlags::KEEP_SIZE, offset, length) {
        Err(Errno::OPNOTSUPP | Errno::NOSYS | Errno::INVAL | Errno::NODEV) | Ok(()) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Asks the kernel to begin writing the file's pages to disk. A hint: errors surface at the sync that follows.
pub(crate) fn start_writeback(file: &File, offset: u64, length: u64) {
    let (Ok(offset), Ok(length)) = (i64::try_from(offset), i64::try_from(length)) else {
        return;
    };
    // SAFETY: the descriptor is open for as long as `file` is borrowed, and the call touches no memory of ours.
    unsafe {
        libc::sync_file_range(
            file.as_raw_fd(),
            offset,
            length,
            libc::SYNC_FILE_RANGE_WRITE,
        );
    }
}

/// Drops the file's clean pages from memory, so that the next read shows what is on disk.
pub(crate) fn forget_pages(file: &File) {
    // Only advice: where it is refused, the read that follows may come from memory, as it would have without it.
    let _ = rustix::fs::fadvise(file, 0, None, Advice::DontNeed);
}

/// Hashes the first `length` bytes; fewer bytes in the file are an `UnexpectedEof`.
pub(crate) fn hash_prefix(file: &File, algorithm: Algorithm, length: u64) -> io::Result<Hasher> {
    let mut hasher = Hasher::new(algorithm);
    let mut buffer = vec![0; READ_SIZE];
    let mut offset = 0;
    while offset < length {
        let want = buffer
            .len()
            .min(usize::try_from(length - offset).unwrap_or(usize::MAX));
        let part = &mut buffer[..want];
        file.read_exact_at(part, offset)?;
        hasher.update(part);
        offset += want as u64;
    }
    Ok(hasher)
}

/// Whether the whole file has this digest.
pub(crate) fn file_matches(file: &File, digest: &Digest) -> io::Result<bool> {
    let length = file.metadata()?.len();
    Ok(hash_prefix(file, digest.algorithm(), length)?.finish() == *digest)
}
