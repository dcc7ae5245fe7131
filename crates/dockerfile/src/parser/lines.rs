//! Physical lines to logical ones: comments, directives, continuation, and the bodies of here-documents.

use super::{
    directives::{Directive, DirectiveReader},
    heredoc::Heredoc,
};
use crate::{Error, Lines, Problem, Source};

/// One instruction's text, its continued lines joined.
pub(super) struct LogicalLine {
    pub(super) text: String,
    pub(super) lines: Lines,
    /// The comments directly above, directives left out.
    pub(super) comments: Vec<String>,
    pub(super) has_empty_continuation: bool,
}

/// Reads a source from top to bottom, once.
pub(super) struct LineReader<'a> {
    source: &'a Source,
    /// The number of the line read last, so 0 before the first.
    line: u32,
    escape: char,
    reader: DirectiveReader,
    directives: Vec<Directive>,
    comments: Vec<String>,
}

impl<'a> LineReader<'a> {
    pub(super) fn new(source: &'a Source) -> LineReader<'a> {
        LineReader {
            source,
            line: 0,
            escape: '\\',
            reader: DirectiveReader::new("#"),
            directives: Vec::new(),
            comments: Vec::new(),
        }
    }

    pub(super) fn escape(&self) -> char {
        self.escape
    }

    pub(super) fn line_number(&self) -> u32 {
        self.line
    }

    pub(super) fn finish(self) -> (char, Vec<Directive>) {
        (self.escape, self.directives)
    }

    /// The next instruction's text; none at the end.
    pub(super) fn next_line(&mut self) -> Result<Option<LogicalLine>, Error> {
        while let Some(raw) = self.read() {
            let first = self.line;
            let line = raw.trim_end_matches(['\r', '\n']).trim_start();
            self.collect_comment(raw, line)?;
            if line.starts_with('#') {
                continue;
            }
            let (head, mut is_continued) = strip_continuation(line, self.escape);
            if head.is_empty() && !is_continued {
                continue;
            }
            let mut text = head.to_owned();
            let mut has_empty_continuation = false;
            while is_continued {
                let Some(raw) = self.read() else { break };
                // Blanks in front of a continued line belong to the instruction.
                let line = raw.trim_end_matches(['\r', '\n']);
                let visible = line.trim_start();
                if visible.starts_with('#') {
                    continue;
                }
                if visible.is_empty() {
                    has_empty_continuation = true;
                    continue;
                }
                let (part, again) = strip_continuation(line, self.escape);
                text.push_str(part);
                is_continued = again;
            }
            return Ok(Some(LogicalLine {
                text,
                lines: Lines::new(first, self.line),
                comments: std::mem::take(&mut self.comments),
                has_empty_continuation,
            }));
        }
        Ok(None)
    }

    /// The lines up to the one that closes the here-document, line endings kept.
    pub(super) fn read_heredoc(&mut self, heredoc: &Heredoc, first: u32) -> Result<String, Error> {
        let mut content = String::new();
        while let Some(raw) = self.read() {
            let mut line = raw.trim_end_matches(['\r', '\n']);
            if heredoc.chomp {
                line = line.trim_start_matches('\t');
            }
            if line == heredoc.name {
                return Ok(content);
            }
            content.push_str(raw);
        }
        let problem = Problem::UnterminatedHeredoc {
            name: heredoc.name.clone(),
        };
        Err(problem.at(self.source, Lines::new(first, self.line)))
    }

    fn read(&mut self) -> Option<&'a str> {
        let raw = self.source.raw_line(self.line + 1)?;
        self.line += 1;
        Some(raw)
    }

    /// Notes a comment for the instruction below it, and a directive when it is one. An empty comment parts the
    /// comments above it from the instruction.
    fn collect_comment(&mut self, raw: &str, line: &str) -> Result<(), Error> {
        let directive = self
            .reader
            .read(line, self.line)
            .map_err(|problem| problem.at(self.source, Lines::single(self.line)))?;
        if let Some(directive) = directive {
            if directive.name == "escape" {
                self.escape = parse_escape(&directive.value)
                    .map_err(|problem| problem.at(self.source, Lines::single(self.line)))?;
            }
            self.directives.push(directive);
            return Ok(());
        }
        if line.starts_with('#') {
            // Cut from the unindented text: an indented comment keeps its mark and is no description of anything.
            match raw.get(1..).map(str::trim) {
                None | Some("") => self.comments.clear(),
                Some(text) => self.comments.push(text.to_owned()),
            }
        }
        Ok(())
    }
}

fn parse_escape(value: &str) -> Result<char, Problem> {
    match value {
        "\\" => Ok('\\'),
        "`" => Ok('`'),
        _ => Err(Problem::EscapeDirective {
            value: value.to_owned(),
        }),
    }
}

/// The line without its continuation mark, and whether it had one: the escape character, blanks after it allowed,
/// not escaped itself.
fn strip_continuation(line: &str, escape: char) -> (&str, bool) {
    let visible = line.trim_end_matches([' ', '\t']);
    match visible.strip_suffix(escape) {
        Some(head) if !head.ends_with(escape) => (head, true),
        _ => (line, false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_continuation_mark_is_the_last_visible_character_and_not_escaped() {
        for (line, expected) in [
            ("a \\", ("a ", true)),
            ("a \\ \t", ("a ", true)),
            ("\\", ("", true)),
            ("a", ("a", false)),
            ("a \\\\", ("a \\\\", false)),
            ("a \\\\\\", ("a \\\\\\", false)),
            ("a \\b", ("a \\b", false)),
        ] {
            assert_eq!(strip_continuation(line, '\\'), expected, "{line}");
        }
        assert_eq!(strip_continuation("a `", '`'), ("a ", true));
        assert_eq!(strip_continuation("a \\", '`'), ("a \\", false));
    }
}
