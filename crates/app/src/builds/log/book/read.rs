//! Reading in a book: lines, sections, and where a word occurs.

use super::{LogBook, LogLine, LogSection};
use std::{io, os::unix::fs::FileExt};
use wharf_model::Timestamp;

/// Bytes of text that a search has in memory at a time.
const PIECE: u32 = 256 * 1024;

impl LogBook {
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
