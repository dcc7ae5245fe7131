//! What code hosts write in answers and payloads, made fit for keeping and showing.
//!
//! Pure. Called by everything that reads them.

use crate::text::clip;
use url::Url;
use wharf_model::Timestamp;
use wharf_model::builds::CommitId;

/// The longest commit message that is kept. Real ones have some hundred bytes, machine-made ones some thousand; with
/// more, one push could fill a row with megabytes, with less a `[skip ci]` at the end could be lost.
const LONGEST_MESSAGE: usize = 16 * 1024;

/// The longest name of anything (persons, mail addresses, branches).
const LONGEST_NAME: usize = 512;

/// A commit's message, cut to what is kept; NUL, which no database takes, is left out.
pub(crate) fn clip_message(text: String) -> String {
    clip(text.replace('\0', ""), LONGEST_MESSAGE)
}

/// A name in one line.
pub(crate) fn clip_name(text: String) -> String {
    let line: String = text.chars().filter(|c| !c.is_control()).collect();
    clip(line, LONGEST_NAME)
}

/// A time as RFC 3339 writes it.
pub(crate) fn read_time(text: &str) -> Option<Timestamp> {
    let time: jiff::Timestamp = text.trim().parse().ok()?;
    Some(Timestamp::from_micros(time.as_microsecond()))
}

/// An http or https URL without a user in it.
pub(crate) fn read_url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let is_fit = matches!(url.scheme(), "http" | "https")
        && url.username().is_empty()
        && url.password().is_none();
    is_fit.then_some(url)
}

/// A full commit id.
pub(crate) fn read_id(text: &str) -> Option<CommitId> {
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_urls_are_read_as_hosts_write_them() {
        let expected = Some(Timestamp::from_seconds(1_323_692_851));
        for text in [
            "2011-12-12T14:27:31+02:00",
            "2011-12-12T12:27:31Z",
            "2011-12-12T12:27:31.000Z",
        ] {
            assert_eq!(read_time(text), expected, "{text}");
        }
        assert_eq!(read_time("yesterday"), None);
        assert!(read_url("https://git.example/a").is_some());
        for text in [
            "javascript:alert(1)",
            "https://me:hush@git.example/",
            "git@git.example:a/b",
        ] {
            assert!(read_url(text).is_none(), "{text}");
        }
    }
}
