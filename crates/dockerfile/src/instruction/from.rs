//! FROM: where a stage begins.

use super::{
    arguments::words,
    flags::{Flags, Kind},
    pairs::find_description,
};
use crate::{Lines, Problem, parser::Node};

/// The instruction that begins a stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct From {
    /// An image, an earlier stage or `scratch`; variables not yet replaced.
    pub base: String,
    /// The stage's name in lower case: names are the same in any case.
    pub name: Option<String>,
    /// The name as written, and the keyword before it, for lint.
    pub written_name: Option<(String, String)>,
    pub platform: Option<String>,
    /// From a comment `# NAME text` above.
    pub description: Option<String>,
    pub keyword: String,
    pub text: String,
    pub lines: Lines,
    pub comments: Vec<String>,
}

pub(super) fn parse_from(node: &Node) -> Result<From, Problem> {
    let (base, written_name) = match words(node) {
        [base] => (base, None),
        [base, keyword, name] if keyword.eq_ignore_ascii_case("as") => {
            (base, Some((keyword.clone(), name.clone())))
        }
        _ => return Err(Problem::FromArguments),
    };
    let name = match &written_name {
        Some((_, name)) => Some(parse_stage_name(name)?),
        None => None,
    };
    let mut flags = Flags::parse(&node.flags, &[("platform", Kind::Text)])?;
    let description = name
        .as_deref()
        .and_then(|name| find_description(&node.comments, name));
    Ok(From {
        base: base.clone(),
        name,
        written_name,
        platform: flags.take_text("platform"),
        description,
        keyword: node.keyword.clone(),
        text: node.text.trim().to_owned(),
        lines: node.lines,
        comments: node.comments.clone(),
    })
}

/// A letter first, so that a name is never taken for a stage's number.
fn parse_stage_name(written: &str) -> Result<String, Problem> {
    let name = written.to_lowercase();
    let is_word = |character: char| {
        character.is_ascii_lowercase()
            || character.is_ascii_digit()
            || matches!(character, '-' | '_' | '.')
    };
    if name.starts_with(|first: char| first.is_ascii_lowercase()) && name.chars().all(is_word) {
        return Ok(name);
    }
    Err(Problem::StageName {
        name: written.to_owned(),
    })
}
