//! Branches, tags and commits.

use url::Url;
use wharf_model::Timestamp;
use wharf_model::builds::CommitId;

/// A branch, by its name without `refs/heads/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branch {
    pub name: String,
    pub commit: CommitId,
}

/// A tag, by its name without `refs/tags/`, and the commit it leads to (not the tag object).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    pub name: String,
    pub commit: CommitId,
}

/// What is told of a commit. Names and texts are whatever somebody wrote into it: they prove nothing about who that was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    pub id: CommitId,
    pub author: Option<String>,
    pub author_email: Option<String>,
    pub message: String,
    /// When it was committed.
    pub time: Option<Timestamp>,
    pub web_url: Option<Url>,
}

/// Whether a branch or tag of the repository itself leads to a commit. Code hosts serve commits of forks under the
/// names of the original, so that a commit exists says nothing about whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reachability {
    Reachable,
    /// No branch and no tag leads there, or there is no such commit.
    Unreachable,
    /// The host cannot tell, or only after more questions than are asked here.
    Unknown,
}
