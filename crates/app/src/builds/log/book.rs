//! A log as lines that are counted: what stands in which line, which step wrote it, and where a word occurs.
//!
//! A log is a file of events; a step's output comes in pieces, and steps run side by side. A book reads the events once,
//! keeps the text of whole lines in a file without a name and what is needed to find them in memory, and reads on from where
//! it was when the log grew. A line has a number that never changes: lines are counted when they end. Knows files and nothing
//! of rows or rights. Called by [`super::shelf`].

use super::{
    cursor::{LogBatch, LogCursor},
    record::{LogEntry, LogRecord},
};
use std::{
    collections::HashMap,
    fs::File,
    io::{self, Write},
    os::unix::fs::FileExt,
};
use wharf_model::Timestamp;

/// Longest line in bytes; what is longer goes on in the next one. A shorter limit cuts what people write, a longer one makes a
/// page of lines as large as a log.
const MAX_LINE: usize = 8 * 1024;

/// Most lines that are counted. Fewer would cut real logs; each takes some 24 bytes of memory while somebody reads.
const MAX_LINES: usize = 500_000;

/// Bytes of text that a search has in memory at a time.
const PIECE: u32 = 256 * 1024;

/// How a part of a log went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SectionState {
    /// It has not ended, as far as the log tells.
    Running,
    /// It ended well.
    Succeeded,
    /// It ended, and with it the build.
    Failed,
    /// The build ended before it did.
    Stopped,
}

/// A step, or what was told between steps in a phase.
#[derive(Debug, Clone)]
pub struct LogSection {
    /// Counted from 1 in the log.
    pub number: u32,
    /// Of which attempt.
    pub attempt: u32,
    /// The step's number in the attempt; none for a phase.
    pub step: Option<u32>,
    /// `[2/5] RUN make`, or the phase's word.
    pub title: String,
    /// How it went.
    pub state: SectionState,
    /// Whether its result was there already.
    pub cached: bool,
    /// Why it failed.
    pub error: Option<String>,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// How many lines are its own.
    pub lines: usize,
    /// The number of the first of them in the log.
    pub first_line: Option<u32>,
    /// The number of the last of them in the log.
    pub last_line: Option<u32>,
}

/// A line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// Counted from 1 in the log.
    pub number: u32,
    /// Its section.
    pub section: u32,
    /// Counted from 1 in the section.
    pub position: u32,
    /// When it ended.
    pub at: Timestamp,
    /// What it says, with escape sequences as they came, without its line break.
    pub text: String,
}

struct Entry {
    /// Where its text begins. Logs are limited to far less than 4 GiB.
    offset: u32,
    length: u16,
    section: u16,
    position: u32,
    /// Milliseconds since the log began.
    after: u32,
}

/// A section and which lines are its own.
struct Kept {
    shown: LogSection,
    lines: Vec<u32>,
    /// What was written of a line that has not ended.
    open: String,
}

/// The lines of one log.
pub(crate) struct LogBook {
    cursor: LogCursor,
    text: File,
    written: u32,
    entries: Vec<Entry>,
    sections: Vec<Kept>,
    /// Sections of the steps of this attempt.
    steps: HashMap<u32, usize>,
    /// Where what no step wrote belongs.
    phase: Option<usize>,
    attempt: u32,
    began: Option<i64>,
    /// Whether lines were left out.
    full: bool,
    /// Whether it was read to the end of a build that was over.
    closed: bool,
}

impl LogBook {
    /// A book of what `cursor`, at its beginning, is going to read; `text` is an empty file.
    pub(crate) fn new(cursor: LogCursor, text: File) -> Self {
        Self {
            cursor,
            text,
            written: 0,
            entries: Vec::new(),
            sections: Vec::new(),
            steps: HashMap::new(),
            phase: None,
            attempt: 1,
            began: None,
            full: false,
            closed: false,
        }
    }

    /// Reads what came since the last time. Blocks.
    pub(crate) fn read_on(&mut self) -> io::Result<()> {
        loop {
            let batch = match self.cursor.read_batch()? {
                LogBatch::Records(batch) if batch.is_empty() => return Ok(()),
                LogBatch::Records(batch) => batch,
                LogBatch::PassedOver => continue,
            };
            let mut text = Vec::new();
            for record in batch {
                self.take(record, &mut text);
            }
            self.text.write_all(&text)?;
        }
    }

