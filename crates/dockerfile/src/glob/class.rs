//! Character classes: `[abc]`, `[a-z]`, `[^a-z]`.

use std::str::Chars;

/// A set of characters, or everything but it. As in Go, a negated class matches `/` too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Class {
    is_negated: bool,
    ranges: Vec<(char, char)>,
}

impl Class {
    pub(crate) fn contains(&self, character: char) -> bool {
        let listed = self
            .ranges
            .iter()
            .any(|(first, last)| (*first..=*last).contains(&character));
        listed != self.is_negated
    }
}

/// Reads a class whose `[` has been read, up to its `]`; none when it is malformed. A `]` or `-` in it is escaped.
pub(crate) fn parse_class(characters: &mut Chars<'_>) -> Option<Class> {
    let is_negated = characters.as_str().starts_with('^');
    if is_negated {
        characters.next();
    }
    let mut ranges = Vec::new();
    loop {
        if !ranges.is_empty() && characters.as_str().starts_with(']') {
            characters.next();
            return Some(Class { is_negated, ranges });
        }
        let first = parse_member(characters)?;
        let mut last = first;
        if characters.as_str().starts_with('-') {
            characters.next();
            last = parse_member(characters)?;
        }
        // A backward range is no error to Go; it contains nothing.
        ranges.push((first, last));
    }
}

fn parse_member(characters: &mut Chars<'_>) -> Option<char> {
    match characters.next()? {
        '-' | ']' => None,
        '\\' => characters.next(),
        character => Some(character),
    }
}
