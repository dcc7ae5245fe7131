//! What a repository answered.

use serde::{Deserialize, Serialize};

use crate::host_key::HostKey;
use crate::names::{ObjectId, RefName};

/// A ref, and where it points.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// `refs/heads/…`, `refs/tags/…` or `HEAD`.
    pub name: RefName,
    /// What it points to: a commit, or for an annotated tag the tag's own object.
    pub object: ObjectId,
    /// What an annotated tag stands for.
    pub peeled: Option<ObjectId>,
}

impl Head {
    /// The commit, also behind an annotated tag.
    pub fn commit(&self) -> &ObjectId {
        self.peeled.as_ref().unwrap_or(&self.object)
    }
}

/// Which refs are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefKinds {
    /// `refs/heads/…`.
    Branches,
    /// `refs/tags/…`.
    Tags,
    /// Both.
    BranchesAndTags,
}

/// The refs of a repository, in the remote's order (by name).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    /// All of the wanted kinds.
    pub heads: Vec<Head>,
    /// The ssh server's keys that were seen for the first time; for the caller to keep and show.
    pub learnt: Vec<HostKey>,
}

/// What to fetch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Wanted {
    /// Whatever a ref points to now. A short name is completed by git's rules (gitrevisions(7)): tags before branches.
    Ref(RefName),
    /// One commit. Where the host gives out no bare commits, branches and tags are searched for it.
    Commit(ObjectId),
}

/// How to fetch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FetchOptions {
    /// Fetch submodules too, of any depth, each of them from the same host.
    pub submodules: bool,
    /// Leave the repository's own folder (`.git`) beside the files, with this one commit in it and no credential.
    pub keep_git_directory: bool,
}

/// A commit whose files are there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fetched {
    /// Which one.
    pub commit: ObjectId,
    /// As the commit names it: `Name`.
    pub author: String,
    /// The author's address.
    pub author_email: String,
    /// When it was committed, in seconds since 1970.
    pub committed_at: i64,
    /// The first line of its message.
    pub subject: String,
    /// All of its message, at most 64 KiB.
    pub message: String,
    /// Paths of the submodules whose files are there.
    pub submodules: Vec<String>,
    /// Paths of submodules that were not fetched because nobody asked for them, at most 100.
    pub left_out: Vec<String>,
    /// The ssh server's keys that were seen for the first time.
    pub learnt: Vec<HostKey>,
}
