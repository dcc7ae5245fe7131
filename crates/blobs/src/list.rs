//! Walking over every file of the store, for `wharf fsck`. Blocks; callers run it on the blocking pool.

use std::fs::{DirEntry, ReadDir};
use std::io;
use std::path::PathBuf;

use wharf_oci::{Algorithm, Digest};

use crate::Store;
use crate::error::{IoContext, Result};
use crate::layout::{Layout, parse_blob_name, parse_staged_name};

/// A file in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListedFile {
    /// A blob by its name; says nothing about its content.
    Blob {
        /// What the name promises.
        digest: Digest,
        /// Length in bytes.
        size: u64,
        /// Whether it is only staged: not needed by any manifest so far.
        staged: bool,
    },
    /// Something that the store did not put there.
    Foreign(PathBuf),
}

/// The iterator behind [`Store::list_blobs`].
pub struct BlobList {
    /// Directories that were not begun, the next one last.
    directories: Vec<Directory>,
    current: Option<(Directory, ReadDir)>,
}

#[derive(Clone)]
struct Directory {
    path: PathBuf,
    kind: Kind,
}

#[derive(Clone, Copy)]
enum Kind {
    Staged,
    Algorithm(Algorithm),
    Shard(Algorithm),
}

impl Store {
    /// Every file under `blobs` and `staged`, in no order, one directory open at a time. Blobs that come or go meanwhile
    /// may be listed, not listed, or (when they become durable) listed twice.
    ///
    /// # Errors
    /// Each item may be a [`crate::Error::Io`]; the walk goes on after it.
    pub fn list_blobs(&self) -> BlobList {
        BlobList::of(&self.inner.layout)
    }
}

impl BlobList {
    pub(crate) fn of(layout: &Layout) -> Self {
        let algorithms = Algorithm::ALL.map(|algorithm| Directory {
            path: layout.algorithm(algorithm),
            kind: Kind::Algorithm(algorithm),
        });
        let staged = Directory {
            path: layout.staged(),
            kind: Kind::Staged,
        };
        // Staged blobs first: one that becomes durable during the walk is then met again rather than missed.
        Self {
            directories: algorithms.into_iter().chain([staged]).collect(),
            current: None,
        }
    }
}

impl Iterator for BlobList {
    type Item = Result<ListedFile>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let Some((directory, entries)) = &mut self.current else {
                let directory = self.directories.pop()?;
                match std::fs::read_dir(&directory.path).context("list", &directory.path) {
                    Ok(entries) => self.current = Some((directory, entries)),
                    Err(error) => return Some(Err(error)),
                }
                continue;
            };
            match entries.next() {
                None => self.current = None,
                Some(Err(error)) => return Some(Err(error).context("list", &directory.path)),
                Some(Ok(entry)) => {
                    let directory = directory.clone();
                    if let Some(item) = self.visit(&directory, &entry) {
                        return Some(item);
                    }
                }
            }
        }
    }
}

impl BlobList {
    fn visit(&mut self, directory: &Directory, entry: &DirEntry) -> Option<Result<ListedFile>> {
        let name = entry.file_name();
        let name = name.to_str();
        let digest = match directory.kind {
            Kind::Staged => name.and_then(parse_staged_name),
            Kind::Shard(algorithm) => {
                let shard = directory.path.file_name().and_then(|shard| shard.to_str());
                shard
                    .zip(name)
                    .and_then(|(shard, name)| parse_blob_name(algorithm, shard, name))
            }
            Kind::Algorithm(algorithm) if entry.path().is_dir() => {
                self.directories.push(Directory {
                    path: entry.path(),
                    kind: Kind::Shard(algorithm),
                });
                return None;
            }
            Kind::Algorithm(_) => None,
        };
        let Some(digest) = digest else {
            return Some(Ok(ListedFile::Foreign(entry.path())));
        };
        match entry.metadata() {
            Ok(metadata) => Some(Ok(ListedFile::Blob {
                digest,
                size: metadata.len(),
                staged: matches!(directory.kind, Kind::Staged),
            })),
            // Moved or removed while we were walking.
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => Some(Err(error).context("look at", entry.path())),
        }
    }
}
