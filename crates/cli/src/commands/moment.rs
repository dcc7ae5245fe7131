//! Times as people write them on a command line: a span from now, a day, or an exact time.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

use crate::failure::Failure;
use crate::session::Session;

/// Which way a span such as `30d` counts from now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    Future,
    Past,
}

/// Reads a time and gives it as RFC 3339 in UTC; `never` is `None` where the future is meant.
pub(crate) fn parse_time(
    session: &Session,
    text: &str,
    direction: Direction,
) -> Result<Option<String>, Failure> {
    if direction == Direction::Future && text == "never" {
        return Ok(None);
    }
    read_time(text, session.now, &session.zone, direction)
        .map(|time| Some(time.to_string()))
        .ok_or_else(|| {
            Failure::usage(session.text("cli.time.unreadable", &[("value", text)]))
                .with_hint(session.text("cli.time.unreadable_hint", &[]))
        })
}

/// A span counts in the local calendar (`1d` is a day, also when the clock is changed); a day is its first moment.
fn read_time(
    text: &str,
    now: Timestamp,
    zone: &TimeZone,
    direction: Direction,
) -> Option<Timestamp> {
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time);
    }
    if let Ok(time) = text.parse::<DateTime>() {
        return Some(time.to_zoned(zone.clone()).ok()?.timestamp());
    }
    let mut span: Span = text.parse().ok()?;
    if span.is_negative() {
        // "7d ago" says twice that the past is meant; anything else negative points the wrong way.
        if direction == Direction::Future {
            return None;
        }
        span = span.abs();
    }
    let start = now.to_zoned(zone.clone());
    let time = match direction {
        Direction::Future => start.checked_add(span),
        Direction::Past => start.checked_sub(span),
    };
    Some(time.ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, direction: Direction) -> Option<String> {
        parse_time(&Session::for_test(&[]), text, direction).unwrap()
    }

    #[test]
    fn spans_days_and_times_are_understood() {
        let future = |text| read(text, Direction::Future).unwrap();
        assert_eq!(future("30d"), "2026-04-03T05:06:07Z");
        assert_eq!(future("12h"), "2026-03-04T17:06:07Z");
        assert_eq!(future("1y"), "2027-03-04T05:06:07Z");
        assert_eq!(future("2027-01-31"), "2027-01-31T00:00:00Z");
        assert_eq!(future("2027-01-31T08:00:00+08:00"), "2027-01-31T00:00:00Z");
        assert_eq!(future("2027-01-31 10:30"), "2027-01-31T10:30:00Z");
        assert_eq!(read("never", Direction::Future), None);
        for text in ["1w", "7d ago"] {
            assert_eq!(read(text, Direction::Past).unwrap(), "2026-02-25T05:06:07Z");
        }
    }

    #[test]
    fn anything_else_is_a_usage_failure_with_examples() {
        for text in ["soon", "", "-3d", "2027-13-01", "30"] {
            let failure = parse_time(&Session::for_test(&[]), text, Direction::Future);
            assert!(failure.unwrap_err().render().contains("hint: "), "{text:?}");
        }
        assert!(parse_time(&Session::for_test(&[]), "never", Direction::Past).is_err());
    }
}
