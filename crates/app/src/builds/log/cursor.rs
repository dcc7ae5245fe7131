//! Reading a log from an event on: the file that grows, or the compressed one.

use super::record::LogRecord;
use std::{
    fs::File,
    io::{self, ErrorKind, Read, Seek, SeekFrom},
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};
use wharf_model::BuildId;

/// Bytes of one batch: large enough that a long log is read in few pieces, small enough that a reader that stops in the
/// middle has cost little.
const BATCH: usize = 256 * 1024;

/// Bytes that are passed over in one go while nothing of them is wanted: so that others have their turn, and a reader that
/// left stops costing anything.
const MOST_PASSED: usize = 4 * 1024 * 1024;

/// Bytes at the end of a log in which its last event is looked for. Events are shorter, nearly all of them.
const TAIL: u64 = 64 * 1024;

/// What was read.
pub(crate) enum LogBatch {
    /// Events; none at the end, where more may come later.
    Records(Vec<LogRecord>),
    /// Nothing that is wanted, and this is not the end.
    PassedOver,
}

/// A place in a log.
pub(crate) struct LogCursor {
    from: Box<dyn Read + Send + Sync>,
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
        let Some(mut file) = open_existing(path)? else {
            return Ok(None);
        };
        if let Some(end) = find_end_before(&file, after)? {
            file.seek(SeekFrom::Start(end))?;
        }
        Ok(Some(Self::of(Box::new(file), after)))
    }

    fn of(from: Box<dyn Read + Send + Sync>, after: u64) -> Self {
        Self {
            from,
            rest: Vec::new(),
            after,
        }
    }

    /// The next events. Blocks.
    pub(crate) fn read_batch(&mut self) -> io::Result<LogBatch> {
        let mut batch = Vec::new();
        let mut buffer = vec![0; 64 * 1024];
        let mut taken = 0;
        while taken < BATCH || batch.is_empty() && taken < MOST_PASSED {
            let count = match self.from.read(&mut buffer) {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                other => other?,
            };
            if count == 0 {
                return Ok(LogBatch::Records(batch));
            }
            taken += count;
            self.rest.extend_from_slice(&buffer[..count]);
            self.take_lines(&mut batch)?;
        }
        Ok(match batch.is_empty() {
            true => LogBatch::PassedOver,
            false => LogBatch::Records(batch),
        })
    }

    /// The next events, however much is passed over before them.
    #[cfg(test)]
    pub(super) fn read_records(&mut self) -> Vec<LogRecord> {
        loop {
            if let LogBatch::Records(records) = self.read_batch().unwrap() {
                return records;
            }
        }
    }

    fn take_lines(&mut self, batch: &mut Vec<LogRecord>) -> io::Result<()> {
        let Some(end) = self.rest.iter().rposition(|byte| *byte == b'\n') else {
            return Ok(());
        };
        for line in self.rest[..end].split(|byte| *byte == b'\n') {
            // Passed over without being understood, which is what takes time.
            if read_number(line).is_some_and(|number| number <= self.after) {
                continue;
            }
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

/// The number of an event, as its line begins.
fn read_number(line: &[u8]) -> Option<u64> {
    let rest = line.strip_prefix(b"{\"n\":")?;
    let end = rest.iter().position(|byte| !byte.is_ascii_digit())?;
    std::str::from_utf8(&rest[..end]).ok()?.parse().ok()
}

/// Where the last whole line of a log ends, when that is no event after `after`: all before it need not be read.
fn find_end_before(file: &File, after: u64) -> io::Result<Option<u64>> {
    if after == 0 {
        return Ok(None);
    }
    let length = file.metadata()?.len();
    let start = length.saturating_sub(TAIL);
    let mut tail = vec![0; (length - start) as usize];
    match file.read_exact_at(&mut tail, start) {
        // What a crash left of a line was cut off at this moment.
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(None),
        other => other?,
    }
    let ends = |bytes: &[u8]| bytes.iter().rposition(|byte| *byte == b'\n');
    let Some(end) = ends(&tail) else {
        return Ok(None);
    };
    let begin = ends(&tail[..end]).map_or(0, |before| before + 1);
    let number = read_number(&tail[begin..end]);
    let is_past = number.is_some_and(|number| number <= after);
    Ok(is_past.then_some(start + end as u64 + 1))
}

fn open_existing(path: &Path) -> io::Result<Option<File>> {
    match File::open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{keep::compress_log, live::LiveLogs, record::LogEntry, writer::LogWriter};
    use super::*;
    use wharf_model::Timestamp;

    #[test]
    fn what_is_not_wanted_is_passed_over_in_pieces_and_the_end_of_a_log_is_found_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let (folder, build) = (folder.path(), BuildId::new());
        let path = open_path(folder, build);
        let mut log = LogWriter::open(&path, 1 << 30, LiveLogs::default().start(build)).unwrap();
        let text = "x".repeat(1000);
        let mut write = |count: usize| {
            for _ in 0..count {
                let text = text.clone();
                let entry = LogEntry::Notice { text };
                log.write(Timestamp::from_seconds(1), entry).unwrap();
            }
        };
        write(10_000);
        let mut at_end = LogCursor::open(folder, build, 10_000).unwrap().unwrap();
        let read = |cursor: &mut LogCursor| match cursor.read_batch().unwrap() {
            LogBatch::Records(records) => Some(records.iter().map(|it| it.number).collect()),
            LogBatch::PassedOver => None,
        };
        assert_eq!(read(&mut at_end), Some(vec![]), "without reading it all");
        write(1);
        assert_eq!(read(&mut at_end), Some(vec![10_001]));
        for compressed in [false, true] {
            if compressed {
                compress_log(folder, build).unwrap();
            }
            let mut late = LogCursor::open(folder, build, 9_999).unwrap().unwrap();
            assert_eq!(read(&mut late), None, "others have their turn");
            assert_eq!(read(&mut late), None);
            assert_eq!(read(&mut late), Some(vec![10_000, 10_001]));
            assert_eq!(read(&mut late), Some(vec![]));
        }
    }
}
