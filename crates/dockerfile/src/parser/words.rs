//! Cutting a line into words at unquoted blanks; quotes and escapes stay in the words, for the lexer to resolve.

/// A trailing escape character escapes nothing and is dropped.
pub(super) fn split_words(text: &str, escape: char) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if quote.is_none() && character.is_whitespace() {
            if !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
            continue;
        }
        // Nothing can be escaped between single quotes.
        if character == escape && quote != Some('\'') {
            if let Some(next) = characters.next() {
                word.extend([character, next]);
            }
            continue;
        }
        match quote {
            Some(open) if character == open => quote = None,
            None if matches!(character, '\'' | '"') => quote = Some(character),
            _ => {}
        }
        word.push(character);
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_part_words_unless_quoted_or_escaped() {
        for (text, expected) in [
            ("a b", vec!["a", "b"]),
            (r"a\ b c", vec![r"a\ b", "c"]),
            ("a 'b c' d", vec!["a", "'b c'", "d"]),
            (r#""a \" b" c"#, vec![r#""a \" b""#, "c"]),
            (r"'a\' b", vec![r"'a\'", "b"]),
            (r"a\", vec!["a"]),
            ("'open a", vec!["'open a"]),
            ("\u{e4} \u{3000}b", vec!["\u{e4}", "b"]),
            ("", vec![]),
        ] {
            assert_eq!(split_words(text, '\\'), expected, "{text}");
        }
        assert_eq!(split_words("a` b \\ c", '`'), ["a` b", "\\", "c"]);
    }
}
