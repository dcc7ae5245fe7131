//! Quoting as Go's `strconv.Quote` does it: trees, history rows and lint messages are compared with what the reference
//! prints.

use std::fmt::Write;

/// The text in double quotes, with escapes for quotes, backslashes and everything that does not print.
pub(crate) fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        push_escaped(&mut quoted, character);
    }
    quoted.push('"');
    quoted
}

/// `["a" "b"]`: how Go's `%q` shows a list.
pub(crate) fn quote_list(items: &[String]) -> String {
    let quoted: Vec<String> = items.iter().map(|item| quote(item)).collect();
    format!("[{}]", quoted.join(" "))
}

fn push_escaped(quoted: &mut String, character: char) {
    let named = match character {
        '"' => "\\\"",
        '\\' => "\\\\",
        '\u{7}' => "\\a",
        '\u{8}' => "\\b",
        '\u{c}' => "\\f",
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        '\u{b}' => "\\v",
        _ => {
            if is_printable(character) {
                quoted.push(character);
            } else {
                push_code(quoted, u32::from(character));
            }
            return;
        }
    };
    quoted.push_str(named);
}

fn push_code(quoted: &mut String, code: u32) {
    let written = match code {
        0..0x80 => write!(quoted, "\\x{code:02x}"),
        0x80..0x1_0000 => write!(quoted, "\\u{code:04x}"),
        _ => write!(quoted, "\\U{code:08x}"),
    };
    debug_assert!(written.is_ok(), "a String takes every write");
}

fn is_printable(character: char) -> bool {
    if character.is_ascii() {
        return (' '..='~').contains(&character);
    }
    // The standard library knows what prints, but would escape a combining mark that stands first.
    let mut text = String::from("a");
    text.push(character);
    text.escape_debug().nth(1) == Some(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_quoted_as_go_quotes_it() {
        for (text, expected) in [
            ("plain", r#""plain""#),
            ("a\"b\\c", r#""a\"b\\c""#),
            ("tab\tline\nend\r", r#""tab\tline\nend\r""#),
            ("\u{1}\u{7}\u{7f}", r#""\x01\a\x7f""#),
            ("한국어 ♥ 🚀", "\"한국어 ♥ 🚀\""),
            ("e\u{301}", "\"e\u{301}\""),
            ("\u{301}", "\"\u{301}\""),
            ("\u{a0}\u{200b}", r#""\u00a0\u200b""#),
        ] {
            assert_eq!(quote(text), expected);
        }
    }

    #[test]
    fn a_list_has_no_commas() {
        let items = ["/bin/sh".to_owned(), "-c".to_owned()];
        assert_eq!(quote_list(&items), r#"["/bin/sh" "-c"]"#);
        assert_eq!(quote_list(&[]), "[]");
    }
}
