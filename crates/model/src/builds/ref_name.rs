//! Names of branches and tags.

use std::{fmt, str::FromStr};

/// Whether a ref is a branch or a tag. Nothing else starts a build.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RefKind {
    /// `refs/heads/…`.
    Branch,
    /// `refs/tags/…`.
    Tag,
}

impl RefKind {
    /// The word for it in the API and in rows.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Branch => "branch",
            Self::Tag => "tag",
        }
    }

    fn prefix(self) -> &'static str {
        match self {
            Self::Branch => "refs/heads/",
            Self::Tag => "refs/tags/",
        }
    }
}

impl fmt::Display for RefKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for RefKind {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "branch" => Ok(Self::Branch),
            "tag" => Ok(Self::Tag),
            _ => Err(()),
        }
    }
}

/// A branch or a tag, well formed as git-check-ref-format(1) has it. Its text form is the full name: `refs/heads/main`.
///
/// It neither begins with a dash nor holds a line break, so it can stand in an argument list after `--`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RefName {
    full: Box<str>,
    kind: RefKind,
}

/// Why a text names no branch and no tag.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RefError {
    /// Pull requests, notes, `HEAD`: nothing that is built.
    #[error("a ref is a branch (`refs/heads/…`) or a tag (`refs/tags/…`)")]
    Kind,
    /// Against git-check-ref-format(1).
    #[error("git allows no branch or tag of this name")]
    Shape,
    /// Longer than [`RefName::MAX_LEN`].
    #[error("a ref has at most {} bytes", RefName::MAX_LEN)]
    TooLong,
}

impl RefName {
    /// Longest full name, in bytes. Hosts and file systems stop near 255; longer ones would only fill rows and logs.
    pub const MAX_LEN: usize = 1024;

    /// The branch called `name`, without `refs/heads/`.
    pub fn branch(name: &str) -> Result<Self, RefError> {
        Self::of_kind(RefKind::Branch, name)
    }

    /// The tag called `name`, without `refs/tags/`.
    pub fn tag(name: &str) -> Result<Self, RefError> {
        Self::of_kind(RefKind::Tag, name)
    }

    /// The branch or tag called `name`.
    pub fn of_kind(kind: RefKind, name: &str) -> Result<Self, RefError> {
        let full = format!("{}{name}", kind.prefix());
        if full.len() > Self::MAX_LEN {
            return Err(RefError::TooLong);
        }
        check_shape(name)?;
        Ok(Self {
            full: full.into(),
            kind,
        })
    }

    /// Whether it is a branch or a tag.
    pub fn kind(&self) -> RefKind {
        self.kind
    }

    /// The full name, `refs/heads/main`.
    pub fn as_str(&self) -> &str {
        &self.full
    }

    /// The name as people say it: `main`, `v1.2`, `feature/login`.
    pub fn short(&self) -> &str {
        &self.full[self.kind.prefix().len()..]
    }
}

/// The rules of git-check-ref-format(1), on a name without its `refs/heads/` or `refs/tags/`.
fn check_shape(name: &str) -> Result<(), RefError> {
    let forbidden = |byte: u8| {
        byte.is_ascii_control()
            || matches!(byte, b' ' | b'~' | b'^' | b':' | b'?' | b'*' | b'[' | b'\\')
    };
    let component = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && !part.ends_with('.')
            && !part.ends_with(".lock")
    };
    // `git branch` and `git tag` make no name with a dash in front, because it would read as an option.
    let legal = !name.starts_with('-')
        && !name.bytes().any(forbidden)
        && !name.contains("..")
        && !name.contains("@{")
        && name.split('/').all(component);
    if legal { Ok(()) } else { Err(RefError::Shape) }
}

impl FromStr for RefName {
    type Err = RefError;

    fn from_str(text: &str) -> Result<Self, RefError> {
        for kind in [RefKind::Branch, RefKind::Tag] {
            if let Some(name) = text.strip_prefix(kind.prefix()) {
                return Self::of_kind(kind, name);
            }
        }
        Err(RefError::Kind)
    }
}

impl fmt::Display for RefName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.full)
    }
}

impl fmt::Debug for RefName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.full, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn branches_and_tags_keep_their_names() {
        let branch: RefName = "refs/heads/feature/login".parse().unwrap();
        assert_eq!(
            (branch.kind(), branch.short()),
            (RefKind::Branch, "feature/login")
        );
        assert_eq!(branch.to_string(), "refs/heads/feature/login");
        assert_eq!(RefName::tag("v1.0").unwrap().as_str(), "refs/tags/v1.0");
        assert!(RefName::branch("@").is_ok() && RefName::branch("日本/a+b=c").is_ok());
    }

    #[test]
    fn what_git_allows_no_ref_to_be_called_is_refused() {
        for name in [
            "",
            "/",
            "a//b",
            "/a",
            "a/",
            ".a",
            "a/.b",
            "a.",
            "a./b",
            "a.lock",
            "a.lock/b",
            "a..b",
            "a b",
            "a~1",
            "a^",
            "a:b",
            "a?",
            "a*",
            "a[b",
            "a\\b",
            "a@{1}",
            "a\nb",
            "a\rb",
            "a\0b",
            "a\x7f",
            "--output=x",
            "-a",
        ] {
            assert_eq!(RefName::branch(name), Err(RefError::Shape), "{name:?}");
        }
        assert_eq!(RefName::tag(&"a".repeat(1100)), Err(RefError::TooLong));
    }

    #[test]
    fn only_branches_and_tags_are_refs_that_are_built() {
        for text in [
            "HEAD",
            "main",
            "refs/pull/1/head",
            "refs/notes/x",
            "--upload-pack=x",
            "refs/heads",
        ] {
            assert_eq!(text.parse::<RefName>(), Err(RefError::Kind), "{text}");
        }
    }
}
