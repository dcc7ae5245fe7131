//! Lists that come in pages, each asked for when it is wanted.

use super::error::ForgeError;
use std::fmt;
use std::str::FromStr;

/// Part of a list. An empty one may still have a next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Where the rest begins; `None` at the end.
    pub next: Option<Cursor>,
}

/// The longest cursor that is taken back. GitLab's keyset cursors have some 200 characters.
const LONGEST: usize = 1024;

/// What a page may be asked for by. Anything else in the link that a host gives for its next page is not taken over,
/// so that neither a host nor whoever hands a cursor in can change what a request asks for.
const PARAMETERS: [&str; 9] = [
    "page",
    "per_page",
    "limit",
    "cursor",
    "id_after",
    "id_before",
    "since",
    "after",
    "page_token",
];

/// Where the next page begins, as a text that may be handed out and taken back in.
#[derive(Clone, PartialEq, Eq)]
pub struct Cursor(String);

impl Cursor {
    /// The place that a query string names; `None` when it names none.
    pub(crate) fn from_query(query: &str) -> Option<Cursor> {
        let mut kept = url::form_urlencoded::Serializer::new(String::new());
        let mut is_empty = true;
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            if PARAMETERS.contains(&&*name) {
                kept.append_pair(&name, &value);
                is_empty = false;
            }
        }
        let text = kept.finish();
        (!is_empty && text.len() <= LONGEST).then_some(Cursor(text))
    }

    /// Name and value of each parameter.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (String, String)> {
        url::form_urlencoded::parse(self.0.as_bytes()).into_owned()
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cursor({})", self.0)
    }
}

impl FromStr for Cursor {
    type Err = ForgeError;

    /// # Errors
    /// [`ForgeError::Cursor`] for a text that no page gave out.
    fn from_str(text: &str) -> Result<Cursor, ForgeError> {
        Cursor::from_query(text)
            .filter(|cursor| cursor.0 == text)
            .ok_or(ForgeError::Cursor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_takes_over_places_and_nothing_else() {
        let cursor = Cursor::from_query("sudo=root&page=3&private_token=x&per_page=100");
        let cursor = cursor.expect("a place");
        assert_eq!(cursor.to_string(), "page=3&per_page=100");
        assert_eq!(
            cursor.to_string().parse::<Cursor>().expect("the same"),
            cursor
        );
        assert!(Cursor::from_query("sudo=root").is_none());
    }

    #[test]
    fn only_what_was_given_out_is_taken_back() {
        for text in [
            "",
            "page",
            "page=1&sudo=root",
            "page=1#",
            &format!("page={}", "1".repeat(2000)),
        ] {
            assert!(text.parse::<Cursor>().is_err(), "{text}");
        }
    }
}
