//! The name of a repository: path components of lower-case letters, digits and single separators.
//!
//! The grammar is that of the distribution specification ("Pulling manifests"), checked by hand in one pass; a
//! value of this type is therefore safe in paths, scopes, SQL parameters and log lines without escaping.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{fmt, str::FromStr, sync::Arc};

/// A well-formed repository name; cloning it copies a pointer.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RepositoryName(Arc<str>);

/// Why a text is not a repository name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    #[error("a repository name is not empty")]
    Empty,
    #[error(
        "a repository name has at most {} characters, this one has {found}",
        RepositoryName::MAX_LEN
    )]
    TooLong { found: usize },
    #[error("a repository name has no empty component: no slash at an end, no two in a row")]
    EmptyComponent,
    #[error(
        "a repository name has only a-z, 0-9 and the separators . _ - / (offending byte at offset {offset})"
    )]
    Character { offset: usize },
    #[error(
        "each component of a repository name begins and ends with a letter or digit, with ., _, __ or dashes between (offset {offset})"
    )]
    Separator { offset: usize },
}

impl RepositoryName {
    /// What clients accept as a name with its host; a longer one could be pushed but not pulled.
    pub const MAX_LEN: usize = 255;

    /// The namespace of names without a slash.
    pub const DEFAULT_NAMESPACE: &'static str = "library";

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first component, or `library` when there is only one.
    pub fn namespace(&self) -> &str {
        match self.0.split_once('/') {
            Some((first, _)) => first,
            None => Self::DEFAULT_NAMESPACE,
        }
    }

    /// The components from left to right.
    pub fn components(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.split('/')
    }
}

/// `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*`
fn check_name(text: &str) -> Result<(), NameError> {
    if text.is_empty() {
        return Err(NameError::Empty);
    }
    if text.len() > RepositoryName::MAX_LEN {
        return Err(NameError::TooLong {
            found: text.chars().count(),
        });
    }
    let bytes = text.as_bytes();
    let mut at_start = true;
    let mut offset = 0;
    while offset < bytes.len() {
        match bytes[offset] {
            b'a'..=b'z' | b'0'..=b'9' => {
                at_start = false;
                offset += 1;
            }
            b'/' if at_start => return Err(NameError::EmptyComponent),
            b'/' => {
                at_start = true;
                offset += 1;
            }
            byte @ (b'.' | b'_' | b'-') => {
                let run = bytes[offset..].iter().take_while(|b| **b == byte).count();
                let longest = match byte {
                    b'.' => 1,
                    b'_' => 2,
                    _ => usize::MAX,
                };
                let followed = bytes
                    .get(offset + run)
                    .is_some_and(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9'));
                if at_start || run > longest || !followed {
                    return Err(NameError::Separator { offset });
                }
                offset += run;
            }
            _ => return Err(NameError::Character { offset }),
        }
    }
    if at_start {
        return Err(NameError::EmptyComponent);
    }
    Ok(())
}

impl FromStr for RepositoryName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<RepositoryName, NameError> {
        check_name(text)?;
        Ok(RepositoryName(Arc::from(text)))
    }
}

impl AsRef<str> for RepositoryName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// Lets a map keyed by names be asked with a plain text.
impl std::borrow::Borrow<str> for RepositoryName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RepositoryName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for RepositoryName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl Serialize for RepositoryName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for RepositoryName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<RepositoryName, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(text: &str) -> Result<RepositoryName, NameError> {
        text.parse()
    }

    #[test]
    fn names_of_the_grammar_are_taken_with_their_namespace() {
        let longest = format!("n/{}", "a".repeat(253));
        for (text, namespace) in [
            ("a", "library"),
            ("library", "library"),
            ("library/nginx", "library"),
            ("0/1/2/3/4/5/6", "0"),
            ("blobs/uploads/tags/list/manifests", "blobs"),
            ("a.b_c__d-e---f", "library"),
            ("acme.corp/web", "acme.corp"),
            (&longest, "n"),
        ] {
            let name = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!((name.as_str(), name.namespace()), (text, namespace));
            assert_eq!(name.components().collect::<Vec<_>>().join("/"), text);
        }
    }

    #[test]
    fn other_texts_are_refused_with_the_reason_and_the_place() {
        let too_long = "a".repeat(256);
        for (text, expected) in [
            ("", NameError::Empty),
            (&too_long, NameError::TooLong { found: 256 }),
            ("/", NameError::EmptyComponent),
            ("/a", NameError::EmptyComponent),
            ("a/", NameError::EmptyComponent),
            ("a//b", NameError::EmptyComponent),
            ("A", NameError::Character { offset: 0 }),
            ("a/bC", NameError::Character { offset: 3 }),
            ("a:b", NameError::Character { offset: 1 }),
            ("a\0", NameError::Character { offset: 1 }),
            ("é", NameError::Character { offset: 0 }),
            ("a b", NameError::Character { offset: 1 }),
            ("a\n", NameError::Character { offset: 1 }),
            ("_catalog", NameError::Separator { offset: 0 }),
            (".", NameError::Separator { offset: 0 }),
            ("..", NameError::Separator { offset: 0 }),
            ("a/../b", NameError::Separator { offset: 2 }),
            ("a..b", NameError::Separator { offset: 1 }),
            ("a___b", NameError::Separator { offset: 1 }),
            ("a._b", NameError::Separator { offset: 1 }),
            ("a-_b", NameError::Separator { offset: 1 }),
            ("a-", NameError::Separator { offset: 1 }),
            ("a./b", NameError::Separator { offset: 1 }),
            ("a/-b", NameError::Separator { offset: 2 }),
        ] {
            assert_eq!(parse(text), Err(expected), "{text:?}");
        }
    }

    #[test]
    fn json_cannot_smuggle_a_name_in() {
        let name: RepositoryName = serde_json::from_str("\"a\\u002fb\"").expect("a name");
        assert_eq!(name.as_str(), "a/b");
        assert!(serde_json::from_str::<RepositoryName>("\"../a\"").is_err());
    }

    /// Another reading of the grammar, component by component instead of byte by byte.
    fn is_name(text: &str) -> bool {
        let is_word = |word: &str| {
            !word.is_empty() && word.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9'))
        };
        let is_component = |component: &str| {
            let separator = |c: char| matches!(c, '.' | '_' | '-');
            let words: Vec<&str> = component
                .split(separator)
                .filter(|w| !w.is_empty())
                .collect();
            let Some((first, others)) = words.split_first() else {
                return false;
            };
            let Some(mut rest) = component.strip_prefix(first) else {
                return false;
            };
            for word in others {
                let Some(at) = rest.find(word) else {
                    return false;
                };
                let gap = &rest[..at];
                if !matches!(gap, "." | "_" | "__") && !gap.bytes().all(|b| b == b'-') {
                    return false;
                }
                rest = &rest[at + word.len()..];
            }
            rest.is_empty() && words.iter().all(|word| is_word(word))
        };
        text.len() <= RepositoryName::MAX_LEN && text.split('/').all(is_component)
    }

    proptest! {
        #[test]
        fn both_readings_of_the_grammar_agree(text in "[a1._/-]{0,12}|[a-z0-9]{1,3}([._-]{1,4}[a-z]{0,2}/?){0,5}|\\PC{0,9}") {
            prop_assert_eq!(parse(&text).is_ok(), is_name(&text), "{:?}", text);
        }
    }
}