    /// Ends lines that no line break ended: nothing more comes.
    pub(crate) fn close(&mut self) -> io::Result<()> {
        let mut text = Vec::new();
        let at = self
            .entries
            .last()
            .map_or(0, |entry| i64::from(entry.after));
        for section in 0..self.sections.len() {
            self.end_line(section, at, &mut text);
        }
        self.text.write_all(&text)?;
        self.closed = true;
        Ok(())
    }

    /// Whether it was read after its build was over.
    pub(crate) fn is_closed(&self) -> bool {
        self.closed
    }

    fn take(&mut self, record: LogRecord, text: &mut Vec<u8>) {
        let began = *self.began.get_or_insert(record.at);
        let after = (record.at - began) / 1000;
        let at = record.time();
        match record.entry {
            LogEntry::Attempt { attempt } => {
                self.attempt = attempt;
                self.steps.clear();
                self.phase = None;
            }
            LogEntry::Phase { phase } => {
                self.end_phase(at);
                self.phase = self.begin(None, phase, at);
            }
            LogEntry::Step { step, name } => {
                if let Some(section) = self.begin(Some(step), name, at) {
                    self.steps.insert(step, section);
                }
            }
            LogEntry::Cached { step } => {
                if let Some(section) = self.steps.get(&step) {
                    self.sections[*section].shown.cached = true;
                }
            }
            LogEntry::Output {
                step, text: piece, ..
            } => {
                if let Some(section) = self.steps.get(&step) {
                    self.write(*section, &piece, after, text);
                }
            }
            LogEntry::Done { step, error } => self.end_step(step, error, (at, after), text),
            LogEntry::Warning { text: said } => {
                self.say(&format!("WARN: {said}\n"), (at, after), text)
            }
            LogEntry::Notice { text: said } => self.say(&format!("{said}\n"), (at, after), text),
            LogEntry::Truncated { .. } => self.say(&record.render(), (at, after), text),
        }
    }

    fn begin(&mut self, step: Option<u32>, title: String, at: Timestamp) -> Option<usize> {
        let number = u16::try_from(self.sections.len() + 1).ok()?;
        self.sections.push(Kept {
            shown: LogSection {
                number: u32::from(number),
                attempt: self.attempt,
                step,
                title,
                state: SectionState::Running,
                cached: false,
                error: None,
                started_at: at,
                ended_at: None,
                lines: 0,
                first_line: None,
                last_line: None,
            },
            lines: Vec::new(),
            open: String::new(),
        });
        Some(self.sections.len() - 1)
    }

    fn end_phase(&mut self, at: Timestamp) {
        if let Some(section) = self.phase {
            let shown = &mut self.sections[section].shown;
            shown.state = SectionState::Succeeded;
            shown.ended_at = Some(at);
        }
    }

    fn end_step(
        &mut self,
        step: u32,
        error: Option<String>,
        (at, after): (Timestamp, i64),
        text: &mut Vec<u8>,
    ) {
        let Some(&section) = self.steps.get(&step) else {
            return;
        };
        self.end_line(section, after, text);
        if let Some(error) = &error {
            self.write(section, &format!("ERROR: {error}\n"), after, text);
        }
        let shown = &mut self.sections[section].shown;
        shown.ended_at = Some(at);
        shown.state = match error {
            Some(_) => SectionState::Failed,
            None => SectionState::Succeeded,
        };
        shown.error = error;
    }

    /// Something that no step wrote.
    fn say(&mut self, said: &str, (at, after): (Timestamp, i64), text: &mut Vec<u8>) {
        if self.phase.is_none() {
            self.phase = self.begin(None, String::new(), at);
        }
        if let Some(section) = self.phase {
            self.write(section, said, after, text);
        }
    }

    fn write(&mut self, section: usize, piece: &str, after: i64, text: &mut Vec<u8>) {
        for part in piece.split_inclusive('\n') {
            let open = &mut self.sections[section].open;
            open.push_str(part);
            if part.ends_with('\n') || open.len() > MAX_LINE {
                self.end_line(section, after, text);
            }
        }
    }

