//! The hashes of earlier builds, for files that have not changed since.
//!
//! A file that has the device, inode, size, time of change and time of metadata change that it had is the same file: the
//! last of them is set by the kernel alone. Its granularity is that of the clock's ticks, though, so a file that was
//! written to shortly before it was hashed may be written to again without a trace; such a hash is not remembered (git's
//! index calls this "racily clean").

mod file;
mod record;

use std::collections::{BTreeMap, HashMap};
use std::num::NonZeroUsize;
use std::os::fd::{AsFd as _, OwnedFd};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::fs::fstat;

use crate::hashes::{FileHash, FileHashes, FileToHash, hash_all};
use crate::{Error, Result, Source};
use file::{lock, read_records, write_records};
use record::Record;

/// How old a file must be for its hash to be remembered. Kernels tick 100 to 1000 times a second, and network file
/// systems keep whole or, at worst, two seconds; more would hash again what an editor has just saved for longer.
const RACY: Duration = Duration::from_secs(2);

/// Days after which a record that was of no use goes. Fewer would forget a branch that rests, more keep what was deleted.
const KEPT_DAYS: u32 = 30;

/// Days after which a use is noted. Each day would write the file anew for nothing.
const NOTED_DAYS: u32 = 7;

const DAY_SECONDS: u64 = 86_400;

/// Hashes that are kept in a folder of the builder's state: one file for each context. Any number of processes may use
/// the folder at once; at worst one hashes what another has hashed.
#[derive(Debug)]
pub struct StatCache {
    folder: OwnedFd,
    now: SystemTime,
    threads: NonZeroUsize,
    tables: BTreeMap<String, Table>,
}

/// What is known of one context.
#[derive(Debug, Default)]
struct Table {
    /// Sorted.
    known: Vec<Record>,
    fresh: HashMap<(u64, u64), Record>,
}

impl StatCache {
    /// `now` is a moment before any of the files was selected; `threads` read what is not known.
    pub fn new(folder: OwnedFd, now: SystemTime, threads: NonZeroUsize) -> Self {
        Self {
            folder,
            now,
            threads,
            tables: BTreeMap::new(),
        }
    }

    /// Keeps what was found out, for the next build. Does nothing if there is nothing new.
    ///
    /// # Errors
    /// [`Error::Cache`]; the build can go on.
    pub fn save(&mut self) -> Result<()> {
        for (name, table) in &mut self.tables {
            if table.fresh.is_empty() {
                continue;
            }
            let _locked = lock(self.folder.as_fd())?;
            // Another process may have written since.
            table.known = read_records(self.folder.as_fd(), name);
            table.merge(days(self.now));
            write_records(self.folder.as_fd(), name, &table.known)?;
        }
        Ok(())
    }

    fn table(&mut self, source: &Source) -> Result<&mut Table> {
        let root = fstat(source).map_err(|error| Error::Cache {
            action: "find",
            source: error.into(),
        })?;
        let name = format!("{:x}-{:x}", root.st_dev, root.st_ino);
        let folder = &self.folder;
        Ok(self.tables.entry(name).or_insert_with_key(|name| Table {
            known: read_records(folder.as_fd(), name),
            fresh: HashMap::new(),
        }))
    }
}

impl FileHashes for StatCache {
    fn hash_files(&mut self, source: &Source, files: &[FileToHash]) -> Result<Vec<FileHash>> {
        let (now, threads, today) = (self.now, self.threads, days(self.now));
        let table = self.table(source)?;
        let found: Vec<Option<FileHash>> =
            files.iter().map(|file| table.find(file, today)).collect();
        let missing: Vec<&FileToHash> = files
            .iter()
            .zip(&found)
            .filter_map(|(file, hash)| hash.is_none().then_some(file))
            .collect();
        let hashed = hash_all(source, &missing, threads)?;
        for (file, hash) in missing.iter().zip(&hashed) {
            if is_settled(file, now) {
                table.insert(file, *hash, today);
            }
        }
        let mut hashed = hashed.into_iter();
        Ok(found
            .into_iter()
            .filter_map(|hash| hash.or_else(|| hashed.next()))
            .collect())
    }
}

impl Table {
    fn find(&mut self, file: &FileToHash, today: u32) -> Option<FileHash> {
        let key = (file.identity.device, file.identity.inode);
        let record = match self.fresh.get(&key) {
            Some(record) => *record,
            None => {
                let index = self.known.binary_search_by_key(&key, Record::key).ok()?;
                self.known[index]
            }
        };
        if record.identity != file.identity {
            return None;
        }
        if record.used.saturating_add(NOTED_DAYS) < today {
            self.insert(file, record.hash, today);
        }
        Some(record.hash)
    }

    fn insert(&mut self, file: &FileToHash, hash: FileHash, today: u32) {
        let record = Record {
            identity: file.identity,
            used: today,
            hash,
        };
        self.fresh.insert(record.key(), record);
    }

    /// Moves what is fresh to what is known, and forgets what is old.
    fn merge(&mut self, today: u32) {
        let fresh = std::mem::take(&mut self.fresh);
        self.known.retain(|record| {
            record.used.saturating_add(KEPT_DAYS) >= today && !fresh.contains_key(&record.key())
        });
        self.known.extend(fresh.into_values());
        self.known.sort_unstable_by_key(Record::key);
    }
}

/// Whether nothing can have happened to the file since it was looked at without changing its times.
fn is_settled(file: &FileToHash, now: SystemTime) -> bool {
    let changed = u64::try_from(file.identity.ctime.seconds).unwrap_or(0);
    let changed = UNIX_EPOCH + Duration::new(changed, file.identity.ctime.nanoseconds);
    changed + RACY <= now
}

fn days(now: SystemTime) -> u32 {
    let since = now.duration_since(UNIX_EPOCH).unwrap_or_default();
    u32::try_from(since.as_secs() / DAY_SECONDS).unwrap_or(u32::MAX)
}
