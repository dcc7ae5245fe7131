//! A commit's full name.

use std::{fmt, str::FromStr};

/// The object name of a commit: 40 hexadecimal digits, or 64 in a repository of SHA-256 objects; in lower case.
///
/// Never abbreviated: who shows less cuts it with [`CommitId::short`].
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommitId(Box<str>);

/// The text names no commit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommitError {
    /// Neither 40 nor 64 hexadecimal digits.
    #[error("a commit is named by all of its 40 or 64 hexadecimal digits")]
    Shape,
    /// No 7 to 64 hexadecimal digits.
    #[error("a commit is named by its hexadecimal digits, the first 7 or more")]
    Prefix,
    /// All zeros: how code hosts write "there is none".
    #[error("a commit of zeros stands for no commit")]
    Zero,
}

impl CommitId {
    /// All digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first `digits` digits, all of them when there are fewer.
    pub fn short(&self, digits: usize) -> &str {
        self.0.get(..digits).unwrap_or(&self.0)
    }
}

impl FromStr for CommitId {
    type Err = CommitError;

    fn from_str(text: &str) -> Result<Self, CommitError> {
        let hexadecimal = text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !matches!(text.len(), 40 | 64) || !hexadecimal {
            return Err(CommitError::Shape);
        }
        if text.bytes().all(|byte| byte == b'0') {
            return Err(CommitError::Zero);
        }
        Ok(Self(text.to_ascii_lowercase().into()))
    }
}

impl fmt::Display for CommitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for CommitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The first digits of a commit, as many as people write: 7 or more, in lower case. Which commit it is only its repository knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitPrefix(Box<str>);

impl CommitPrefix {
    /// Fewest digits: git shows as many, and fewer begin several commits of any repository that is not small.
    pub const SHORTEST: usize = 7;

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for CommitPrefix {
    type Err = CommitError;

    fn from_str(text: &str) -> Result<Self, CommitError> {
        let is_long_enough = (Self::SHORTEST..=64).contains(&text.len());
        if !is_long_enough || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(CommitError::Prefix);
        }
        Ok(Self(text.to_ascii_lowercase().into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_is_named_in_full() {
        let text = "0123456789abcdef0123456789abcdef01234567";
        let commit: CommitId = text.to_uppercase().parse().unwrap();
        assert_eq!(commit.as_str(), text);
        assert_eq!(commit.short(8), "01234567");
        assert_eq!(commit.short(64), text);
        for bad in ["", "abc", "--output=x", &text[1..], &text.replace('0', "g")] {
            assert_eq!(bad.parse::<CommitId>(), Err(CommitError::Shape), "{bad}");
        }
        assert_eq!("0".repeat(40).parse::<CommitId>(), Err(CommitError::Zero));
        assert!("1".repeat(64).parse::<CommitId>().is_ok());
    }

    #[test]
    fn a_commit_begins_with_seven_digits_or_more() {
        let prefix: CommitPrefix = "ABCDEF1".parse().unwrap();
        assert_eq!(prefix.as_str(), "abcdef1");
        for bad in ["", "abcdef", "--output", "abcdefg", &"1".repeat(65)] {
            assert_eq!(
                bad.parse::<CommitPrefix>(),
                Err(CommitError::Prefix),
                "{bad}"
            );
        }
    }
}
