//! Here-documents: finding `<<WORD` in a line, and what the word says.

use super::tree::{Arguments, Node};
use crate::{
    Problem,
    lexer::{Lexer, NoVariables},
};

/// A document that is written in the Dockerfile itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heredoc {
    pub name: String,
    /// Whether variables in it are expanded: the word was not quoted.
    pub expand: bool,
    /// Whether tabs in front of its lines are dropped: `<<-`.
    pub chomp: bool,
    /// As written, line endings and tabs included.
    pub content: String,
}

impl Heredoc {
    /// The content as a file gets it.
    pub fn chomped_content(&self) -> String {
        if !self.chomp {
            return self.content.clone();
        }
        let lines = self.content.split_inclusive('\n');
        lines.map(|line| line.trim_start_matches('\t')).collect()
    }
}

/// The here-documents that a node's line announces, without their contents.
pub(super) fn find_heredocs(node: &Node) -> Result<Vec<Heredoc>, Problem> {
    if !node.text.contains("<<") || !can_have_heredocs(node) {
        return Ok(Vec::new());
    }
    let lexer = Lexer::keeping_all('\\');
    // A line that can not be cut has its error elsewhere, or is the shell's affair.
    let words = lexer.split(&node.text, &NoVariables).unwrap_or_default();
    let found = words.iter().map(|word| parse_heredoc_word(word));
    Ok(found
        .collect::<Result<Vec<_>, _>>()?
        .into_iter()
        .flatten()
        .collect())
}

fn can_have_heredocs(node: &Node) -> bool {
    let node = match &node.arguments {
        Arguments::Trigger(trigger) => trigger,
        _ => node,
    };
    let keyword = node.keyword.to_ascii_lowercase();
    matches!(keyword.as_str(), "add" | "copy" | "run")
        && !matches!(node.arguments, Arguments::Json(_))
}

/// The here-document that a single word announces: digits, `<<`, perhaps `-`, a name that may be quoted. None when the
/// word is something else.
pub fn parse_heredoc_word(word: &str) -> Result<Option<Heredoc>, Problem> {
    let after_number = word.trim_start_matches(|character: char| character.is_ascii_digit());
    let Some(rest) = after_number.strip_prefix("<<") else {
        return Ok(None);
    };
    let (chomp, rest) = match rest.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, rest),
    };
    let rest = rest.trim_start_matches(|character: char| character.is_ascii_whitespace());
    if rest.is_empty() || rest.contains('<') {
        return Ok(None);
    }
    let plain = Lexer::new('\\').keeping_unset();
    let [name] = plain
        .split(rest, &NoVariables)?
        .try_into()
        .unwrap_or_else(|_| [String::new()]);
    if name.is_empty() {
        return Ok(None);
    }
    let raw = plain.keeping_quotes().split(rest, &NoVariables)?.concat();
    Ok(Some(Heredoc {
        expand: count_quotes(&name) == count_quotes(&raw),
        name,
        chomp,
        content: String::new(),
    }))
}

fn count_quotes(text: &str) -> usize {
    text.matches(['\'', '"']).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(text: &str) -> Option<(String, bool, bool)> {
        let found = parse_heredoc_word(text).expect("a word");
        found.map(|heredoc| (heredoc.name, heredoc.expand, heredoc.chomp))
    }

    #[test]
    fn a_word_announces_a_document() {
        for (text, name, expand, chomp) in [
            ("<<EOF", "EOF", true, false),
            ("<<-EOF", "EOF", true, true),
            ("<<'EOF'", "EOF", false, false),
            ("<<-\"E O F\"", "E O F", false, true),
            ("3<<EOF", "EOF", true, false),
            ("<< EOF", "EOF", true, false),
            ("<<$EOF", "$EOF", true, false),
            ("<<E\\ F", "E F", true, false),
            ("<<file.txt", "file.txt", true, false),
        ] {
            assert_eq!(word(text), Some((name.to_owned(), expand, chomp)), "{text}");
        }
        for text in ["<<", "<<<EOF", "a<<EOF", "<EOF", "<<a b", "EOF", "<<''"] {
            assert_eq!(word(text), None, "{text}");
        }
    }

    #[test]
    fn tabs_in_front_of_lines_are_dropped_on_request_only() {
        let mut heredoc = Heredoc {
            name: "EOF".to_owned(),
            expand: true,
            chomp: true,
            content: "\ta\n\t\tb\tc\nd\n".to_owned(),
        };
        assert_eq!(heredoc.chomped_content(), "a\nb\tc\nd\n");
        heredoc.chomp = false;
        assert_eq!(heredoc.chomped_content(), heredoc.content);
    }
}
