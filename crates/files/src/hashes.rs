//! What the content of files amounts to: one hash each.

use std::fs::File;
use std::io::Read as _;
use std::num::NonZeroUsize;
use std::os::fd::AsFd as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use rustix::fs::fstat;
use sha2::{Digest as _, Sha256};

use crate::select::Identity;
use crate::source::read_xattrs;
use crate::{Error, Result, Source, TreePath};

/// Bytes of one read. Smaller costs system calls on large files, larger leaves the processor's cache before the hash has
/// seen it.
const READ_BYTES: usize = 128 << 10;

/// How many files a thread takes at once: fewer make threads wait for each other, more leave the last one alone with
/// the rest.
const BATCH: usize = 16;

/// The SHA-256 of a file's bytes; of those and its attributes, where it has any.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FileHash(pub(crate) [u8; 32]);

/// A file as it was when it was selected.
#[derive(Debug, Clone)]
pub struct FileToHash {
    pub(crate) path: TreePath,
    pub(crate) identity: Identity,
}

/// Knows or finds out what files contain.
pub trait FileHashes {
    /// The hash of each, in order.
    ///
    /// # Errors
    /// [`Error::Changed`] for a file that is no longer what was selected.
    fn hash_files(&mut self, source: &Source, files: &[FileToHash]) -> Result<Vec<FileHash>>;
}

/// Reads every file, over several threads.
#[derive(Debug, Clone, Copy)]
pub struct HashFiles {
    /// How many at once. One is enough where the files are in memory and few; more than processors wait for each other.
    pub threads: NonZeroUsize,
}

impl FileHashes for HashFiles {
    fn hash_files(&mut self, source: &Source, files: &[FileToHash]) -> Result<Vec<FileHash>> {
        let all: Vec<&FileToHash> = files.iter().collect();
        hash_all(source, &all, self.threads)
    }
}

/// Reads all of these.
pub(crate) fn hash_all(
    source: &Source,
    files: &[&FileToHash],
    threads: NonZeroUsize,
) -> Result<Vec<FileHash>> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut buffer = vec![0; READ_BYTES];
        let mut done = Vec::new();
        loop {
            let start = next.fetch_add(BATCH, Ordering::Relaxed).min(files.len());
            let batch = &files[start..files.len().min(start + BATCH)];
            if batch.is_empty() {
                return Ok(done);
            }
            for (index, file) in batch.iter().enumerate() {
                match hash_file(source, file, &mut buffer) {
                    Ok(hash) => done.push((start + index, hash)),
                    Err(error) => {
                        // The other threads need not go on.
                        next.store(files.len(), Ordering::Relaxed);
                        return Err(error);
                    }
                }
            }
        }
    };
    let helpers = threads
        .get()
        .min(files.len().div_ceil(BATCH))
        .saturating_sub(1);
    let results: Vec<Result<Vec<(usize, FileHash)>>> = thread::scope(|scope| {
        let helpers: Vec<_> = (0..helpers).map(|_| scope.spawn(work)).collect();
        let own = work();
        let others = helpers.into_iter().map(|helper| match helper.join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        std::iter::once(own).chain(others).collect()
    });
    let mut hashes = vec![FileHash([0; 32]); files.len()];
    for result in results {
        for (index, hash) in result? {
            hashes[index] = hash;
        }
    }
    Ok(hashes)
}

fn hash_file(source: &Source, file: &FileToHash, buffer: &mut [u8]) -> Result<FileHash> {
    let refused = |error: std::io::Error| Error::io("read", &file.path, error);
    let (open, stat) = source.open_file(&file.path)?;
    let changed = || Error::Changed {
        path: file.path.clone(),
    };
    if Identity::of(&stat) != file.identity {
        return Err(changed());
    }
    let mut open = File::from(open);
    let xattrs = read_xattrs(open.as_fd()).map_err(|error| refused(error.into()))?;
    let mut hash = Sha256::new();
    loop {
        match open.read(buffer).map_err(refused)? {
            0 => break,
            count => hash.update(&buffer[..count]),
        }
    }
    let stat = fstat(&open).map_err(|error| refused(error.into()))?;
    if Identity::of(&stat) != file.identity {
        return Err(changed());
    }
    let content: [u8; 32] = hash.finalize().into();
    if xattrs.is_empty() {
        return Ok(FileHash(content));
    }
    let mut hash = Sha256::new();
    hash.update(content);
    for (name, value) in &xattrs {
        for field in [name, value] {
            hash.update((field.len() as u64).to_le_bytes());
            hash.update(field);
        }
    }
    Ok(FileHash(hash.finalize().into()))
}
