//! Where a reader was: the moment of the last look, and the last line of a log.

use std::{fmt, str::FromStr};
use wharf_model::Timestamp;

/// A place in a stream, as `id` of its messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamCursor {
    /// Everything before was told.
    pub since: Timestamp,
    /// The last line of the log that was told; 0 where there is none.
    pub line: u32,
}

impl fmt::Display for StreamCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.since.as_micros(), self.line)
    }
}

impl FromStr for StreamCursor {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (since, line) = text.split_once('-').ok_or(())?;
        Ok(Self {
            since: Timestamp::from_micros(since.parse().map_err(drop)?),
            line: line.parse().map_err(drop)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_its_text() {
        let cursor = StreamCursor {
            since: Timestamp::from_micros(1_900_000_000_000_001),
            line: 7,
        };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        for bad in [
            "",
            "1",
            "x-1",
            "1-x",
            "--",
            "1-2-3",
            "99999999999999999999-0",
        ] {
            assert!(bad.parse::<StreamCursor>().is_err(), "{bad}");
        }
    }
}
