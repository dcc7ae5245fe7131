//! Single values as people read them: sizes, local times, and text that cannot play tricks on a terminal.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;
use wharf_messages::has_message;

use crate::session::Session;

/// What stands where there is nothing.
const NOTHING: &str = "-";

/// A size with three significant digits in units of 1000, as `docker images` writes it.
pub(crate) fn show_size(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["B", "kB", "MB", "GB", "TB", "PB"];
    let mut amount = bytes as f64;
    let mut unit = 0;
    while amount >= 999.5 && unit + 1 < UNITS.len() {
        amount /= 1000.0;
        unit += 1;
    }
    let decimals = match amount {
        _ if unit == 0 => 0,
        small if small < 9.995 => 2,
        middle if middle < 99.95 => 1,
        _ => 0,
    };
    format!("{amount:.decimals$} {}", UNITS[unit])
}

/// A time of the API in the local zone, to the minute; `-` when there is none, and as it came when it is no time.
pub(crate) fn show_day_time(session: &Session, value: &Value) -> String {
    match value.as_str() {
        Some(text) => show_in_zone(text, &session.zone).unwrap_or_else(|| clean_text(text)),
        None => NOTHING.to_owned(),
    }
}

fn show_in_zone(text: &str, zone: &TimeZone) -> Option<String> {
    let time: Timestamp = text.parse().ok()?;
    Some(
        time.to_zoned(zone.clone())
            .strftime("%Y-%m-%d %H:%M")
            .to_string(),
    )
}

pub(crate) fn show_yes_no(session: &Session, value: &Value) -> String {
    let key = if value.as_bool() == Some(true) {
        "cli.yes"
    } else {
        "cli.no"
    };
    session.text(key, &[]).into_owned()
}

/// A value of the API as text: lists with commas, nothing as `-`.
pub(crate) fn show_text(value: &Value) -> String {
    match value {
        Value::Null => NOTHING.to_owned(),
        Value::String(text) if text.is_empty() => NOTHING.to_owned(),
        Value::String(text) => clean_text(text),
        Value::Array(items) if items.is_empty() => NOTHING.to_owned(),
        Value::Array(items) => items.iter().map(show_text).collect::<Vec<_>>().join(", "),
        other => clean_text(&other.to_string()),
    }
}

/// Text of strangers without the characters that move a terminal's cursor, hide what follows, or turn it around.
/// Line breaks and tabs become spaces.
pub(crate) fn clean_text(text: &str) -> String {
    text.chars()
        .map(|letter| match letter {
            '\n' | '\r' | '\t' => ' ',
            letter if letter.is_control() || is_direction_mark(letter) => '\u{fffd}',
            letter => letter,
        })
        .collect()
}

/// The same for text of several lines, which stay lines.
pub(crate) fn clean_lines(text: &str) -> String {
    text.lines().map(clean_text).collect::<Vec<_>>().join("\n")
}

/// One of a few words of the API in the reader's language; the word itself where it is new. `group` is where the catalogue
/// has them.
pub(crate) fn show_word(session: &Session, group: &str, value: &Value) -> String {
    let Some(word) = value.as_str() else {
        return show_text(value);
    };
    let key = format!("{group}.{word}");
    match has_message(&key) {
        true => session.text(&key, &[]).into_owned(),
        false => clean_text(word),
    }
}

/// The marks by which bidirectional text makes a name look like another.
fn is_direction_mark(letter: char) -> bool {
    matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn sizes_have_three_digits_and_a_decimal_unit() {
        for (bytes, expected) in [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.00 kB"),
            (12_345, "12.3 kB"),
            (999_499, "999 kB"),
            (999_500, "1.00 MB"),
            (7_654_321, "7.65 MB"),
            (123_456_789_012, "123 GB"),
        ] {
            assert_eq!(show_size(bytes), expected);
        }
    }

    #[test]
    fn times_are_local_and_to_the_minute() {
        let mut session = Session::for_test(&[]);
        assert_eq!(
            show_day_time(&session, &json!("2026-03-04T23:06:07.123Z")),
            "2026-03-04 23:06"
        );
        session.zone = TimeZone::fixed(jiff::tz::offset(8));
        assert_eq!(
            show_day_time(&session, &json!("2026-03-04T23:06:07Z")),
            "2026-03-05 07:06"
        );
        assert_eq!(show_day_time(&session, &Value::Null), "-");
        assert_eq!(show_day_time(&session, &json!("soon")), "soon");
    }

    #[test]
    fn text_of_strangers_cannot_steer_a_terminal() {
        assert_eq!(
            clean_text("a\u{1b}[2Jb\nc\u{202e}d"),
            "a\u{fffd}[2Jb c\u{fffd}d"
        );
        assert_eq!(clean_text("仓库 ✓"), "仓库 ✓");
    }

    #[test]
    fn values_read_as_words() {
        assert_eq!(show_text(&json!(["pull", "push"])), "pull, push");
        assert_eq!(show_text(&json!([])), "-");
        assert_eq!(show_text(&json!("")), "-");
        assert_eq!(show_text(&json!(7)), "7");
    }
}
