//! Writing a log: one line an event, in the file as soon as it is told.
//!
//! A line is in the page cache before the next event is asked for, so nothing that was told is lost with the process;
//! a line that was cut off is taken away when the log goes on.

use super::{
    live::Written,
    record::{LogEntry, LogRecord},
};
use std::{
    fs::{File, OpenOptions},
    io::{self, BufRead, BufReader, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};
use wharf_model::Timestamp;

/// Writes the log of one attempt.
pub(crate) struct LogWriter {
    file: File,
    next: u64,
    /// Bytes of output that may still come; `None` once it was said that no more does.
    left: Option<u64>,
    limit: u64,
    written: Written,
}

impl LogWriter {
    /// Opens the log at its end, making it when there is none. Output beyond `limit` bytes is left out, which it says.
    pub(crate) fn open(path: &Path, limit: u64, written: Written) -> io::Result<Self> {
        let mut file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .mode(0o600)
            .open(path)?;
        let found = find_end(&mut file)?;
        file.set_len(found.length)?;
        let left = limit.saturating_sub(found.output);
        written.tell(found.length);
        Ok(Self {
            file,
            next: found.last + 1,
            left: (!found.truncated).then_some(left),
            limit,
            written,
        })
    }

    /// Writes one event.
    pub(crate) fn write(&mut self, at: Timestamp, entry: LogEntry) -> io::Result<()> {
        let entry = match entry {
            LogEntry::Output { step, stream, text } => {
                let Some(left) = self.left else { return Ok(()) };
                let size = text.len() as u64;
                if size > left {
                    self.left = None;
                    let limit = self.limit;
                    return self.append(at, LogEntry::Truncated { limit });
                }
                self.left = Some(left - size);
                LogEntry::Output { step, stream, text }
            }
            other => other,
        };
        self.append(at, entry)
    }

    fn append(&mut self, at: Timestamp, entry: LogEntry) -> io::Result<()> {
        let record = LogRecord {
            number: self.next,
            at: at.as_micros(),
            entry,
        };
        let mut line = serde_json::to_vec(&record).map_err(io::Error::other)?;
        line.push(b'\n');
        self.file.write_all(&line)?;
        self.next += 1;
        self.written.add(line.len() as u64);
        Ok(())
    }
}

/// What a log holds already.
struct Found {
    /// Bytes of whole lines.
    length: u64,
    /// The last event's number.
    last: u64,
    /// Bytes of output.
    output: u64,
    /// Whether it was said that output is left out.
    truncated: bool,
}

fn find_end(file: &mut File) -> io::Result<Found> {
    let mut found = Found {
        length: 0,
        last: 0,
        output: 0,
        truncated: false,
    };
    let mut reader = BufReader::new(file);
    let mut line = Vec::new();
    loop {
        line.clear();
        let count = reader.read_until(b'\n', &mut line)?;
        let whole = line.ends_with(b"\n");
        let Some(record) = whole
            .then(|| serde_json::from_slice::<LogRecord>(&line).ok())
            .flatten()
        else {
            // The end, or what a crash left of a line.
            return Ok(found);
        };
        found.length += count as u64;
        found.last = record.number;
        match record.entry {
            LogEntry::Output { text, .. } => found.output += text.len() as u64,
            LogEntry::Truncated { .. } => found.truncated = true,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{cursor::LogCursor, live::LiveLogs};
    use super::*;
    use wharf_model::BuildId;

    fn output(text: &str) -> LogEntry {
        LogEntry::Output {
            step: 1,
            stream: "stdout".into(),
            text: text.into(),
        }
    }

    const AT: Timestamp = Timestamp::from_seconds(1);

    fn read(path: &Path, after: u64) -> Vec<LogRecord> {
        let mut cursor = LogCursor::open_file(path, after).unwrap().unwrap();
        let mut all = Vec::new();
        loop {
            let records = cursor.read_records();
            if records.is_empty() {
                return all;
            }
            all.extend(records);
        }
    }

    #[test]
    fn a_log_goes_on_without_gap_after_a_line_was_cut_off() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.log");
        let live = LiveLogs::default();
        let open = || LogWriter::open(&path, 1000, live.start(BuildId::new())).unwrap();
        let mut writer = open();
        writer.write(AT, output("one\n")).unwrap();
        writer.write(AT, output("two\n")).unwrap();
        drop(writer);
        let whole = std::fs::read(&path).unwrap();
        for cut in 1..30 {
            std::fs::write(&path, &whole[..whole.len() - cut]).unwrap();
            let mut writer = open();
            writer.write(AT, output("three\n")).unwrap();
            let numbers: Vec<_> = read(&path, 0).iter().map(|it| it.number).collect();
            assert_eq!(numbers, [1, 2], "cut {cut}");
        }
    }

    #[test]
    fn output_beyond_the_limit_is_left_out_and_the_log_says_so_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.log");
        let live = LiveLogs::default();
        for _ in 0..2 {
            let mut writer = LogWriter::open(&path, 10, live.start(BuildId::new())).unwrap();
            writer.write(AT, output("12345678")).unwrap();
            writer.write(AT, output("12345678")).unwrap();
            writer.write(AT, output("1")).unwrap();
            let text = "still told".to_owned();
            writer.write(AT, LogEntry::Notice { text }).unwrap();
        }
        let entries: Vec<_> = read(&path, 0).into_iter().map(|it| it.entry).collect();
        let notice = LogEntry::Notice {
            text: "still told".into(),
        };
        assert_eq!(
            entries,
            [
                output("12345678"),
                LogEntry::Truncated { limit: 10 },
                notice.clone(),
                notice
            ]
        );
    }
}
