//! Running a pattern over a text, all its possibilities at once: no backtracking, so no pattern is slow.

use super::Token;

/// Which of several matches that begin at the same place is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Length {
    Shortest,
    Longest,
}

/// Whether the pattern matches the whole text.
pub(crate) fn match_whole(tokens: &[Token], text: impl Iterator<Item = char>) -> bool {
    let mut states = States::new(tokens);
    states.enter(0);
    for character in text {
        states.step(character);
        if states.is_empty() {
            return false;
        }
    }
    states.end_start().is_some()
}

/// The end of a match that begins at the start of the text.
pub(crate) fn match_prefix(tokens: &[Token], text: &[char], length: Length) -> Option<usize> {
    let mut states = States::new(tokens);
    states.enter(0);
    let mut end = None;
    for at in 0..=text.len() {
        if states.end_start().is_some() {
            end = Some(at);
            if length == Length::Shortest {
                break;
            }
        }
        match text.get(at) {
            Some(character) if !states.is_empty() => states.step(*character),
            _ => break,
        }
    }
    end
}

/// The first match at or after `from`, the longest of those that begin there.
pub(crate) fn find_match(tokens: &[Token], text: &[char], from: usize) -> Option<(usize, usize)> {
    let mut states = States::new(tokens);
    let mut found: Option<(usize, usize)> = None;
    for at in from..=text.len() {
        if found.is_none() {
            states.enter(at);
        }
        if let Some(start) = states.end_start()
            && found.is_none_or(|(known, _)| start <= known)
        {
            found = Some((start, at));
            states.drop_later_than(start);
        }
        match text.get(at) {
            Some(character) if found.is_none() || !states.is_empty() => states.step(*character),
            _ => break,
        }
    }
    found
}

/// The places in the pattern that the text read so far can have led to, each with the earliest start of the match.
///
/// Place `2i` is before token `i`; place `2i + 1` is within it, which only [`Token::Directories`] has.
struct States<'a> {
    tokens: &'a [Token],
    now: Places,
    next: Places,
}

/// A set of places that is cleared in the time it takes to list it.
struct Places {
    starts: Vec<usize>,
    listed: Vec<usize>,
}

const ABSENT: usize = usize::MAX;

impl<'a> States<'a> {
    fn new(tokens: &'a [Token]) -> States<'a> {
        let count = tokens.len() * 2 + 1;
        States {
            tokens,
            now: Places::new(count),
            next: Places::new(count),
        }
    }

    fn is_empty(&self) -> bool {
        self.now.listed.is_empty()
    }

    /// The start of a match that ends here, if one does.
    fn end_start(&self) -> Option<usize> {
        let start = self.now.starts[self.tokens.len() * 2];
        (start != ABSENT).then_some(start)
    }

    /// Begins a match here; earlier ones go first.
    fn enter(&mut self, start: usize) {
        add_place(self.tokens, &mut self.now, 0, start);
    }

    fn drop_later_than(&mut self, start: usize) {
        let Places { starts, listed } = &mut self.now;
        listed.retain(|place| {
            let keep = starts[*place] <= start;
            if !keep {
                starts[*place] = ABSENT;
            }
            keep
        });
    }

    fn step(&mut self, character: char) {
        self.next.clear();
        for place in &self.now.listed {
            let start = self.now.starts[*place];
            let index = place / 2;
            let Some(token) = self.tokens.get(index) else {
                continue;
            };
            let after = (index + 1) * 2;
            let is_accepted = match token {
                Token::Char(wanted) => *wanted == character,
                Token::One(except) => except.allows(character),
                Token::Class(class) => class.contains(character),
                Token::Many(except) => {
                    if except.allows(character) {
                        add_place(self.tokens, &mut self.next, index * 2, start);
                    }
                    false
                }
                Token::Directories => {
                    add_place(self.tokens, &mut self.next, index * 2 + 1, start);
                    character == '/'
                }
            };
            if is_accepted {
                add_place(self.tokens, &mut self.next, after, start);
            }
        }
        std::mem::swap(&mut self.now, &mut self.next);
    }
}

/// Adds a place and those that are reached from it without a character.
fn add_place(tokens: &[Token], places: &mut Places, mut place: usize, start: usize) {
    loop {
        if !places.add(place, start) {
            return;
        }
        let is_outside = place.is_multiple_of(2);
        match tokens.get(place / 2) {
            Some(Token::Many(_) | Token::Directories) if is_outside => place += 2,
            _ => return,
        }
    }
}

impl Places {
    fn new(count: usize) -> Places {
        Places {
            starts: vec![ABSENT; count],
            listed: Vec::new(),
        }
    }

    /// False when the place is known with this start or an earlier one.
    fn add(&mut self, place: usize, start: usize) -> bool {
        let known = self.starts[place];
        if known == ABSENT {
            self.listed.push(place);
        } else if known <= start {
            return false;
        }
        self.starts[place] = start;
        true
    }

    fn clear(&mut self) {
        for place in self.listed.drain(..) {
            self.starts[place] = ABSENT;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::glob::Except;

    fn characters(text: &str) -> Vec<char> {
        text.chars().collect()
    }

    fn any() -> Token {
        Token::Many(Except::Newline)
    }

    #[test]
    fn a_prefix_can_be_short_or_long() {
        let tokens = [any(), Token::Char('a')];
        let text = characters("xaya");
        assert_eq!(match_prefix(&tokens, &text, Length::Shortest), Some(2));
        assert_eq!(match_prefix(&tokens, &text, Length::Longest), Some(4));
        assert_eq!(match_prefix(&tokens, &text[..1], Length::Longest), None);
        assert_eq!(match_prefix(&[], &text, Length::Longest), Some(0));
    }

    #[test]
    fn the_first_match_is_found_and_taken_whole() {
        let tokens = [Token::Char('a'), any(), Token::Char('b')];
        let text = characters("xxabcbx");
        assert_eq!(find_match(&tokens, &text, 0), Some((2, 6)));
        assert_eq!(find_match(&tokens, &text, 3), None);
        assert_eq!(find_match(&[], &text, 7), Some((7, 7)));
    }

    #[test]
    fn an_earlier_start_wins_over_an_earlier_end() {
        let tokens = [Token::One(Except::Newline), any(), Token::Char('c')];
        assert_eq!(find_match(&tokens, &characters("abbc"), 0), Some((0, 4)));
    }

    #[test]
    fn directories_are_whole() {
        let tokens = [Token::Directories, Token::Char('a')];
        for (text, expected) in [
            ("a", true),
            ("x/a", true),
            ("x/y/a", true),
            ("/a", true),
            ("xa", false),
            ("x/ya", false),
        ] {
            assert_eq!(match_whole(&tokens, text.chars()), expected, "{text}");
        }
    }
}
