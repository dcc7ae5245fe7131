//! Records on the disk: one small file each, in a folder for each scope.

use std::fs::{self, File, FileTimes};
use std::io;
use std::path::PathBuf;
use std::time::SystemTime;

use wharf_oci::{Algorithm, Digest};

use super::{Key, Record};
use crate::state::StateFolder;

/// The records of one scope. A step of one scope is never answered by a result of another.
#[derive(Debug, Clone)]
pub(crate) struct CacheStore {
    state: StateFolder,
    folder: PathBuf,
}

impl CacheStore {
    pub(crate) fn new(state: &StateFolder, scope: &str) -> Self {
        // A scope may be named by people: only its hash becomes part of a path.
        let name = Digest::of(Algorithm::Sha256, scope.as_bytes()).hex();
        Self {
            state: state.clone(),
            folder: state.part("cache").join(&name[..32]),
        }
    }

    fn path(&self, key: &Key) -> PathBuf {
        self.folder.join(format!("{key}.json"))
    }

    /// The result of a key, marked as used now. A record that cannot be read is none.
    pub(crate) fn find(&self, key: &Key) -> Option<Record> {
        let path = self.path(key);
        let bytes = fs::read(&path).ok()?;
        let record = serde_json::from_slice(&bytes).ok()?;
        if let Ok(file) = File::options().append(true).open(&path) {
            // The least recently used goes first; a time that cannot be set makes it look older than it is.
            let _ = file.set_times(FileTimes::new().set_modified(SystemTime::now()));
        }
        Some(record)
    }

    pub(crate) fn save(&self, key: &Key, record: &Record) -> io::Result<()> {
        let bytes = serde_json::to_vec(record).map_err(io::Error::from)?;
        self.state.write_file(&self.path(key), &bytes)
    }
}
