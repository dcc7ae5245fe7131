//! Globs, written as expressions for the one engine.

use std::{iter::Peekable, str::Chars};

/// The expression that matches exactly what the glob does; `None` for a class without end, an empty one, or a `\`
/// before nothing.
pub(super) fn to_expression(glob: &str) -> Option<String> {
    let mut expression = String::from("(?s)^");
    let mut rest = glob.chars().peekable();
    let mut before = '/';
    while let Some(character) = rest.next() {
        match character {
            '*' if rest.next_if_eq(&'*').is_some() => {
                // `**/x` also matches `x`, as in git's own patterns (gitignore(5)).
                if before == '/' && rest.next_if_eq(&'/').is_some() {
                    expression.push_str("(?:.*/)?");
                    before = '/';
                    continue;
                }
                expression.push_str(".*");
            }
            '*' => expression.push_str("[^/]*"),
            '?' => expression.push_str("[^/]"),
            '[' => push_class(&mut rest, &mut expression)?,
            '\\' => push_literal(rest.next()?, &mut expression),
            plain => push_literal(plain, &mut expression),
        }
        before = character;
    }
    expression.push('$');
    Some(expression)
}

fn push_literal(character: char, expression: &mut String) {
    expression.push_str(&regex::escape(character.encode_utf8(&mut [0; 4])));
}

/// Reads a class after its `[`. It never matches `/`, negated or not, so that a level stays a level.
fn push_class(rest: &mut Peekable<Chars<'_>>, expression: &mut String) -> Option<()> {
    expression.push_str("[[");
    if rest.next_if(|next| matches!(next, '!' | '^')).is_some() {
        expression.push('^');
    }
    let mut empty = true;
    loop {
        let low = match rest.next()? {
            ']' if !empty => break,
            '\\' => rest.next()?,
            other => other,
        };
        push_literal_in_class(low, expression);
        empty = false;
        // A dash before the end is itself, not a range.
        let mut ahead = rest.clone();
        if ahead.next() == Some('-') && ahead.next().is_some_and(|after| after != ']') {
            rest.next();
            let high = match rest.next()? {
                '\\' => rest.next()?,
                other => other,
            };
            if high < low {
                return None;
            }
            expression.push('-');
            push_literal_in_class(high, expression);
        }
    }
    expression.push_str("]&&[^/]]");
    Some(())
}

fn push_literal_in_class(character: char, expression: &mut String) {
    // Escaping is allowed for ASCII punctuation alone, and needed only there.
    if character.is_ascii_punctuation() && !matches!(character, '<' | '>') {
        expression.push('\\');
    }
    expression.push(character);
}