    /// Counts what is open in a section as a line, or as several where it is too long for one.
    fn end_line(&mut self, section: usize, after: i64, text: &mut Vec<u8>) {
        let open = std::mem::take(&mut self.sections[section].open);
        if open.is_empty() {
            return;
        }
        let line = open.strip_suffix('\n').unwrap_or(&open);
        let mut rest = line.strip_suffix('\r').unwrap_or(line);
        loop {
            let mut end = rest.len().min(MAX_LINE);
            while !rest.is_char_boundary(end) {
                end -= 1;
            }
            let (now, later) = rest.split_at(end);
            self.count(section, now, after, text);
            rest = later;
            if rest.is_empty() {
                return;
            }
        }
    }

    fn count(&mut self, section: usize, line: &str, after: i64, text: &mut Vec<u8>) {
        let length = line.len() as u32;
        let end = self.written.checked_add(length);
        let (Some(end), true) = (end, self.entries.len() < MAX_LINES) else {
            self.full = true;
            return;
        };
        let kept = &mut self.sections[section];
        let number = self.entries.len() as u32 + 1;
        kept.lines.push(number);
        self.entries.push(Entry {
            offset: self.written,
            length: length as u16,
            section: section as u16,
            position: kept.lines.len() as u32,
            after: u32::try_from(after.max(0)).unwrap_or(u32::MAX),
        });
        text.extend_from_slice(line.as_bytes());
        self.written = end;
    }

    /// How many lines there are.
    pub(crate) fn count_lines(&self) -> usize {
        self.entries.len()
    }

    /// Whether lines were left out: the download has them.
    pub(crate) fn is_full(&self) -> bool {
        self.full
    }

    /// Its sections, in the order in which they began.
    pub(crate) fn list_sections(&self) -> Vec<LogSection> {
        let all = self.sections.iter();
        all.map(|kept| LogSection {
            lines: kept.lines.len(),
            first_line: kept.lines.first().copied(),
            last_line: kept.lines.last().copied(),
            ..kept.shown.clone()
        })
        .collect()
    }

    /// Lines from `from` to `to`, both counted from 1 and taken, of the log or of one of its sections.
    pub(crate) fn read_lines(
        &self,
        section: Option<u32>,
        from: usize,
        to: usize,
    ) -> io::Result<Vec<LogLine>> {
        let own = match section {
            None => None,
            Some(number) => {
                let kept = (number as usize).checked_sub(1);
                let Some(kept) = kept.and_then(|place| self.sections.get(place)) else {
                    return Ok(Vec::new());
                };
                Some(&kept.lines)
            }
        };
        let count = own.map_or(self.entries.len(), Vec::len);
        let numbers = (from.max(1)..=to.min(count)).map(|place| match own {
            Some(lines) => lines[place - 1],
            None => place as u32,
        });
        numbers.map(|number| self.read_line(number)).collect()
    }

    fn read_line(&self, number: u32) -> io::Result<LogLine> {
        let entry = &self.entries[number as usize - 1];
        let mut bytes = vec![0; usize::from(entry.length)];
        self.text
            .read_exact_at(&mut bytes, u64::from(entry.offset))?;
        let micros = self.began.unwrap_or_default() + i64::from(entry.after) * 1000;
        Ok(LogLine {
            number,
            section: u32::from(entry.section) + 1,
            position: entry.position,
            at: Timestamp::from_micros(micros),
            text: String::from_utf8_lossy(&bytes).into_owned(),
        })
    }

    /// The numbers of lines that contain `term` in any case, looked for in what a person sees: without escape sequences.
    pub(crate) fn search(&self, term: &str) -> io::Result<Vec<u32>> {
        let term = term.to_lowercase();
        let (mut bytes, mut line) = (Vec::new(), String::new());
        let mut found = Vec::new();
        let mut rest = self.entries.as_slice();
        while let Some(first) = rest.first() {
            let from = first.offset;
            let (piece, later) =
                rest.split_at(rest.partition_point(|entry| entry.offset - from < PIECE));
            let length: usize = piece.iter().map(|entry| usize::from(entry.length)).sum();
            bytes.resize(length, 0);
            self.text.read_exact_at(&mut bytes, u64::from(from))?;
            let number = (self.entries.len() - rest.len() + 1) as u32;
            for (number, entry) in (number..).zip(piece) {
                let start = (entry.offset - from) as usize;
                let text = &bytes[start..start + usize::from(entry.length)];
                strip_escapes(&String::from_utf8_lossy(text), &mut line);
                lower(&mut line);
                if line.contains(&term) {
                    found.push(number);
                }
            }
            rest = later;
        }
        Ok(found)
    }

