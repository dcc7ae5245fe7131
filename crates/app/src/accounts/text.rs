//! Free text from people: bounded, and without what would break a log line, a terminal or a database.

use crate::Error;

/// Accepts one line of at most `max` characters without control characters.
pub(crate) fn check_line(field: &'static str, text: &str, max: usize) -> Result<(), Error> {
    if text.chars().count() > max {
        return Err(Error::invalid(field, "too_long"));
    }
    if text.chars().any(char::is_control) {
        return Err(Error::invalid(field, "invalid_characters"));
    }
    Ok(())
}

/// Accepts text of several lines and at most `max` bytes: line ends and tabs are its only control characters.
pub(crate) fn check_prose(field: &'static str, text: &str, max: usize) -> Result<(), Error> {
    if text.len() > max {
        return Err(Error::invalid(field, "too_long"));
    }
    let is_stray = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    if text.chars().any(is_stray) {
        return Err(Error::invalid(field, "invalid_characters"));
    }
    Ok(())
}

/// Accepts an e-mail address as far as anybody can tell without writing to it (RFC 5321 section 4.5.3.1), or none.
pub(super) fn check_email(text: &str) -> Result<(), Error> {
    const MAX: usize = 254;
    check_line("email", text, MAX)?;
    let is_address = text
        .rsplit_once('@')
        .is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty())
        && !text.contains(char::is_whitespace);
    if text.is_empty() || is_address {
        Ok(())
    } else {
        Err(Error::invalid("email", "malformed"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_no_escapes_and_a_length_in_characters() {
        assert!(check_line("f", "köln ✓", 6).is_ok());
        assert!(check_line("f", "köln ✓!", 6).is_err());
        for bad in ["a\nb", "a\x1b]8;;x", "\0", "\u{9b}31m"] {
            assert!(check_line("f", bad, 100).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn prose_has_lines_but_no_escapes() {
        assert!(check_prose("f", "# Title\r\n\ttext\n", 100).is_ok());
        assert!(check_prose("f", "a\0b", 100).is_err());
        assert!(check_prose("f", "abc", 2).is_err());
    }

    #[test]
    fn an_address_has_two_parts() {
        for good in ["", "a@b", "first.last+tag@example.com"] {
            assert!(check_email(good).is_ok(), "{good}");
        }
        for bad in ["a", "@b", "a@", "a b@c", "a@b\n"] {
            assert!(check_email(bad).is_err(), "{bad:?}");
        }
    }
}
