//! A tag: the human name of a manifest inside one repository.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{fmt, str::FromStr, sync::Arc};

/// A well-formed tag (`[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}`, distribution-spec "Pulling manifests"); cloning it copies
/// a pointer.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tag(Arc<str>);

/// Why a text is not a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TagError {
    #[error("a tag is not empty")]
    Empty,
    #[error("a tag has at most {} characters, this one has {found}", Tag::MAX_LEN)]
    TooLong { found: usize },
    #[error("a tag begins with a letter, a digit or an underscore")]
    FirstCharacter,
    #[error(
        "a tag has only letters, digits, underscores, dots and dashes (offending byte at offset {offset})"
    )]
    Character { offset: usize },
}

impl Tag {
    /// The specification's limit.
    pub const MAX_LEN: usize = 128;

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Tag {
    type Err = TagError;

    fn from_str(text: &str) -> Result<Tag, TagError> {
        let first = *text.as_bytes().first().ok_or(TagError::Empty)?;
        if text.len() > Tag::MAX_LEN {
            return Err(TagError::TooLong {
                found: text.chars().count(),
            });
        }
        if !(first.is_ascii_alphanumeric() || first == b'_') {
            return Err(TagError::FirstCharacter);
        }
        let is_stray =
            |byte: &u8| !(byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'));
        if let Some(offset) = text.as_bytes().iter().position(is_stray) {
            return Err(TagError::Character { offset });
        }
        Ok(Tag(Arc::from(text)))
    }
}

impl AsRef<str> for Tag {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// Lets a map keyed by tags be asked with a plain text.
impl std::borrow::Borrow<str> for Tag {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl Serialize for Tag {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Tag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Tag, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn tags_of_the_grammar_are_taken_and_others_are_not() {
        let longest = "t".repeat(128);
        for text in ["latest", "1", "_", "V1.2-rc_3", "a..b", "a--", &longest] {
            assert_eq!(text.parse::<Tag>().expect(text).as_str(), text);
        }
        let too_long = "t".repeat(129);
        for (text, expected) in [
            ("", TagError::Empty),
            (&*too_long, TagError::TooLong { found: 129 }),
            (".a", TagError::FirstCharacter),
            ("-a", TagError::FirstCharacter),
            ("é", TagError::FirstCharacter),
            ("a/b", TagError::Character { offset: 1 }),
            ("a:b", TagError::Character { offset: 1 }),
            ("ab\n", TagError::Character { offset: 2 }),
            ("a\0", TagError::Character { offset: 1 }),
            ("aé", TagError::Character { offset: 1 }),
        ] {
            assert_eq!(text.parse::<Tag>(), Err(expected), "{text:?}");
        }
    }

    #[test]
    fn json_cannot_smuggle_a_tag_in() {
        assert!(serde_json::from_str::<Tag>("\"v1\"").is_ok());
        assert!(serde_json::from_str::<Tag>("\"../v1\"").is_err());
    }

    proptest! {
        #[test]
        fn every_text_of_the_pattern_is_a_tag(text in "[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}") {
            prop_assert_eq!(text.parse::<Tag>().map(|tag| tag.to_string()), Ok(text));
        }
    }
}
