//! Durations as Go writes them: `1h30m`, `1.5s`, `100ms`.

use crate::Problem;
use serde::Serialize;
use std::fmt;

/// A number of nanoseconds, the unit in which image configs hold durations. Prints as Go prints it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize)]
pub struct Duration(i64);

const UNITS: [(&str, i128); 8] = [
    ("ns", 1),
    ("us", 1_000),
    ("\u{b5}s", 1_000),
    ("\u{3bc}s", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

impl Duration {
    pub const ZERO: Duration = Duration(0);

    pub const fn from_nanos(nanos: i64) -> Duration {
        Duration(nanos)
    }

    pub const fn as_nanos(self) -> i64 {
        self.0
    }

    /// A sign, then numbers with units; `0` alone needs none (Go `time.ParseDuration`).
    pub fn parse(text: &str) -> Result<Duration, Problem> {
        parse_nanos(text)
            .map(Duration)
            .ok_or_else(|| Problem::Duration {
                text: text.to_owned(),
            })
    }
}

fn parse_nanos(text: &str) -> Option<i64> {
    let (is_negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Some(0);
    }
    if rest.is_empty() {
        return None;
    }
    let mut total: i128 = 0;
    while !rest.is_empty() {
        let (whole, after) = take_digits(rest);
        let (fraction, after) = match after.strip_prefix('.') {
            Some(after) => take_digits(after),
            None => ("", after),
        };
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let end = after
            .find(|character: char| character == '.' || character.is_ascii_digit())
            .unwrap_or(after.len());
        let (unit, next) = after.split_at(end);
        let (_, scale) = UNITS.iter().find(|(name, _)| *name == unit)?;
        total += read_number(whole)? * scale + read_fraction(fraction, *scale)?;
        if total > i128::from(i64::MAX) {
            return None;
        }
        rest = next;
    }
    i64::try_from(if is_negative { -total } else { total }).ok()
}

fn take_digits(text: &str) -> (&str, &str) {
    let end = text
        .find(|character: char| !character.is_ascii_digit())
        .unwrap_or(text.len());
    text.split_at(end)
}

fn read_number(digits: &str) -> Option<i128> {
    if digits.is_empty() {
        return Some(0);
    }
    Some(i128::from(digits.parse::<i64>().ok()?))
}

/// Digits past the eighteenth are below a nanosecond of an hour.
fn read_fraction(digits: &str, scale: i128) -> Option<i128> {
    let digits = &digits[..digits.len().min(18)];
    let divisor = 10i128.pow(u32::try_from(digits.len()).ok()?);
    Some(read_number(digits)? * scale / divisor)
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 < 0 {
            f.write_str("-")?;
        }
        let nanos = self.0.unsigned_abs();
        let (unit, scale) = match nanos {
            0 => return f.write_str("0s"),
            1..1_000 => ("ns", 1),
            1_000..1_000_000 => ("\u{b5}s", 1_000),
            1_000_000..1_000_000_000 => ("ms", 1_000_000),
            _ => ("s", 1_000_000_000),
        };
        let (whole, rest) = (nanos / scale, nanos % scale);
        let (hours, minutes, whole) = match unit {
            "s" => (whole / 3600, whole / 60 % 60, whole % 60),
            _ => (0, 0, whole),
        };
        if hours > 0 {
            write!(f, "{hours}h")?;
        }
        if hours > 0 || minutes > 0 {
            write!(f, "{minutes}m")?;
        }
        write!(f, "{whole}")?;
        if rest > 0 {
            let width = scale.ilog10() as usize;
            let digits = format!("{rest:0width$}");
            write!(f, ".{}", digits.trim_end_matches('0'))?;
        }
        f.write_str(unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_and_printed_as_go_does() {
        for (text, nanos, printed) in [
            ("0", 0, "0s"),
            ("30s", 30_000_000_000, "30s"),
            ("1m30s", 90_000_000_000, "1m30s"),
            ("1.5h", 5_400_000_000_000, "1h30m0s"),
            ("1h", 3_600_000_000_000, "1h0m0s"),
            (".5s", 500_000_000, "500ms"),
            ("1.s", 1_000_000_000, "1s"),
            ("1.25ms", 1_250_000, "1.25ms"),
            ("10us", 10_000, "10\u{b5}s"),
            ("10\u{b5}s7ns", 10_007, "10.007\u{b5}s"),
            ("-1s", -1_000_000_000, "-1s"),
            ("+1s", 1_000_000_000, "1s"),
            ("61.001s", 61_001_000_000, "1m1.001s"),
            (
                "9223372036854775807ns",
                i64::MAX,
                "2562047h47m16.854775807s",
            ),
        ] {
            let found = Duration::parse(text).expect(text);
            assert_eq!(
                (found.as_nanos(), found.to_string().as_str()),
                (nanos, printed)
            );
        }
    }

    #[test]
    fn anything_else_is_no_duration() {
        for text in [
            "",
            "-",
            "5",
            "s",
            ".s",
            "1d",
            "1 s",
            "1s ",
            "9223372036854775808ns",
            "1e3s",
        ] {
            assert!(Duration::parse(text).is_err(), "{text}");
        }
    }
}
