//! The text of a Dockerfile and places in it.
//!
//! It knows lines and columns and nothing of the language. Parser, errors, lint and excerpts speak in its terms.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A Dockerfile's text, cut into lines once.
///
/// Bytes that are no UTF-8 are replaced by U+FFFD: the language itself is ASCII, so this can only touch comments,
/// values and the contents of here-documents. A byte order mark in front is dropped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    text: String,
    starts: Vec<usize>,
}

/// A run of whole lines, counted from 1, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Lines {
    pub first: u32,
    pub last: u32,
}

/// One character's place; line and column are counted from 1, the column in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Position {
    pub line: u32,
    pub column: u32,
}

impl Source {
    pub fn new(bytes: &[u8]) -> Source {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let text = String::from_utf8_lossy(bytes).into_owned();
        let mut starts = vec![0];
        starts.extend(text.match_indices('\n').map(|(offset, _)| offset + 1));
        if starts.last() == Some(&text.len()) {
            starts.pop();
        }
        Source { text, starts }
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// How many lines there are; a final newline begins no further line.
    pub fn line_count(&self) -> u32 {
        u32::try_from(self.starts.len()).unwrap_or(u32::MAX)
    }

    /// A line with its line ending, as it was written.
    pub fn raw_line(&self, line: u32) -> Option<&str> {
        let index = usize::try_from(line).ok()?.checked_sub(1)?;
        let start = *self.starts.get(index)?;
        let end = self
            .starts
            .get(index + 1)
            .copied()
            .unwrap_or(self.text.len());
        Some(&self.text[start..end])
    }

    /// A line without its line ending.
    pub fn line(&self, line: u32) -> Option<&str> {
        Some(self.raw_line(line)?.trim_end_matches(['\r', '\n']))
    }

    /// Where `needle` is first written in these lines; the first visible character of the first line when it is not,
    /// for example because a quote or a line break stands inside it.
    pub fn locate(&self, lines: Lines, needle: &str) -> Position {
        let found = (lines.first..=lines.last).find_map(|line| {
            let text = self.line(line)?;
            let offset = (!needle.is_empty()).then(|| text.find(needle))??;
            Some(Position {
                line,
                column: column_at(text, offset),
            })
        });
        found.unwrap_or_else(|| {
            let text = self.line(lines.first).unwrap_or_default();
            let indent = text.len() - text.trim_start().len();
            Position {
                line: lines.first,
                column: column_at(text, indent),
            }
        })
    }
}

impl Lines {
    pub fn single(line: u32) -> Lines {
        Lines {
            first: line,
            last: line,
        }
    }

    /// An end before the start gives a single line.
    pub fn new(first: u32, last: u32) -> Lines {
        Lines {
            first,
            last: last.max(first),
        }
    }

    pub fn contains(self, line: u32) -> bool {
        (self.first..=self.last).contains(&line)
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

fn column_at(text: &str, offset: usize) -> u32 {
    u32::try_from(text[..offset].chars().count()).map_or(u32::MAX, |count| count.saturating_add(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_keep_their_endings_and_the_mark_is_dropped() {
        let source = Source::new(b"\xef\xbb\xbfFROM a\r\n\nRUN b");
        assert_eq!(source.line_count(), 3);
        assert_eq!(source.raw_line(1), Some("FROM a\r\n"));
        assert_eq!(source.line(1), Some("FROM a"));
        assert_eq!(source.line(2), Some(""));
        assert_eq!(source.line(3), Some("RUN b"));
        assert_eq!((source.line(0), source.line(4)), (None, None));
        assert_eq!(Source::new(b"a\n").line_count(), 1);
        assert_eq!(Source::new(b"").line_count(), 0);
    }

    #[test]
    fn columns_count_characters_not_bytes() {
        let source = Source::new("  RUN \u{e4}\u{f6} --x\n  y".as_bytes());
        let lines = Lines::new(1, 2);
        let at = |line, column| Position { line, column };
        assert_eq!(source.locate(lines, "--x"), at(1, 10));
        assert_eq!(source.locate(lines, "y"), at(2, 3));
        assert_eq!(source.locate(lines, "absent"), at(1, 3));
        assert_eq!(source.locate(lines, ""), at(1, 3));
    }

    #[test]
    fn bytes_that_are_no_text_do_not_stop_the_rest() {
        let source = Source::new(b"# caf\xe9\nFROM a");
        assert_eq!(source.line(1), Some("# caf\u{fffd}"));
        assert_eq!(source.line(2), Some("FROM a"));
    }
}
