//! Reading a log from an event on: the file that grows, or the compressed one.

use super::record::LogRecord;
use std::{
    fs::File,
    io::{self, ErrorKind, Read},
    path::{Path, PathBuf},
};
use wharf_model::BuildId;

/// Bytes of one batch: large enough that a long log is read in few pieces, small enough that a reader that stops in the
/// middle has cost little.
const BATCH: usize = 256 * 1024;

/// A place in a log.
pub(crate) struct LogCursor {
    from: Box<dyn Read + Send>,
    /// Read, but not a whole line yet.
    rest: Vec<u8>,
    after: u64,
}

/// The file of a log that is being written.
pub(crate) fn open_path(folder: &Path, build: BuildId) -> PathBuf {
    folder.join(format!("{build}.log"))
}

/// The file of one that is kept.
pub(crate) fn kept_path(folder: &Path, build: BuildId) -> PathBuf {
    folder.join(format!("{build}.log.zst"))
}

impl LogCursor {
    /// Opens a log after event `after`, whichever form it has; `None` when there is none.
    pub(crate) fn open(folder: &Path, build: BuildId, after: u64) -> io::Result<Option<Self>> {
        // In this order: a log is compressed before the other file goes.
        if let Some(cursor) = Self::open_file(&open_path(folder, build), after)? {
            return Ok(Some(cursor));
        }
        let Some(file) = open_existing(&kept_path(folder, build))? else {
            return Ok(None);
        };
        let from = Box::new(zstd::Decoder::new(file)?);
        Ok(Some(Self::of(from, after)))
    }

    /// Opens a log that is not compressed.
    pub(crate) fn open_file(path: &Path, after: u64) -> io::Result<Option<Self>> {
        Ok(open_existing(path)?.map(|file| Self::of(Box::new(file), after)))
    }

    fn of(from: Box<dyn Read + Send>, after: u64) -> Self {
        Self {
            from,
            rest: Vec::new(),
            after,
        }
    }

    /// The next events; empty at the end, where more may come later. Blocks.
    pub(crate) fn read_batch(&mut self) -> io::Result<Vec<LogRecord>> {
        let mut batch = Vec::new();
        let mut buffer = vec![0; 64 * 1024];
        let mut taken = 0;
        while taken < BATCH || batch.is_empty() {
            let count = match self.from.read(&mut buffer) {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                other => other?,
            };
            if count == 0 {
                break;
            }
            taken += count;
            self.rest.extend_from_slice(&buffer[..count]);
            self.take_lines(&mut batch)?;
        }
        Ok(batch)
    }

    fn take_lines(&mut self, batch: &mut Vec<LogRecord>) -> io::Result<()> {
        let Some(end) = self.rest.iter().rposition(|byte| *byte == b'\n') else {
            return Ok(());
        };
        for line in self.rest[..end].split(|byte| *byte == b'\n') {
            let record: LogRecord = serde_json::from_slice(line).map_err(io::Error::other)?;
            if record.number > self.after {
                self.after = record.number;
                batch.push(record);
            }
        }
        self.rest.drain(..=end);
        Ok(())
    }
}

fn open_existing(path: &Path) -> io::Result<Option<File>> {
    match File::open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
