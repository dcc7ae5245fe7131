//! One logical line to a node: keyword, flags, arguments.

use super::{
    arguments::parse_arguments,
    tree::{Arguments, Node},
};
use crate::{Lines, Problem};

/// What separates words; other Unicode blanks are part of them.
pub(super) fn is_blank(character: char) -> bool {
    matches!(character, '\t' | '\u{b}' | '\u{c}' | '\r' | ' ')
}

/// Lines and comments are the caller's to fill in.
pub(super) fn parse_node(line: &str, escape: char) -> Result<Node, Problem> {
    let trimmed = line.trim();
    let (keyword, rest) = match trimmed.find(is_blank) {
        None => (trimmed, ""),
        Some(end) => (&trimmed[..end], trimmed[end..].trim_start_matches(is_blank)),
    };
    let (flags, rest) = take_flags(rest, escape);
    let rest = rest.trim();
    let arguments = if keyword.eq_ignore_ascii_case("onbuild") {
        match rest {
            "" => Arguments::Words(Vec::new()),
            _ => Arguments::Trigger(Box::new(parse_trigger(rest, escape)?)),
        }
    } else {
        parse_arguments(keyword, rest, escape)?
    };
    Ok(Node {
        keyword: keyword.to_owned(),
        text: line.to_owned(),
        flags,
        arguments,
        heredocs: Vec::new(),
        lines: Lines::single(1),
        comments: Vec::new(),
    })
}

/// A trigger's own trigger is refused later; here it is only kept from nesting without end.
fn parse_trigger(rest: &str, escape: char) -> Result<Node, Problem> {
    let keyword = rest.split(is_blank).next().unwrap_or_default();
    if keyword.eq_ignore_ascii_case("onbuild") {
        return Err(Problem::OnbuildChain);
    }
    parse_node(rest, escape)
}

/// The words in front that begin with `--`, quotes and escapes resolved, and what follows them. A bare `--` ends the
/// flags and is dropped.
fn take_flags(text: &str, escape: char) -> (Vec<String>, &str) {
    let mut flags = Vec::new();
    let mut rest = text.trim_start();
    while rest.starts_with("--") {
        let (word, is_kept, after) = take_flag(rest, escape);
        rest = after.trim_start();
        if word == "--" {
            break;
        }
        if is_kept {
            flags.push(word);
        }
    }
    (flags, rest)
}

fn take_flag(text: &str, escape: char) -> (String, bool, &str) {
    let mut word = String::new();
    let mut quote = None;
    let mut was_quoted = false;
    let mut characters = text.char_indices();
    while let Some((offset, character)) = characters.next() {
        match quote {
            None if character.is_whitespace() => {
                return (
                    word.clone(),
                    was_quoted || !word.is_empty(),
                    &text[offset..],
                );
            }
            None if matches!(character, '\'' | '"') => {
                quote = Some(character);
                was_quoted = true;
            }
            Some(open) if character == open => quote = None,
            _ if character == escape => word.extend(characters.next().map(|(_, next)| next)),
            _ => word.push(character),
        }
    }
    (word.clone(), was_quoted || !word.is_empty(), "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flags(text: &str) -> (Vec<String>, String) {
        let (flags, rest) = take_flags(text, '\\');
        (flags, rest.to_owned())
    }

    #[test]
    fn flags_stand_in_front_and_two_dashes_end_them() {
        for (text, expected, rest) in [
            ("--a=b --c  d --e", vec!["--a=b", "--c"], "d --e"),
            ("-- --a b", vec![], "--a b"),
            ("--a -- --b c", vec!["--a"], "--b c"),
            ("--a='b c' d", vec!["--a=b c"], "d"),
            (r#"--a="b\"c" d"#, vec!["--a=b\"c"], "d"),
            (r"--a=b\ c d", vec!["--a=b c"], "d"),
            ("-a b", vec![], "-a b"),
            ("--a", vec!["--a"], ""),
            ("", vec![], ""),
            ("--\u{fc}=\u{e4} x", vec!["--\u{fc}=\u{e4}"], "x"),
        ] {
            let expected: Vec<String> = expected.into_iter().map(str::to_owned).collect();
            assert_eq!(flags(text), (expected, rest.to_owned()), "{text}");
        }
    }
}
