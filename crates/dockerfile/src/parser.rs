//! From text to a tree: directives, comments, continued lines, here-documents, flags, argument forms.
//!
//! It knows how each instruction's arguments are cut, and nothing of what they mean; it refuses only what can not be
//! cut. Called by [`Dockerfile::parse`](crate::Dockerfile::parse) and for ONBUILD triggers.
//! Behaviour: Dockerfile reference, and the reference frontend where that is silent.

mod arguments;
mod command;
mod directives;
mod heredoc;
mod json;
mod lines;
mod tree;
mod words;

#[cfg(test)]
mod tests;

pub(crate) use directives::find_check;
pub use directives::{Directive, detect_syntax};
pub use heredoc::{Heredoc, parse_heredoc_word};
pub use tree::{Arguments, Node, ParseWarning, Tree};

use crate::{Error, Lines, Problem, Source};
use lines::LineReader;

/// The longest line taken, in bytes without its newline. The reference frontend's reader stops there, so a longer
/// line would build here and nowhere else; a smaller limit would refuse files that build there.
pub const MAX_LINE_BYTES: usize = 65535;

/// Parses a whole Dockerfile, or one ONBUILD trigger.
///
/// The tree holds every instruction in order, unknown ones too: they are refused when the tree is typed, where a
/// suggestion can be made. Errors name the line. Time and memory are linear in the input.
pub fn parse(bytes: &[u8]) -> Result<Tree, Error> {
    let source = Source::new(bytes);
    check_line_lengths(bytes, &source)?;
    let mut reader = LineReader::new(&source);
    let mut nodes = Vec::new();
    let mut warnings = Vec::new();
    while let Some(logical) = reader.next_line()? {
        if logical.has_empty_continuation {
            warnings.push(ParseWarning {
                text: logical.text.clone(),
                line: logical.lines.last,
            });
        }
        let lines = logical.lines;
        let mut node = command::parse_node(&logical.text, reader.escape())
            .map_err(|problem| problem.at(&source, lines))?;
        node.comments = logical.comments;
        let found = heredoc::find_heredocs(&node).map_err(|problem| problem.at(&source, lines))?;
        for mut heredoc in found {
            heredoc.content = reader.read_heredoc(&heredoc, lines.first)?;
            node.heredocs.push(heredoc);
        }
        node.lines = Lines::new(lines.first, reader.line_number());
        nodes.push(node);
    }
    if nodes.is_empty() {
        return Err(Problem::NoInstructions.into());
    }
    let (escape, directives) = reader.finish();
    Ok(Tree {
        source,
        nodes,
        escape,
        directives,
        warnings,
    })
}

fn check_line_lengths(bytes: &[u8], source: &Source) -> Result<(), Error> {
    let too_long = bytes
        .split(|byte| *byte == b'\n')
        .position(|line| line.len() > MAX_LINE_BYTES);
    match too_long {
        None => Ok(()),
        Some(index) => {
            let line = u32::try_from(index).map_or(u32::MAX, |index| index.saturating_add(1));
            Err(Problem::LineTooLong.at(source, Lines::single(line)))
        }
    }
}
