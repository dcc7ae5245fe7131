//! Names of triggers.

use std::{fmt, str::FromStr, sync::Arc};

/// Fewest characters: one letter says nothing in a log.
const SHORTEST: usize = 2;

/// Most characters: a column of a list has room for them.
const LONGEST: usize = 64;

/// A trigger's name: 2 to 64 of `a-z A-Z 0-9 _ -`, a letter first.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TriggerName(Arc<str>);

/// The text is no name of a trigger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a trigger's name has {SHORTEST} to {LONGEST} letters, digits, `_` or `-`, and begins with a letter"
)]
pub struct TriggerNameError;

impl TriggerName {
    /// The name as given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TriggerName {
    type Err = TriggerNameError;

    fn from_str(text: &str) -> Result<Self, TriggerNameError> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        let fits = (SHORTEST..=LONGEST).contains(&text.len());
        let begins = text.starts_with(|first: char| first.is_ascii_alphabetic());
        match fits && begins && text.bytes().all(is_plain) {
            true => Ok(Self(text.into())),
            false => Err(TriggerNameError),
        }
    }
}

impl fmt::Display for TriggerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for TriggerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_is_first_and_two_are_needed() {
        for good in ["ab", "Deploy_to-prod2", &"a".repeat(64)] {
            assert!(good.parse::<TriggerName>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "a",
            "1a",
            "-a",
            "_a",
            "a b",
            "a/b",
            "aé",
            &"a".repeat(65),
        ] {
            assert!(bad.parse::<TriggerName>().is_err(), "{bad}");
        }
    }
}
