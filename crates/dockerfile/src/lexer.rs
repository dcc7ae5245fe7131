//! Words and variables: quotes, escapes, `$name` and every `${…}` operator.
//!
//! It expands text with the variables it is given; which text of an instruction is expanded is the instruction's
//! affair. It runs nothing: `$(…)` and backquotes are plain characters here.
//! Behaviour: Dockerfile reference, "Environment replacement"; POSIX shell 2.6.2 for the operators it shares.

mod cursor;
mod dollar;
mod output;
mod pattern;
mod scan;
mod variables;

#[cfg(test)]
mod tests;

pub use variables::{EnvList, NoVariables, Variables};

use crate::Problem;
use scan::Scan;
use std::collections::BTreeSet;

/// How deep `${a:-${b:-…}}` may nest. Each level is a stack frame, so without a limit a line of 65535 bytes could end
/// the process; hand-written files nest three deep.
const MAX_DEPTH: usize = 64;

/// How much the variables in one word may add, in bytes. A kernel takes 128 KiB per environment entry (execve(2)), so
/// a smaller limit than that refuses what would run; without one, thirty lines of `ENV a=$a$a` fill any memory.
const MAX_EXPANDED_BYTES: usize = 1024 * 1024;

/// The rules by which a word is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lexer {
    escape: char,
    keep_quotes: bool,
    keep_escapes: bool,
    /// Quotes are plain characters, as in the body of a here-document.
    ignore_quotes: bool,
    keep_unset: bool,
    /// How much the variables in one word may add, in bytes.
    most_expanded: usize,
}

/// What expanding a word gave.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Expansion {
    pub text: String,
    /// The variables that were asked for and had a value.
    pub used: BTreeSet<String>,
    /// The variables that were asked for and had none.
    pub unset: BTreeSet<String>,
}

impl Lexer {
    /// `escape` is the Dockerfile's escape character.
    pub fn new(escape: char) -> Lexer {
        Lexer {
            escape,
            keep_quotes: false,
            keep_escapes: false,
            ignore_quotes: false,
            keep_unset: false,
            most_expanded: MAX_EXPANDED_BYTES,
        }
    }

    /// For the body of a here-document: variables only; `\` escapes whatever the file's escape character is.
    pub fn for_heredocs() -> Lexer {
        Lexer {
            ignore_quotes: true,
            ..Lexer::new('\\')
        }
    }

    /// Cuts words and leaves everything in them as written.
    pub(crate) fn keeping_all(escape: char) -> Lexer {
        Lexer {
            keep_escapes: true,
            ..Lexer::new(escape).keeping_quotes().keeping_unset()
        }
    }

    /// Leaves quotes in the result, for text that a shell reads next.
    pub fn keeping_quotes(self) -> Lexer {
        Lexer {
            keep_quotes: true,
            ..self
        }
    }

    /// Leaves references to variables without a value as written.
    pub fn keeping_unset(self) -> Lexer {
        Lexer {
            keep_unset: true,
            ..self
        }
    }

    /// Lets the variables in one word add no more than these bytes: for a look at a file that nobody builds yet, whose
    /// author must not choose how much memory it takes.
    pub fn expanding_at_most(self, bytes: usize) -> Lexer {
        Lexer {
            most_expanded: bytes.min(MAX_EXPANDED_BYTES),
            ..self
        }
    }

    /// The rules of the same file for the body of a here-document.
    pub(crate) fn within_heredocs(&self) -> Lexer {
        Lexer::for_heredocs().expanding_at_most(self.most_expanded)
    }

    /// The text with quotes and escapes resolved and variables replaced, blanks kept.
    ///
    /// Fails on an open quote, a malformed `${…}`, a `${name:?}` without a value, and on what would grow beyond bounds.
    pub fn expand(&self, text: &str, variables: &dyn Variables) -> Result<Expansion, Problem> {
        let mut scan = Scan::new(*self, text, variables);
        let output = scan.run(text)?;
        Ok(Expansion {
            text: output.text,
            used: scan.used,
            unset: scan.unset,
        })
    }

    /// The same, cut into words at unquoted blanks, those that a variable's value brings in included. A word that
    /// would be empty is dropped.
    pub fn split(&self, text: &str, variables: &dyn Variables) -> Result<Vec<String>, Problem> {
        let output = Scan::new(*self, text, variables).run(text)?;
        Ok(output.into_words())
    }
}
