//! The patterns of `#`, `%` and `/`: `*` is any text, `?` one character, neither a newline; `\` escapes.

use super::scan::Reason;
use crate::glob::{Except, Length, Token, find_match, match_prefix};

/// How much work one pattern may be, in pattern elements times characters. A pattern of 1,000 on an environment entry
/// of the largest size stays below; what is above would keep a processor busy for seconds.
const MAX_PATTERN_WORK: usize = 128 * 1024 * 1024;

pub(super) fn trim_start(value: &str, pattern: &str, longest: bool) -> Result<String, Reason> {
    let tokens = parse_pattern(pattern)?;
    let characters: Vec<char> = value.chars().collect();
    check_work(&tokens, &characters)?;
    let end = match_prefix(&tokens, &characters, length(longest)).unwrap_or(0);
    Ok(characters[end..].iter().collect())
}

/// The end is the start of everything reversed.
pub(super) fn trim_end(value: &str, pattern: &str, longest: bool) -> Result<String, Reason> {
    let mut tokens = parse_pattern(pattern)?;
    tokens.reverse();
    let characters: Vec<char> = value.chars().rev().collect();
    check_work(&tokens, &characters)?;
    let end = match_prefix(&tokens, &characters, length(longest)).unwrap_or(0);
    Ok(characters[end..].iter().rev().collect())
}

/// Replaces the first match or `all`; the result has `most` bytes at most.
pub(super) fn replace(
    value: &str,
    pattern: &str,
    word: &str,
    (all, most): (bool, usize),
) -> Result<String, Reason> {
    let tokens = parse_pattern(pattern)?;
    let characters: Vec<char> = value.chars().collect();
    check_work(&tokens, &characters)?;
    let mut replaced = String::new();
    let (mut at, mut last_end) = (0, None);
    while let Some((start, end)) = find_match(&tokens, &characters, at) {
        replaced.extend(&characters[at..start]);
        // An empty match right behind another match is part of it.
        let is_new = start != end || last_end != Some(start);
        if is_new {
            replaced.push_str(word);
        }
        if replaced.len() > most {
            return Err(format!("a replacement would make more than {most} bytes"));
        }
        last_end = Some(end);
        at = end;
        if !all {
            break;
        }
        if start == end {
            let Some(character) = characters.get(at) else {
                break;
            };
            replaced.push(*character);
            at += 1;
        }
    }
    replaced.extend(characters.get(at..).unwrap_or_default());
    Ok(replaced)
}

fn length(longest: bool) -> Length {
    if longest {
        Length::Longest
    } else {
        Length::Shortest
    }
}

fn parse_pattern(pattern: &str) -> Result<Vec<Token>, Reason> {
    let mut tokens = Vec::new();
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        tokens.push(match character {
            '*' => Token::Many(Except::Newline),
            '?' => Token::One(Except::Newline),
            '\\' => match characters.next() {
                Some(escaped @ ('*' | '?' | '\\' | '}' | '/')) => Token::Char(escaped),
                other => {
                    let escape: String = std::iter::once('\\').chain(other).collect();
                    return Err(format!(
                        "invalid pattern ({pattern}) in substitution: invalid escape '{escape}'"
                    ));
                }
            },
            _ => Token::Char(character),
        });
    }
    Ok(tokens)
}

fn check_work(tokens: &[Token], characters: &[char]) -> Result<(), Reason> {
    if tokens.len().saturating_mul(characters.len()) > MAX_PATTERN_WORK {
        return Err("the pattern is too long for so long a value".to_owned());
    }
    Ok(())
}
