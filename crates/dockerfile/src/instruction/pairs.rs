//! Names and values: ENV, LABEL, ARG.

use super::arguments::{at_least_one, words};
use crate::{Problem, parser::Node};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Env {
    pub pairs: Vec<Pair>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    pub pairs: Vec<Pair>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    pub name: String,
    pub value: String,
    /// Written as `NAME value`, without `=`; lint says so.
    pub is_legacy: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arg {
    pub definitions: Vec<ArgDefinition>,
}

/// A build argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArgDefinition {
    pub name: String,
    /// Written in the file: the default. After expansion: the value the argument has.
    pub value: Option<String>,
    /// From a comment `# NAME text` above.
    pub description: Option<String>,
}

pub(super) fn parse_env(node: &Node) -> Result<Env, Problem> {
    parse_pairs(node, "ENV").map(|pairs| Env { pairs })
}

pub(super) fn parse_label(node: &Node) -> Result<Label, Problem> {
    parse_pairs(node, "LABEL").map(|pairs| Label { pairs })
}

fn parse_pairs(node: &Node, keyword: &'static str) -> Result<Vec<Pair>, Problem> {
    at_least_one(node, keyword)?;
    let (threes, _) = words(node).as_chunks::<3>();
    let pairs = threes.iter().map(|[name, value, separator]| {
        if name.is_empty() {
            return Err(Problem::BlankName { keyword });
        }
        Ok(Pair {
            name: name.clone(),
            value: value.clone(),
            is_legacy: separator.is_empty(),
        })
    });
    pairs.collect()
}

pub(super) fn parse_arg(node: &Node) -> Result<Arg, Problem> {
    let definitions = at_least_one(node, "ARG")?.iter().map(|word| {
        let (name, value) = match word.split_once('=') {
            Some(("", _)) => return Err(Problem::BlankName { keyword: "ARG" }),
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (word.as_str(), None),
        };
        Ok(ArgDefinition {
            name: name.to_owned(),
            value,
            description: find_description(&node.comments, name),
        })
    });
    definitions
        .collect::<Result<_, _>>()
        .map(|definitions| Arg { definitions })
}

/// The text of the first comment that begins with the name.
pub(super) fn find_description(comments: &[String], name: &str) -> Option<String> {
    let mut comments = comments.iter();
    comments.find_map(|comment| {
        let text = comment.strip_prefix(name)?.strip_prefix(' ')?;
        Some(text.to_owned())
    })
}
