//! Patterns that choose branches and tags.
//!
//! One engine runs both kinds, in time linear in the name whatever the pattern: crate `regex`, which has no
//! backtracking, hence no look-around and no back-references. What a pattern may compile to is bounded, so that one in
//! a request costs no more than the request (RUSTSEC-2022-0013 was such a case).

mod glob;

use regex::{Captures, Regex, RegexBuilder};
use std::{fmt, ops::Range, str::FromStr};

/// Longest pattern, in bytes. Lists of names belong in several patterns; a longer one is a mistake or an attack.
pub const MAX_PATTERN: usize = 1000;

/// What a pattern may compile to, in bytes: `[\w.-]{1,100}` has room, `a{1000}{1000}` has not.
const MAX_PROGRAM: usize = 1 << 20;

/// A pattern for the short names of branches or tags.
///
/// A glob matches the whole name: `*` is anything but `/`, `**` anything, `?` one character but `/`, `[a-z]` and
/// `[!a-z]` classes, `\` takes the next character as it is. `/…/` is a regular expression and *searches*: `/^v/`
/// matches `v1.2`, and so does `/1/`. A plain name is a glob that matches itself, because git allows none of the special
/// characters in a ref.
#[derive(Clone)]
pub struct Pattern {
    text: Box<str>,
    program: Regex,
}

/// Why a pattern is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// Nothing, or `//`.
    #[error("a pattern is not empty")]
    Empty,
    /// Longer than [`MAX_PATTERN`].
    #[error("a pattern has at most {MAX_PATTERN} bytes")]
    TooLong,
    /// `/` in front and none at the end.
    #[error("`{0}` begins like an expression; an expression is written between two slashes, `/…/`")]
    Unclosed(String),
    /// A `[` without its `]`, an empty class, or a `\` at the end.
    #[error("`{0}` has a class without end or a `\\` before nothing")]
    Glob(String),
    /// The expression's own error, in one line.
    #[error("the expression `{pattern}` is refused: {reason}")]
    Expression {
        /// As written.
        pattern: String,
        /// What the engine says.
        reason: String,
    },
    /// It compiles to more than is allowed.
    #[error("the expression `{0}` is too large: it repeats what repeats")]
    TooLarge(String),
}

impl Pattern {
    /// Whether the pattern chooses the branch or tag of this short name.
    pub fn is_match(&self, name: &str) -> bool {
        self.program.is_match(name)
    }

    /// Where in a name it finds something first, in bytes; none where [`Pattern::is_match`] is false.
    pub fn find(&self, name: &str) -> Option<Range<usize>> {
        self.program.find(name).map(|found| found.range())
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it is written `/…/`.
    pub fn is_expression(&self) -> bool {
        self.text.starts_with('/')
    }

    /// The groups of the leftmost match.
    pub(super) fn captures<'n>(&self, name: &'n str) -> Option<Captures<'n>> {
        self.program.captures(name)
    }

    /// How many groups the expression has.
    pub(super) fn count_groups(&self) -> usize {
        self.program.captures_len() - 1
    }
}

impl FromStr for Pattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        if text.is_empty() || text == "//" {
            return Err(PatternError::Empty);
        }
        if text.len() > MAX_PATTERN {
            return Err(PatternError::TooLong);
        }
        let source = match text.strip_prefix('/') {
            Some(rest) => rest
                .strip_suffix('/')
                .ok_or_else(|| PatternError::Unclosed(text.into()))?
                .to_owned(),
            None => glob::to_expression(text).ok_or_else(|| PatternError::Glob(text.into()))?,
        };
        let program = RegexBuilder::new(&source)
            .size_limit(MAX_PROGRAM)
            .dfa_size_limit(MAX_PROGRAM)
            .build()
            .map_err(|error| explain(text, &error))?;
        Ok(Self {
            text: text.into(),
            program,
        })
    }
}

fn explain(text: &str, error: &regex::Error) -> PatternError {
    let pattern = text.to_owned();
    match error {
        regex::Error::CompiledTooBig(_) => PatternError::TooLarge(pattern),
        // The engine draws the expression with a caret over several lines; the last one says what is wrong.
        other => {
            let report = other.to_string();
            let last = report.lines().last().unwrap_or_default();
            let reason = last.strip_prefix("error: ").unwrap_or(last).to_owned();
            PatternError::Expression { pattern, reason }
        }
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Pattern {}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, f)
    }
}

#[cfg(test)]
mod tests;
