//! One pattern of an ignore file.

use crate::{
    Problem,
    glob::{Except, Glob, Token, match_whole, parse_class},
    values::clean_path,
};

/// A path pattern: like a [`Glob`], and `**` is any number of directories.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathPattern {
    text: String,
    is_exception: bool,
    matcher: Matcher,
}

/// Most patterns are plain names, which need no machine. The reference tells the same cases apart, and they differ in
/// more than speed: `**x` as a suffix matches `ax`, which it would not as directories.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Matcher {
    Exact,
    Prefix(String),
    Suffix(String),
    Tokens(Vec<Token>),
}

impl PathPattern {
    /// `!` in front makes it an exception. Fails on malformed classes and escapes, and on `!` alone.
    pub fn new(written: &str) -> Result<PathPattern, Problem> {
        let refuse = || Problem::Pattern {
            pattern: written.to_owned(),
        };
        let cleaned = clean_path(written.trim());
        let (text, is_exception) = match cleaned.strip_prefix('!') {
            Some("") => return Err(refuse()),
            Some(text) => (text.to_owned(), true),
            None => (cleaned, false),
        };
        Glob::new(&text).map_err(|_| refuse())?;
        Ok(PathPattern {
            matcher: compile(&text).ok_or_else(refuse)?,
            text,
            is_exception,
        })
    }

    /// The pattern, cleaned, without its `!`.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Takes paths back in that an earlier pattern matched.
    pub fn is_exception(&self) -> bool {
        self.is_exception
    }

    /// Whether it matches this path itself; its parents are not looked at.
    pub fn is_match(&self, path: &str) -> bool {
        match &self.matcher {
            Matcher::Exact => path == self.text,
            Matcher::Prefix(prefix) => path.starts_with(prefix),
            // `**/a` matches `a` too.
            Matcher::Suffix(suffix) => {
                path.ends_with(suffix) || suffix.strip_prefix('/') == Some(path)
            }
            Matcher::Tokens(tokens) => match_whole(tokens, path.chars()),
        }
    }
}

fn compile(text: &str) -> Option<Matcher> {
    let mut tokens = Vec::new();
    let (mut is_plain, mut is_suffix) = (true, false);
    let mut characters = text.chars();
    let mut is_first = true;
    while let Some(character) = characters.next() {
        let was_plain = is_plain;
        is_plain &= !matches!(character, '*' | '?' | '[' | ']' | '\\');
        match character {
            '*' if characters.as_str().starts_with('*') => {
                characters.next();
                if characters.as_str().starts_with('/') {
                    characters.next();
                }
                let is_last = characters.as_str().is_empty();
                if is_last && was_plain && !is_first && !is_suffix {
                    return Some(Matcher::Prefix(text[..text.len() - 2].to_owned()));
                }
                tokens.push(match is_last {
                    true => Token::Many(Except::Nothing),
                    false => Token::Directories,
                });
                if is_first {
                    is_suffix = true;
                    is_plain = true;
                } else {
                    is_suffix = false;
                }
            }
            '*' => tokens.push(Token::Many(Except::Slash)),
            '?' => tokens.push(Token::One(Except::Slash)),
            '[' => tokens.push(Token::Class(parse_class(&mut characters)?)),
            '\\' => tokens.push(Token::Char(characters.next()?)),
            _ => tokens.push(Token::Char(character)),
        }
        is_first = false;
    }
    Some(match (is_plain, is_suffix) {
        (true, true) => Matcher::Suffix(text[2..].to_owned()),
        (true, false) => Matcher::Exact,
        (false, _) => Matcher::Tokens(tokens),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_the_reference_matches_them() {
        for (pattern, path, expected) in [
            ("**", "a/b", true),
            ("**/", "a", true),
            ("**/a", "a", true),
            ("**/a", "x/y/a", true),
            ("**/a", "xa", false),
            ("**a", "xa", true),
            ("**/*.go", "x/y.go", true),
            ("**/*.go", "y.go", true),
            ("a/**", "a/b/c", true),
            ("a/**", "a", false),
            ("a**", "abc/d", true),
            ("a/**/b", "a/b", true),
            ("a/**/b", "a/x/y/b", true),
            ("a/**/b", "a/xb", false),
            ("**/a/**/b", "x/a/y/b", true),
            ("**/a/**", "x/a/y", true),
            ("**/a/**", "x/a", false),
            ("a**b", "ab", true),
            ("a**b", "axb", false),
            ("a**b", "ax/b", true),
            ("*.txt", "a.txt", true),
            ("*.txt", "a/b.txt", false),
            ("a?c", "a/c", false),
            ("a.b", "axb", false),
            ("a+(b)|c$", "a+(b)|c$", true),
            (r"a\*", "a*", true),
            (r"a\*", "ab", false),
            ("[a-c]x", "bx", true),
            ("[^a-c]x", "bx", false),
            ("a]", "a]", true),
            ("./a/../b/", "b", true),
            ("a", "a/b", false),
            ("/a", "a", false),
        ] {
            let found = PathPattern::new(pattern).expect(pattern).is_match(path);
            assert_eq!(found, expected, "{pattern} {path}");
        }
    }

    #[test]
    fn malformed_patterns_are_refused() {
        for pattern in ["!", "[", "a[]", r"a\", "[-]"] {
            assert!(PathPattern::new(pattern).is_err(), "{pattern}");
        }
    }
}
