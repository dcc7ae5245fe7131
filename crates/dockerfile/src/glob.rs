//! Matching names against patterns: Go's `filepath.Match`, and the machine that all patterns of this crate run on.
//!
//! It matches text and touches no file; the builder walks the tree. Matching is linear in the text for every pattern,
//! so a pattern in a hostile Dockerfile can not keep the builder busy.

mod automaton;
mod class;
mod token;

pub(crate) use automaton::{Length, find_match, match_prefix, match_whole};
pub(crate) use class::parse_class;
pub(crate) use token::{Except, Token};

use crate::Problem;

/// A pattern of COPY and ADD sources: `*` and `?` stop at `/`, `[a-z]` `[^a-z]` classes, `\` escapes. It matches a
/// whole path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glob {
    tokens: Vec<Token>,
}

impl Glob {
    /// Fails on an open or empty class and on an escape of nothing.
    pub fn new(pattern: &str) -> Result<Glob, Problem> {
        match parse_tokens(pattern) {
            Some(tokens) => Ok(Glob { tokens }),
            None => Err(Problem::Pattern {
                pattern: pattern.to_owned(),
            }),
        }
    }

    pub fn is_match(&self, path: &str) -> bool {
        match_whole(&self.tokens, path.chars())
    }
}

/// Whether a COPY source is a pattern at all rather than a name.
pub fn has_wildcards(source: &str) -> bool {
    let mut characters = source.chars();
    while let Some(character) = characters.next() {
        match character {
            '*' | '?' | '[' => return true,
            '\\' => {
                characters.next();
            }
            _ => {}
        }
    }
    false
}

fn parse_tokens(pattern: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        tokens.push(match character {
            '*' => Token::Many(Except::Slash),
            '?' => Token::One(Except::Slash),
            '[' => Token::Class(parse_class(&mut characters)?),
            '\\' => Token::Char(characters.next()?),
            _ => Token::Char(character),
        });
    }
    Some(tokens)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_match(pattern: &str, path: &str) -> bool {
        Glob::new(pattern).expect(pattern).is_match(path)
    }

    #[test]
    fn patterns_match_whole_paths_within_one_level() {
        for (pattern, path, expected) in [
            ("abc", "abc", true),
            ("*", "abc", true),
            ("*c", "abc", true),
            ("a*", "ab/c", false),
            ("a*/b", "abc/b", true),
            ("a*b*c*d*e*", "axbxcxdxexxx", true),
            ("a*b?c*x", "abxbbxdbxebxczzx", true),
            ("a*b?c*x", "abxbbxdbxebxczzy", false),
            ("ab[b-d]", "abc", true),
            ("ab[^e-g]", "abc", true),
            ("ab[^b-d]", "abc", false),
            (r"a\*b", "a*b", true),
            (r"a\*b", "ab", false),
            ("a?b", "a\u{263a}b", true),
            ("a[^a]b", "a\u{263a}b", true),
            ("a???b", "a\u{263a}b", false),
            ("[a-\u{3b6}]*", "\u{3b1}", true),
            ("a?b", "a/b", false),
            (r"[\]a]", "]", true),
            (r"[\-]", "-", true),
            (r"[x\-]", "-", true),
            ("[[]x", "[x", true),
            ("*x", "xxx", true),
            ("", "", true),
            ("", "a", false),
        ] {
            assert_eq!(is_match(pattern, path), expected, "{pattern} {path}");
        }
    }

    #[test]
    fn malformed_patterns_are_refused() {
        for pattern in [
            "[]a]", "[-]", "[x-]", "[-x]", "[", "[^", "[^bc", "a[", "a\\", "[a-b-c]", "[z-a",
        ] {
            assert!(Glob::new(pattern).is_err(), "{pattern}");
        }
    }

    #[test]
    fn an_escaped_wildcard_is_a_name() {
        assert!(has_wildcards("a*") && has_wildcards("[[]a") && has_wildcards("a?"));
        assert!(!has_wildcards(r"a\*b") && !has_wildcards("abc"));
    }

    #[test]
    fn a_hostile_pattern_takes_no_longer_than_another() {
        let pattern = "a*".repeat(200) + "b";
        assert!(!is_match(&pattern, &"a".repeat(5000)));
    }
}
