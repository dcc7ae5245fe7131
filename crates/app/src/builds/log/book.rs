//! A log as lines that are counted: what stands in which line, which step wrote it, and where a word occurs.
//!
//! A log is a file of events; a step's output comes in pieces, and steps run side by side. A book reads the events once,
//! keeps the text of whole lines in a file without a name and what is needed to find them in memory, and reads on from where
//! it was when the log grew. A line has a number that never changes: lines are counted when they end. Knows files and nothing
//! of rows or rights. Called by [`super::shelf`].

mod read;
mod shown;
#[cfg(test)]
mod tests;

pub use shown::{LogLine, LogSection, SectionState};

use super::{
    cursor::{LogBatch, LogCursor},
    record::{LogEntry, LogRecord},
};
use std::{
    collections::HashMap,
    fs::File,
    io::{self, Write},
};
use wharf_model::Timestamp;

/// Longest line in bytes; what is longer goes on in the next one. A shorter limit cuts what people write, a longer one makes a
/// page of lines as large as a log.
const MAX_LINE: usize = 8 * 1024;

/// Most lines that are counted. Fewer would cut real logs; each takes some 24 bytes of memory while somebody reads.
const MAX_LINES: usize = 500_000;

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
    /// Whether something failed between taking lines and writing them: what is counted and what is written differ.
    broken: bool,
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
            broken: false,
        }
    }

    /// Reads what came since the last time. Blocks. One that failed once is of no use any more: the next reader wants another.
    pub(crate) fn read_on(&mut self) -> io::Result<()> {
        self.grow(Self::take_all)
    }

    /// Ends lines that no line break ended: nothing more comes. As `read_on` where it fails.
    pub(crate) fn close(&mut self) -> io::Result<()> {
        self.grow(Self::end_all)
    }

    fn grow(&mut self, work: impl FnOnce(&mut Self) -> io::Result<()>) -> io::Result<()> {
        if self.broken {
            return Err(io::Error::other("the lines of this log are read anew"));
        }
        let done = work(self);
        self.broken = done.is_err();
        done
    }

    fn take_all(&mut self) -> io::Result<()> {
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

    fn end_all(&mut self) -> io::Result<()> {
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
}
