//! The tree that parsing gives, and its printed form.

use super::{Directive, Heredoc};
use crate::{
    Lines, Source,
    quote::{quote, quote_list},
};
use std::fmt;

/// A parsed file: its instructions in order, still untyped.
///
/// It prints one instruction a line as an s-expression, the form in which the reference frontend's trees are compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tree {
    pub source: Source,
    pub nodes: Vec<Node>,
    /// `\` or what `# escape=` says.
    pub escape: char,
    pub directives: Vec<Directive>,
    pub warnings: Vec<ParseWarning>,
}

/// One instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// As written, so in any case.
    pub keyword: String,
    /// The whole logical line.
    pub text: String,
    /// `--name` or `--name=value`, quotes resolved.
    pub flags: Vec<String>,
    pub arguments: Arguments,
    pub heredocs: Vec<Heredoc>,
    pub lines: Lines,
    pub comments: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arguments {
    Words(Vec<String>),
    /// Exec form.
    Json(Vec<String>),
    /// What ONBUILD holds.
    Trigger(Box<Node>),
}

/// An empty line inside a continued instruction: accepted still, but deprecated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseWarning {
    /// The instruction's joined text.
    pub text: String,
    /// The instruction's last line.
    pub line: u32,
}

impl fmt::Display for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.nodes
            .iter()
            .try_for_each(|node| writeln!(f, "({node})"))
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.keyword.to_lowercase())?;
        if !self.flags.is_empty() {
            write!(f, " {}", quote_list(&self.flags))?;
        }
        match &self.arguments {
            Arguments::Words(words) | Arguments::Json(words) => {
                let words: Vec<String> = words.iter().map(|word| quote(word)).collect();
                // A file can have an instruction without a keyword, of which only the arguments are printed.
                let is_alone = self.keyword.is_empty() && self.flags.is_empty();
                let blank = if words.is_empty() || is_alone {
                    ""
                } else {
                    " "
                };
                write!(f, "{blank}{}", words.join(" "))
            }
            Arguments::Trigger(trigger) => write!(f, " ({trigger})"),
        }
    }
}
