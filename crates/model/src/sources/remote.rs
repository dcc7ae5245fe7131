//! How a repository is called on its code host.

use std::{fmt, str::FromStr, sync::Arc};

/// Longest path: GitLab nests groups twenty deep, each with a name of 255 characters, but no URL of it would be taken.
const MAX_LENGTH: usize = 1024;

/// Why a text is no path of a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RemoteError {
    /// Nothing, or too much.
    #[error("a repository's path has 1 to {MAX_LENGTH} characters")]
    Length,
    /// A character or segment that a host does not give out, or that git would read as something else.
    #[error("a repository's path is names with a slash between them")]
    Form,
}

/// `owner/name`, or with groups in between, as the host's own URLs have it and without `.git`; for plain git the path on
/// the server as it is written. Never begins with a slash. Cloning copies a pointer.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RemotePath(Arc<str>);

impl RemotePath {
    /// The path as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Everything before the last slash: the owner, the group; empty when there is none.
    pub fn group(&self) -> &str {
        self.0.rsplit_once('/').map_or("", |(group, _)| group)
    }

    /// The last segment.
    pub fn name(&self) -> &str {
        self.0.rsplit_once('/').map_or(&*self.0, |(_, name)| name)
    }
}

impl FromStr for RemotePath {
    type Err = RemoteError;

    fn from_str(text: &str) -> Result<Self, RemoteError> {
        let text = text.trim().trim_start_matches('/').trim_end_matches('/');
        if text.is_empty() || text.len() > MAX_LENGTH {
            return Err(RemoteError::Length);
        }
        let is_segment = |segment: &str| {
            !segment.is_empty()
                && segment != "."
                && segment != ".."
                && !segment.starts_with('-')
                && segment.chars().all(|character| {
                    character.is_alphanumeric()
                        || matches!(character, '-' | '_' | '.' | '~' | '+' | '@' | '=')
                })
        };
        if !text.split('/').all(is_segment) {
            return Err(RemoteError::Form);
        }
        Ok(Self(text.into()))
    }
}

impl fmt::Display for RemotePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for RemotePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", &self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_a_group_and_a_name() {
        let nested: RemotePath = "/group/sub/app/".parse().unwrap();
        assert_eq!(
            (nested.as_str(), nested.group(), nested.name()),
            ("group/sub/app", "group/sub", "app")
        );
        let bare: RemotePath = "app.git".parse().unwrap();
        assert_eq!((bare.group(), bare.name()), ("", "app.git"));
    }

    #[test]
    fn what_git_or_a_url_would_read_as_something_else_is_refused() {
        for bad in [
            "",
            "/",
            "a//b",
            "../a",
            "a/..",
            "-x",
            "a/--upload-pack=x",
            "a b",
            "a\nb",
            "a?b",
            "a#b",
            "a:b",
            "a\\b",
            "a%2fb",
        ] {
            assert!(bad.parse::<RemotePath>().is_err(), "{bad:?}");
        }
        assert!("x".repeat(1025).parse::<RemotePath>().is_err());
    }
}
