//! Repositories as a code host knows them.

use super::account::OwnerKind;
use super::error::ForgeError;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::fmt;
use std::str::FromStr;
use url::Url;

/// Everything but what never needs escaping in a path's segment (RFC 3986, unreserved).
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// One segment of a URL's path, which stays in its place.
///
/// # Errors
/// [`ForgeError::Word`] for an empty text, `.` and `..`: they would move the request to another place, and escaping does
/// not help against that (WHATWG URL, "double-dot path segment"). Control characters are refused too.
pub(crate) fn encode_word(text: &str) -> Result<String, ForgeError> {
    if matches!(text, "" | "." | "..") || text.chars().any(char::is_control) || text.len() > 1024 {
        return Err(ForgeError::Word);
    }
    Ok(encode_segment(text))
}

fn encode_segment(text: &str) -> String {
    utf8_percent_encode(text, SEGMENT).to_string()
}

/// `owner/name`, on GitLab also `group/subgroup/…/name`. Nothing in it can climb out of its place in a URL.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RepositoryPath(String);

impl RepositoryPath {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Everything before the last slash.
    pub fn owner(&self) -> &str {
        self.0.rsplit_once('/').map_or("", |(owner, _)| owner)
    }

    /// What follows the last slash.
    pub fn name(&self) -> &str {
        self.0.rsplit_once('/').map_or(&*self.0, |(_, name)| name)
    }

    /// `owner/name` as the two segments that GitHub and Gitea take.
    ///
    /// # Errors
    /// [`ForgeError::RepositoryPath`] when there are more: they would name another place of the API.
    pub(crate) fn as_two_segments(&self) -> Result<String, ForgeError> {
        match self.0.split_once('/') {
            Some((owner, name)) if !name.contains('/') => Ok(format!(
                "{}/{}",
                encode_segment(owner),
                encode_segment(name)
            )),
            _ => Err(ForgeError::RepositoryPath),
        }
    }

    /// The whole as one segment, as GitLab takes it.
    pub(crate) fn as_one_segment(&self) -> String {
        encode_segment(&self.0)
    }
}

impl fmt::Display for RepositoryPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for RepositoryPath {
    type Err = ForgeError;

    /// # Errors
    /// [`ForgeError::RepositoryPath`] when it has fewer than two segments, more than 20 (GitLab nests that deep), more
    /// than 1024 bytes, or a segment that is empty, `.`, `..`, or has control characters.
    fn from_str(text: &str) -> Result<RepositoryPath, ForgeError> {
        let text = text.trim_matches('/');
        let is_segment = |segment: &str| {
            !matches!(segment, "" | "." | "..")
                && !segment.chars().any(|c| c.is_control() || c == '\\')
        };
        let count = text.split('/').count();
        if text.len() > 1024 || !(2..=21).contains(&count) || !text.split('/').all(is_segment) {
            return Err(ForgeError::RepositoryPath);
        }
        Ok(RepositoryPath(text.to_owned()))
    }
}

/// The id that a host gave a repository; it survives renaming and moving.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RemoteId(String);

impl RemoteId {
    /// Any text is an id; it is always sent as one segment.
    pub fn new(text: impl Into<String>) -> RemoteId {
        RemoteId(text.into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RemoteId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A repository on a code host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteRepository {
    pub id: RemoteId,
    pub path: RepositoryPath,
    pub description: Option<String>,
    pub visibility: Visibility,
    /// `None` in an empty repository.
    pub default_branch: Option<String>,
    /// For git over http or https, without any credentials in it.
    pub clone_url: Url,
    /// For git over ssh, as the host writes it (`git@host:path` or `ssh://…`).
    pub ssh_url: Option<String>,
    pub web_url: Option<Url>,
    pub is_archived: bool,
    pub is_fork: bool,
    /// Whether this account may register webhooks and deploy keys there; `None` where the host does not tell.
    pub may_administrate: Option<bool>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Visibility {
    Public,
    /// Private, or visible to signed-in people only.
    Private,
}

/// Which repositories to list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RepositoryQuery {
    /// Whose; all that the account is a member of when there is none.
    pub owner: Option<(OwnerKind, String)>,
    pub visibility: Option<Visibility>,
    /// Part of the name, in any case.
    pub search: Option<String>,
}

impl RepositoryQuery {
    /// Whether a repository is asked for, for hosts that cannot choose by themselves.
    pub(crate) fn matches(&self, repository: &RemoteRepository) -> bool {
        let matches_owner = match &self.owner {
            Some((_, owner)) => repository.path.owner().eq_ignore_ascii_case(owner),
            None => true,
        };
        let matches_search = match &self.search {
            Some(text) => repository
                .path
                .name()
                .to_lowercase()
                .contains(&text.trim().to_lowercase()),
            None => true,
        };
        matches_owner
            && matches_search
            && self
                .visibility
                .is_none_or(|wanted| wanted == repository.visibility)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_cannot_climb_out_of_its_place() {
        for text in [
            "",
            "a",
            "a/..",
            "../a",
            "a//b",
            "a/./b",
            "a/b\n",
            "a\\b/c",
            &"a/".repeat(30),
        ] {
            assert!(text.parse::<RepositoryPath>().is_err(), "{text:?}");
        }
        let path: RepositoryPath = "/grüße/sub grp/app?x#y/".parse().expect("a path");
        assert_eq!((path.owner(), path.name()), ("grüße/sub grp", "app?x#y"));
        assert_eq!(
            path.as_one_segment(),
            "gr%C3%BC%C3%9Fe%2Fsub%20grp%2Fapp%3Fx%23y"
        );
        assert!(path.as_two_segments().is_err());
        let path: RepositoryPath = "a b/c%2e".parse().expect("a path");
        assert_eq!(path.as_two_segments().expect("two"), "a%20b/c%252e");
    }

    #[test]
    fn a_word_stays_one_segment_or_is_refused() {
        assert_eq!(
            encode_word("feature/a b").expect("a word"),
            "feature%2Fa%20b"
        );
        for text in ["", ".", "..", "a\nb", &"a".repeat(2000)] {
            assert!(encode_word(text).is_err(), "{text:?}");
        }
    }
}
