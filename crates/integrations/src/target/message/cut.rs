//! Cuts a text to what a product takes.

/// Says that there was more.
const MORE: &str = "…";

/// A text of at most `limit` bytes, cut between characters and never inside an escape.
pub(super) fn cut_text(text: &str, limit: usize) -> String {
    if text.len() <= limit {
        return text.to_owned();
    }
    let end = text.floor_char_boundary(limit.saturating_sub(MORE.len()));
    let mut cut = text[..end].to_owned();
    if let Some(at) = cut.rfind('&')
        && cut.len() - at < "&quot;".len()
        && !cut[at..].contains(';')
    {
        cut.truncate(at);
    }
    let backslashes = cut.len() - cut.trim_end_matches('\\').len();
    if backslashes % 2 == 1 {
        cut.pop();
    }
    cut + MORE
}

/// The body for as much of a text as makes no more than `limit` bytes of it.
pub(super) fn cut_to_body(text: &str, limit: usize, make: impl Fn(&str) -> String) -> String {
    let mut room = text.len();
    loop {
        let body = make(&cut_text(text, room));
        if body.len() <= limit || room == 0 {
            return body;
        }
        // Escaped, one byte can be six.
        room = room.saturating_sub((body.len() - limit).div_ceil(6).max(MORE.len()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_between_characters_and_escapes() {
        assert_eq!(cut_text("short", 5), "short");
        for (text, limit) in [
            ("ümlaut ümlaut", 9),
            ("发布发布发布", 11),
            ("a".repeat(99).as_str(), 20),
        ] {
            let cut = cut_text(text, limit);
            assert!(cut.len() <= limit && cut.ends_with(MORE), "{cut}");
        }
        assert_eq!(cut_text("ab &amp; more of it", 9), "ab …");
        assert_eq!(cut_text(r"abcde\*fghijklmnop", 9), "abcde…");
        assert_eq!(cut_text(r"abcd\\efghijklmnop", 9), r"abcd\\…");
    }

    #[test]
    fn a_body_fits_whatever_escaping_makes_of_the_text() {
        let make = |text: &str| serde_json::json!({"text": text}).to_string();
        for text in ["\"".repeat(5000), "a".repeat(5000), "发".repeat(5000)] {
            let body = cut_to_body(&text, 1000, make);
            assert!(body.len() <= 1000 && body.len() > 900, "{}", body.len());
        }
        assert_eq!(cut_to_body("a", 1000, make), r#"{"text":"a"}"#);
    }
}
