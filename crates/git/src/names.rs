//! Names within a repository: commits and refs, in the only forms that are ever given to git.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::GitError;

/// The name of an object: 40 hexadecimal digits (SHA-1) or 64 (SHA-256), lower case. Abbreviations are none.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ObjectId(String);

impl ObjectId {
    /// All digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// How a repository names its objects (gitformat-hash-function-transition(5)). It is one or the other for all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ObjectFormat {
    Sha1,
    Sha256,
}

impl ObjectFormat {
    /// The lines of a repository's configuration that say so.
    pub(crate) fn settings(self) -> &'static str {
        match self {
            Self::Sha1 => "[core]\n\trepositoryformatversion = 0\n",
            Self::Sha256 => {
                "[extensions]\n\tobjectFormat = sha256\n[core]\n\trepositoryformatversion = 1\n"
            }
        }
    }
}

impl ObjectId {
    /// The format of the repository that it is in.
    pub(crate) fn format(&self) -> ObjectFormat {
        match self.0.len() {
            64 => ObjectFormat::Sha256,
            _ => ObjectFormat::Sha1,
        }
    }
}

impl FromStr for ObjectId {
    type Err = GitError;

    /// # Errors
    /// [`GitError::Name`] for anything but 40 or 64 hexadecimal digits.
    fn from_str(text: &str) -> Result<Self, GitError> {
        let is_whole = matches!(text.len(), 40 | 64);
        if is_whole && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Ok(Self(text.to_ascii_lowercase()));
        }
        Err(GitError::Name {
            text: show(text),
            reason: "a commit is written with all its 40 (or 64) hexadecimal digits",
        })
    }
}

/// The first digits of the name of an object, lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectPrefix(String);

impl ObjectPrefix {
    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ObjectPrefix {
    type Err = GitError;

    /// # Errors
    /// [`GitError::Name`] for anything but 4 (git's own bound) to 64 hexadecimal digits.
    fn from_str(text: &str) -> Result<Self, GitError> {
        if (4..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Ok(Self(text.to_ascii_lowercase()));
        }
        Err(GitError::Name {
            text: show(text),
            reason: "a commit begins with 4 hexadecimal digits or more",
        })
    }
}

/// The name of a ref: `refs/heads/main`, `refs/tags/v1`, `HEAD`, or a short name that the remote completes.
///
/// Valid by git-check-ref-format(1), so it is never an option (`-…`), a refspec (`:`, `+`, `^`), or a path (`..`).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RefName(String);

/// The longest name. Files of refs have such names, and no file name is longer; a smaller one would refuse real branches.
const LONGEST: usize = 255;

impl RefName {
    /// What the remote's `HEAD` points to.
    pub fn head() -> Self {
        Self("HEAD".to_owned())
    }

    /// `refs/heads/NAME`.
    ///
    /// # Errors
    /// [`GitError::Name`] when git has no such names.
    pub fn branch(name: &str) -> Result<Self, GitError> {
        format!("refs/heads/{name}").parse()
    }

    /// `refs/tags/NAME`.
    ///
    /// # Errors
    /// [`GitError::Name`] when git has no such names.
    pub fn tag(name: &str) -> Result<Self, GitError> {
        format!("refs/tags/{name}").parse()
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The branch that this is.
    pub fn branch_name(&self) -> Option<&str> {
        self.0.strip_prefix("refs/heads/")
    }

    /// The tag that this is.
    pub fn tag_name(&self) -> Option<&str> {
        self.0.strip_prefix("refs/tags/")
    }
}

impl FromStr for RefName {
    type Err = GitError;

    /// # Errors
    /// [`GitError::Name`] for what git-check-ref-format(1) refuses, and for names that begin with `-`.
    fn from_str(text: &str) -> Result<Self, GitError> {
        match find_fault(text) {
            None => Ok(Self(text.to_owned())),
            Some(reason) => Err(GitError::Name {
                text: show(text),
                reason,
            }),
        }
    }
}

/// The rules of git-check-ref-format(1), in its order.
fn find_fault(text: &str) -> Option<&'static str> {
    let is_bad = |part: &str| part.starts_with('.') || part.ends_with(".lock");
    let is_forbidden = |letter: char| {
        letter.is_control() || matches!(letter, ' ' | '~' | '^' | ':' | '?' | '*' | '[' | '\\')
    };
    if text.is_empty() || text == "@" || text.len() > LONGEST {
        return Some("it is no name of a branch or tag");
    }
    if text.starts_with(['-', '+']) || text.split('/').any(|part| part.starts_with('-')) {
        return Some("a name of a branch or tag does not begin with - or +");
    }
    if text.split('/').any(|part| part.is_empty() || is_bad(part)) || text.ends_with('.') {
        return Some(
            "parts between slashes are not empty, begin with no dot and end with no .lock",
        );
    }
    if text.contains("..") || text.contains("@{") || text.contains(is_forbidden) {
        return Some(
            "names of branches and tags have no spaces, control characters, .., @{ or ~^:?*[\\",
        );
    }
    None
}

/// A text for a message: short, and without control characters.
pub(crate) fn show(text: &str) -> String {
    text.chars()
        .take(200)
        .flat_map(|letter| match letter.is_control() {
            true => letter.escape_default().collect::<Vec<_>>(),
            false => vec![letter],
        })
        .collect()
}

macro_rules! written_as_text {
    ($name:ident) => {
        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = GitError;

            fn try_from(text: String) -> Result<Self, GitError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }
    };
}

written_as_text!(ObjectId);
written_as_text!(RefName);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_git_has_are_taken_as_they_are() {
        for text in [
            "HEAD",
            "main",
            "refs/heads/feature/x-1",
            "refs/tags/v1.0.0",
            "refs/heads/ünï",
            "refs/heads/a@b",
            "refs/heads/日本",
            "refs/heads/a.b",
        ] {
            assert_eq!(text.parse::<RefName>().expect(text).as_str(), text);
        }
    }

    #[test]
    fn c15_names_that_are_options_refspecs_or_paths_are_refused() {
        for text in [
            "",
            "@",
            "-x",
            "--output=x",
            "--upload-pack=touch /tmp/x",
            "refs/heads/-x",
            "+main",
            "a:b",
            "^main",
            "a..b",
            "../a",
            "a/../b",
            "a\nb",
            "a b",
            "a\0b",
            "a\x7f",
            "a~1",
            "a^{}",
            "main@{1}",
            "a*",
            "a?",
            "a[b",
            "a\\b",
            "/a",
            "a/",
            "a//b",
            ".a",
            "a/.b",
            "a.lock",
            "a.lock/b",
            "a.",
            &"a".repeat(256),
        ] {
            assert!(text.parse::<RefName>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn commits_are_whole_and_lower_case() {
        let upper = "A".repeat(40);
        let id: ObjectId = upper.parse().unwrap();
        assert_eq!(id.as_str(), "a".repeat(40));
        assert!("b".repeat(64).parse::<ObjectId>().is_ok());
        for text in ["", "abc1234", &"g".repeat(40), &"a".repeat(41), "--x"] {
            assert!(text.parse::<ObjectId>().is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_shown_has_no_control_characters() {
        assert_eq!(show("a\nb\x1b"), "a\\nb\\u{1b}");
    }
}
