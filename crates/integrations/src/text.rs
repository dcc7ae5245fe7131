//! Texts of the other side, made fit for keeping and showing.
//!
//! Pure. Called by everything that reads answers and payloads.

use crate::Secret;

/// The longest sentence of a host that is repeated.
const LONGEST_SENTENCE: usize = 300;

/// A text of at most so many bytes, cut between characters.
pub(crate) fn clip(mut text: String, limit: usize) -> String {
    text.truncate(text.floor_char_boundary(limit));
    text
}

/// A host's sentence, ready to follow another: `: what it said`, or nothing. It is one line, cut short, and without the
/// secrets that were sent.
pub(crate) fn quote(text: &str, secrets: &[&Secret]) -> String {
    let line = fold_line(text, secrets);
    match line.is_empty() {
        true => String::new(),
        false => format!(": {line}"),
    }
}

/// A host's sentence as one short line, without the secrets that were sent.
pub(crate) fn fold_line(text: &str, secrets: &[&Secret]) -> String {
    let mut text: String = text.to_owned();
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        text = text.replace(secret.expose(), "********");
    }
    let words: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let line = words.split_whitespace().collect::<Vec<_>>().join(" ");
    clip(line, LONGEST_SENTENCE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_sentence_is_one_short_line_without_secrets() {
        let secret = Secret::new("hush");
        assert_eq!(quote("a\x1b[2J\n b hush", &[&secret]), ": a [2J b ********");
        assert_eq!(quote(" \n", &[]), "");
        assert_eq!(quote(&"ü".repeat(1000), &[]).len(), 2 + LONGEST_SENTENCE);
    }
}
