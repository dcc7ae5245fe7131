//! Ranges of versions, and which tags are versions.

use semver::{Version, VersionReq};
use std::{fmt, str::FromStr};

/// Longest range, in bytes.
const LONGEST: usize = 256;

/// Versions that a tag may name: `>=1.4 <2`, `^1.2`, `~1.4 || >=3`.
///
/// Comparators stand beside each other with blanks or commas and must all hold; `||` separates alternatives. `^`, `~`, `*`
/// and `x` mean what npm and Cargo mean. A pre-release (`2.0.0-rc.1`) matches only where a comparator names a pre-release
/// of the same three numbers, so that `>=1` does not roll out release candidates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SemverRange {
    text: Box<str>,
    alternatives: Vec<VersionReq>,
}

/// Why a range is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RangeError {
    /// Nothing, or nothing beside `||`.
    #[error("a range of versions is not empty; `*` is every version")]
    Empty,
    /// Longer than 256 bytes.
    #[error("a range of versions has at most {LONGEST} bytes")]
    TooLong,
    /// Not understood.
    #[error("`{range}` is no range of versions: {reason}")]
    Malformed {
        /// As written.
        range: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl SemverRange {
    /// Whether the tag is a version of this range. `v1.2.3`, `1.2.3` and `1.2` (as `1.2.0`) are versions, `latest` is
    /// none; what stands behind `+` cannot stand in a tag.
    pub fn is_match(&self, tag: &str) -> bool {
        read_version(tag).is_some_and(|version| {
            self.alternatives
                .iter()
                .any(|range| range.matches(&version))
        })
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl FromStr for SemverRange {
    type Err = RangeError;

    fn from_str(text: &str) -> Result<Self, RangeError> {
        if text.len() > LONGEST {
            return Err(RangeError::TooLong);
        }
        let alternatives = text
            .split("||")
            .map(|part| read_alternative(text, part))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            text: text.into(),
            alternatives,
        })
    }
}

impl fmt::Display for SemverRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn read_alternative(range: &str, part: &str) -> Result<VersionReq, RangeError> {
    let mut joined = String::new();
    for word in part.split([' ', '\t', ',']).filter(|word| !word.is_empty()) {
        // A blank may stand behind an operator, and then no comparator has ended.
        if joined.ends_with(|last: char| !matches!(last, '<' | '>' | '=' | '^' | '~')) {
            joined.push(',');
        }
        joined.push_str(word.strip_prefix('v').unwrap_or(word));
    }
    if joined.is_empty() {
        return Err(RangeError::Empty);
    }
    VersionReq::parse(&joined).map_err(|error| RangeError::Malformed {
        range: range.to_owned(),
        reason: error.to_string(),
    })
}

/// The version that a tag names; missing numbers are 0.
fn read_version(tag: &str) -> Option<Version> {
    let text = tag.strip_prefix('v').unwrap_or(tag);
    let end = text.find('-').unwrap_or(text.len());
    let (numbers, rest) = text.split_at(end);
    let missing = match numbers.split('.').count() {
        1 => ".0.0",
        2 => ".0",
        _ => "",
    };
    Version::parse(&format!("{numbers}{missing}{rest}")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(range: &str, tag: &str) -> bool {
        range.parse::<SemverRange>().expect(range).is_match(tag)
    }

    #[test]
    fn versions_are_compared_as_numbers() {
        assert!(matches(">=1.4 <2", "v1.10.0") && matches(">= 1.4, < 2", "1.4"));
        assert!(!matches(">=1.4 <2", "2.0.0") && !matches(">=1.4 <2", "1.3.9"));
        assert!(matches("^1.2", "1.9.1") && !matches("^1.2", "2.0.0"));
        assert!(matches("~1.4 || >=3", "1.4.7") && matches("~1.4 || >=3", "3"));
        assert!(matches("1.x", "1.8.2") && matches("*", "v7"));
    }

    #[test]
    fn what_is_no_version_never_matches_and_candidates_only_when_they_are_named() {
        for tag in ["latest", "v", "1.2.3.4", "01.2.3", "1.2.x", "main-1.2.3"] {
            assert!(!matches("*", tag), "{tag}");
        }
        assert!(!matches(">=1", "2.0.0-rc.1"));
        assert!(matches(">=2.0.0-rc.1", "2.0.0-rc.2"));
    }

    #[test]
    fn a_range_that_means_nothing_is_refused() {
        for bad in ["", " ", "1 ||", "a.b", "1.0 - 2.0", ">", "||"] {
            assert!(bad.parse::<SemverRange>().is_err(), "{bad}");
        }
        assert_eq!(
            "1".repeat(300).parse::<SemverRange>(),
            Err(RangeError::TooLong)
        );
    }
}
