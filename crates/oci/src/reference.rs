//! How a manifest is asked for: by tag or by digest.

use crate::{Digest, DigestError, Tag, TagError};
use std::{fmt, str::FromStr};

/// The last path segment of a manifest request (distribution-spec `<tag-or-digest>`).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Reference {
    Tag(Tag),
    Digest(Digest),
}

/// Why a text is no reference: a text with a colon can only be meant as a digest, every other only as a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReferenceError {
    #[error(transparent)]
    Tag(#[from] TagError),
    #[error(transparent)]
    Digest(#[from] DigestError),
}

impl Reference {
    pub fn tag(&self) -> Option<&Tag> {
        match self {
            Reference::Tag(tag) => Some(tag),
            Reference::Digest(_) => None,
        }
    }

    pub fn digest(&self) -> Option<Digest> {
        match self {
            Reference::Tag(_) => None,
            Reference::Digest(digest) => Some(*digest),
        }
    }
}

impl FromStr for Reference {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Reference, ReferenceError> {
        if text.contains(':') {
            Ok(Reference::Digest(text.parse()?))
        } else {
            Ok(Reference::Tag(text.parse()?))
        }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reference::Tag(tag) => tag.fmt(f),
            Reference::Digest(digest) => digest.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colon_tells_a_digest_from_a_tag() {
        let digest = Digest::of(crate::Algorithm::Sha256, b"");
        let parsed: Reference = digest.to_string().parse().expect("a digest");
        assert_eq!((parsed.digest(), parsed.tag()), (Some(digest), None));
        let parsed: Reference = "sha256".parse().expect("a tag");
        assert_eq!(
            (parsed.digest(), parsed.to_string()),
            (None, "sha256".to_owned())
        );
        assert_eq!(
            "a:b".parse::<Reference>(),
            Err(DigestError::Algorithm.into())
        );
        assert_eq!(
            ".a".parse::<Reference>(),
            Err(TagError::FirstCharacter.into())
        );
    }
}
