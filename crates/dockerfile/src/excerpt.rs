//! The few source lines that are shown with an error or a lint finding.

use crate::{Lines, Position, Source};
use serde::Serialize;
use std::fmt;

/// Context lines around a single marked line, in total; around several there are half as many. Fewer hide which
/// instruction it is, more push the message off the screen.
const CONTEXT_LINES: u32 = 4;

/// Source lines with the ones in question marked. It prints as the reference prints it:
/// ` line | >>> text`, between two rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Excerpt {
    pub rows: Vec<ExcerptRow>,
    /// The character meant, when one is known.
    pub position: Option<Position>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExcerptRow {
    pub number: u32,
    pub text: String,
    pub marked: bool,
}

impl Excerpt {
    /// None when the lines are not in the source.
    pub fn around(source: &Source, lines: Lines, position: Option<Position>) -> Option<Excerpt> {
        let count = source.line_count();
        if lines.first == 0 || lines.first > count {
            return None;
        }
        let marked = Lines::new(lines.first, lines.last.min(count));
        let context = if marked.first == marked.last {
            CONTEXT_LINES
        } else {
            CONTEXT_LINES / 2
        };
        let (mut first, mut last, mut added) = (marked.first, marked.last, 0);
        while added < context && (first > 1 || last < count) {
            if first > 1 {
                first -= 1;
                added += 1;
            }
            if last < count {
                last += 1;
                added += 1;
            }
        }
        let rows = (first..=last)
            .filter_map(|number| {
                Some(ExcerptRow {
                    number,
                    text: make_harmless(source.line(number)?),
                    marked: marked.contains(number),
                })
            })
            .collect();
        Some(Excerpt { rows, position })
    }
}

/// Text that a terminal only shows: a Dockerfile is somebody else's, and escape sequences in it could rewrite what stands
/// around it. Each such character stays one character, so that columns stay right.
fn make_harmless(line: &str) -> String {
    line.chars()
        .map(|character| match character {
            '\t' => '\t',
            _ if character.is_control() => char::REPLACEMENT_CHARACTER,
            _ => character,
        })
        .collect()
}

impl fmt::Display for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "--------------------")?;
        for row in &self.rows {
            let mark = if row.marked { ">>>" } else { "   " };
            writeln!(f, " {:3} | {mark} {}", row.number, row.text)?;
            if let Some(position) = self.position.filter(|at| at.line == row.number) {
                // A tab before the caret stays a tab: its width is the terminal's business.
                let indent: String = row
                    .text
                    .chars()
                    .take(position.column.saturating_sub(1) as usize)
                    .map(|character| if character == '\t' { '\t' } else { ' ' })
                    .collect();
                writeln!(f, "     |     {indent}^")?;
            }
        }
        writeln!(f, "--------------------")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(excerpt: &Excerpt) -> Vec<u32> {
        excerpt.rows.iter().map(|row| row.number).collect()
    }

    #[test]
    fn one_line_has_four_around_it_and_several_have_two() {
        let source = Source::new(b"1\n2\n3\n4\n5\n6\n7\n8\n");
        let one = Excerpt::around(&source, Lines::single(4), None).expect("in the source");
        assert_eq!(numbers(&one), [2, 3, 4, 5, 6]);
        let several = Excerpt::around(&source, Lines::new(4, 5), None).expect("in the source");
        assert_eq!(numbers(&several), [3, 4, 5, 6]);
        let first = Excerpt::around(&source, Lines::single(1), None).expect("in the source");
        assert_eq!(numbers(&first), [1, 2, 3, 4, 5]);
        assert_eq!(Excerpt::around(&source, Lines::single(9), None), None);
    }

    #[test]
    fn the_caret_stands_below_its_character() {
        let source = Source::new(b"\tab\n");
        let position = Position { line: 1, column: 3 };
        let excerpt =
            Excerpt::around(&source, Lines::single(1), Some(position)).expect("in the source");
        assert_eq!(
            excerpt.to_string(),
            "--------------------\n   1 | >>> \tab\n     |     \t ^\n--------------------\n"
        );
    }

    #[test]
    fn escape_sequences_of_a_file_are_not_passed_on() {
        let source = Source::new(b"FROM a\nRUN \x1b[2J\tx\n");
        let excerpt = Excerpt::around(&source, Lines::single(2), None).expect("an excerpt");
        assert_eq!(excerpt.rows[1].text, "RUN \u{fffd}[2J\tx");
    }
}