    /// Where a line is: its section, and its place in that.
    pub(crate) fn find_place(&self, number: u32) -> Option<(u32, u32)> {
        let entry = self.entries.get((number as usize).checked_sub(1)?)?;
        Some((u32::from(entry.section) + 1, entry.position))
    }
}

/// In place where that is possible, as it nearly always is.
fn lower(line: &mut String) {
    match line.is_ascii() {
        true => line.make_ascii_lowercase(),
        false => *line = line.to_lowercase(),
    }
}

/// Puts a line without its escape sequences (ECMA-48: CSI and OSC) into `clean`.
fn strip_escapes(line: &str, clean: &mut String) {
    clean.clear();
    let mut rest = line;
    while let Some(start) = rest.find('\u{1b}') {
        clean.push_str(&rest[..start]);
        let after = &rest[start + 1..];
        let end = match after.chars().next() {
            Some('[') => after[1..]
                .find(|letter: char| ('@'..='~').contains(&letter))
                .map(|end| end + 2),
            Some(']') => after.find(['\u{7}', '\u{1b}']).map(|end| end + 1),
            Some(other) => Some(other.len_utf8()),
            None => None,
        };
        rest = end.map_or("", |end| &after[end..]);
    }
    clean.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::super::{live::LiveLogs, writer::LogWriter};
    use super::*;
    use std::path::Path;
    use wharf_model::BuildId;

    fn writer(path: &Path) -> LogWriter {
        LogWriter::open(path, 1 << 30, LiveLogs::default().start(BuildId::new())).unwrap()
    }

    fn open_book(path: &Path) -> LogBook {
        let cursor = LogCursor::open_file(path, 0).unwrap().unwrap();
        LogBook::new(cursor, tempfile::tempfile().unwrap())
    }

    fn output(step: u32, text: &str) -> LogEntry {
        LogEntry::Output {
            step,
            stream: "stdout".into(),
            text: text.into(),
        }
    }

    fn step(step: u32, name: &str) -> LogEntry {
        let name = name.into();
        LogEntry::Step { step, name }
    }

    const AT: Timestamp = Timestamp::from_seconds(1);

    #[test]
    fn lines_of_steps_that_run_side_by_side_are_counted_when_they_end_and_stay_apart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.log");
        let mut log = writer(&path);
        let mut book = open_book(&path);
        for entry in [
            LogEntry::Attempt { attempt: 1 },
            LogEntry::Phase {
                phase: "building".into(),
            },
            step(1, "[1/2] RUN a"),
            step(2, "[2/2] RUN b"),
            output(1, "one begins"),
            output(2, "two\r\nthree\n"),
        ] {
            log.write(AT, entry).unwrap();
        }
        book.read_on().unwrap();
        let all = |book: &LogBook| -> Vec<(u32, u32, String)> {
            let lines = book.read_lines(None, 1, 99).unwrap().into_iter();
            lines
                .map(|line| (line.section, line.position, line.text))
                .collect()
        };
        assert_eq!(all(&book), [(3, 1, "two".into()), (3, 2, "three".into())]);
        for entry in [
            output(1, " and ends\nand more"),
            LogEntry::Cached { step: 2 },
            LogEntry::Done {
                step: 2,
                error: None,
            },
            LogEntry::Done {
                step: 1,
                error: Some("exit code 1".into()),
            },
        ] {
            log.write(AT, entry).unwrap();
        }
        book.read_on().unwrap();
        assert_eq!(
            all(&book)[2..],
            [
                (2, 1, "one begins and ends".into()),
                (2, 2, "and more".into()),
                (2, 3, "ERROR: exit code 1".into())
            ]
        );
        let sections = book.list_sections();
        let shown: Vec<_> = sections
            .iter()
            .map(|it| {
                (
                    it.title.as_str(),
                    it.state,
                    it.cached,
                    it.lines,
                    it.last_line,
                )
            })
            .collect();
        assert_eq!(
            shown,
            [
                ("building", SectionState::Running, false, 0, None),
                ("[1/2] RUN a", SectionState::Failed, false, 3, Some(5)),
                ("[2/2] RUN b", SectionState::Succeeded, true, 2, Some(2)),
            ]
        );
        let own = book.read_lines(Some(2), 2, 3).unwrap();
        assert_eq!((own.len(), own[0].number, own[0].position), (2, 4, 2));
        assert!(book.read_lines(Some(9), 1, 3).unwrap().is_empty());
        assert_eq!(book.find_place(5), Some((2, 3)));
        assert_eq!(book.find_place(6), None);
        assert_eq!(book.find_place(0), None);
    }

    #[test]
    fn a_book_that_reads_on_has_the_same_lines_as_one_that_begins_later() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.log");
        let mut log = writer(&path);
        log.write(AT, step(1, "RUN a")).unwrap();
        let mut early = open_book(&path);
        for number in 0..300 {
            log.write(AT, output(1, &format!("{number}ü\nrest of ")))
                .unwrap();
            early.read_on().unwrap();
        }
        let mut late = open_book(&path);
        late.read_on().unwrap();
        for book in [&mut early, &mut late] {
            book.close().unwrap();
        }
        let all = |book: &LogBook| book.read_lines(None, 1, 1000).unwrap();
        assert_eq!(all(&early), all(&late));
        assert_eq!(
            (early.count_lines(), all(&late)[300].text.as_str()),
            (301, "rest of ")
        );
        assert!(!early.is_full());
    }

    #[test]
    fn words_are_found_in_what_a_person_sees() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.log");
        let mut log = writer(&path);
        log.write(AT, step(1, "RUN a")).unwrap();
        let text = "npm \u{1b}[31mER\u{1b}[0mR! code\nfine\nÄrger\n\u{1b}]8;;http://err\u{7}link\n";
        log.write(AT, output(1, text)).unwrap();
        let mut book = open_book(&path);
        book.read_on().unwrap();
        assert_eq!(book.search("err").unwrap(), [1]);
        assert_eq!(book.search("ärger").unwrap(), [3]);
        assert_eq!(book.search("LINK").unwrap(), [4]);
        assert_eq!(book.search("[31m").unwrap(), [0; 0]);
    }

    #[test]
    fn a_line_without_end_is_cut_and_nothing_is_lost() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.log");
        let mut log = writer(&path);
        log.write(AT, step(1, "RUN a")).unwrap();
        let long = "ü".repeat(3 * MAX_LINE / 2 + 1);
        log.write(AT, output(1, &long)).unwrap();
        let mut book = open_book(&path);
        book.read_on().unwrap();
        book.close().unwrap();
        let lines = book.read_lines(None, 1, 99).unwrap();
        assert!(lines.iter().all(|line| line.text.len() <= MAX_LINE) && lines.len() == 4);
        let joined: String = lines.iter().map(|line| line.text.as_str()).collect();
        assert_eq!(joined, long);
    }

    /// Not a bound of time, which machines differ in: a log of this length is read once and then answered from its book.
    #[test]
    fn two_hundred_thousand_lines_are_read_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.log");
        let mut log = writer(&path);
        log.write(AT, step(1, "RUN a")).unwrap();
        for block in 0..200 {
            let lines: String = (0..1000)
                .map(|line| {
                    format!(
                        "{}: compiling something of some length\n",
                        block * 1000 + line
                    )
                })
                .collect();
            log.write(AT, output(1, &lines)).unwrap();
        }
        let mut book = open_book(&path);
        book.read_on().unwrap();
        std::fs::remove_file(&path).unwrap();
        assert_eq!(book.count_lines(), 200_000);
        let lines = book.read_lines(Some(1), 199_999, 200_010).unwrap();
        assert_eq!((lines.len(), lines[1].number), (2, 200_000));
        assert!(lines[1].text.starts_with("199999: "));
        assert_eq!(book.search("199999: comp").unwrap(), [200_000]);
        assert_eq!(book.search("compiling").unwrap().len(), 200_000);
    }
}
