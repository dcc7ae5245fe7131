//! Output of a step made fit for somebody's terminal.
//!
//! Colors stay. Everything that would reach beyond its line goes: cursor movement, titles, clipboard, mode switches.

/// One line as a terminal would show it in the end: what a carriage return or a backspace overwrote is gone, and of the
/// control sequences only colors (SGR, ECMA-48 section 8.3.117) are left, if they are wanted. A line that colors something
/// ends without color.
pub(super) fn make_harmless(line: &[u8], keep_color: bool) -> String {
    let text = String::from_utf8_lossy(line);
    // What follows the last return is what stays on the screen; one at the end is part of the line's end.
    let text = text.trim_end_matches('\r');
    let text = text.rsplit('\r').next().unwrap_or_default();
    let mut shown = String::with_capacity(text.len());
    let mut is_colored = false;
    let mut ends_with_color = false;
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        match character {
            '\x1b' => {
                if let Some(color) = read_escape(&mut rest)
                    && keep_color
                {
                    is_colored = !matches!(color.as_str(), "" | "0");
                    ends_with_color = true;
                    shown.push_str(&format!("\x1b[{color}m"));
                }
            }
            // A control sequence introducer in one character.
            '\u{9b}' => {
                read_control(&mut rest);
            }
            '\x08' if ends_with_color => {}
            '\x08' => {
                shown.pop();
            }
            character if character.is_control() && character != '\t' => {}
            character => {
                ends_with_color = false;
                shown.push(character);
            }
        }
    }
    if is_colored {
        shown.push_str("\x1b[0m");
    }
    shown
}

/// Takes an escape sequence off; its parameters if it is a color.
fn read_escape(rest: &mut std::str::Chars<'_>) -> Option<String> {
    match rest.next()? {
        '[' => read_control(rest),
        // Strings (OSC, DCS, SOS, PM, APC) go up to their terminator, BEL or ESC \.
        ']' | 'P' | 'X' | '^' | '_' => {
            while let Some(character) = rest.next() {
                if character == '\x07' || character == '\u{9c}' {
                    break;
                }
                if character == '\x1b' {
                    rest.next();
                    break;
                }
            }
            None
        }
        // Intermediate characters are followed by a final one.
        ' '..='/' => {
            rest.find(|character| !matches!(character, ' '..='/'));
            None
        }
        _ => None,
    }
}

/// Takes a control sequence off; its parameters if it is a color.
fn read_control(rest: &mut std::str::Chars<'_>) -> Option<String> {
    let mut parameters = String::new();
    let mut is_color = true;
    for character in rest {
        match character {
            '0'..='9' | ';' | ':' => parameters.push(character),
            'm' => return is_color.then_some(parameters),
            // Private parameters and intermediates: no color, but not over yet.
            ' '..='?' => is_color = false,
            _ => return None,
        }
    }
    None
}

/// A name as one line without any control character.
pub(super) fn make_plain(name: &str) -> String {
    let text = make_harmless(name.replace(['\n', '\t', '\r'], " ").as_bytes(), false);
    text.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colors_stay_and_end_with_their_line() {
        let red = b"\x1b[1;31merror\x1b[0m: no";
        assert_eq!(
            make_harmless(red, true),
            "\x1b[1;31merror\x1b[0m: no".to_owned()
        );
        assert_eq!(make_harmless(red, false), "error: no");
        assert_eq!(make_harmless(b"\x1b[32mok", true), "\x1b[32mok\x1b[0m");
    }

    #[test]
    fn nothing_reaches_beyond_its_line() {
        for attack in [
            &b"a\x1b[2Jb"[..],
            b"a\x1b[10;10Hb",
            b"a\x1b[?1049hb",
            b"a\x1b[>4;2mb",
            b"a\x1b]0;title\x07b",
            b"a\x1b]52;c;aGk=\x1b\\b",
            b"a\x1bP1$r\x1b\\b",
            b"a\x1bcb",
            b"a\x1b(0b",
            "a\u{9b}2Jb".as_bytes(),
            b"a\x07\x0b\x0c\x7fb",
        ] {
            assert_eq!(make_harmless(attack, true), "ab", "{attack:?}");
        }
        assert_eq!(make_harmless(b"cut \x1b[3", true), "cut ");
        assert_eq!(make_harmless(b"cut \x1b]0;never", true), "cut ");
    }

    #[test]
    fn overwritten_text_is_gone() {
        assert_eq!(make_harmless(b" 10%\r 20%\r100%", true), "100%");
        assert_eq!(make_harmless(b"line\r", true), "line");
        assert_eq!(make_harmless(b"ab\x08c", true), "ac");
    }

    #[test]
    fn bytes_that_are_no_text_are_replaced() {
        assert_eq!(make_harmless(b"a\xffb", true), "a\u{fffd}b");
    }

    #[test]
    fn a_name_is_one_line() {
        assert_eq!(
            make_plain("RUN <<EOF\n\techo \x1b[31mhi\nEOF\n"),
            "RUN <<EOF  echo hi EOF"
        );
    }
}
