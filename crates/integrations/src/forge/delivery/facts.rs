//! What a delivery says.

use crate::forge::{Commit, RepositoryPath};
use std::fmt;
use url::Url;
use wharf_model::builds::{CommitId, RefName, RefUpdate};

/// One verified delivery, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// What the host calls this delivery; the same when it sends it again. `None` for a nudge, which is never the same.
    /// Only GitLab's signing tokens sign it: elsewhere it recognizes repetitions, it does not prove that there are none.
    pub id: Option<String>,
    /// The host's word for the event.
    pub event: String,
    /// Whose event it is; `None` where it is not said.
    pub repository: Option<DeliveredRepository>,
    pub content: DeliveryContent,
}

/// A repository as a payload names it. The id is what to compare: paths change.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DeliveredRepository {
    pub id: Option<String>,
    pub path: Option<RepositoryPath>,
    pub web_url: Option<Url>,
    pub clone_url: Option<Url>,
    pub ssh_url: Option<String>,
    pub default_branch: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeliveryContent {
    /// Branches and tags that moved, at least one.
    RefUpdates(Vec<PushedRef>),
    /// Something changed; what, is to be seen at the repository itself.
    Nudge,
    /// The host tries the webhook.
    Ping,
    /// Nothing that starts anything; it is answered 200.
    Ignored(IgnoredReason),
}

/// One branch or tag that was made, moved or removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushedRef {
    pub reference: RefName,
    /// What it pointed at; `None` when it was made now, or when the host does not say.
    pub before: Option<CommitId>,
    /// What it points at, for an annotated tag the tag object; `None` when it was removed.
    pub after: Option<CommitId>,
    /// The commit that `after` leads to, where the host says.
    pub commit: Option<CommitId>,
    /// Whether history was rewritten, where the host says.
    pub is_forced: Option<bool>,
    /// What the payload tells of that commit.
    pub head: Option<Commit>,
    /// How many commits came with the push, of which the payload may list fewer.
    pub commit_count: Option<u64>,
    /// Who pushed, by login name.
    pub pusher: Option<String>,
}

impl PushedRef {
    pub fn is_deletion(&self) -> bool {
        self.after.is_none()
    }

    /// The same in the words of the rules. `new` is the commit where the host names it; of an annotated tag it may be
    /// the tag object otherwise.
    pub fn as_update(&self) -> RefUpdate {
        RefUpdate {
            reference: self.reference.clone(),
            old: self.before.clone(),
            new: self
                .after
                .as_ref()
                .map(|after| self.commit.as_ref().unwrap_or(after).clone()),
        }
    }
}

/// Why a delivery starts nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IgnoredReason {
    /// Pull or merge requests, and what happens in them.
    PullRequest,
    /// Comments of any kind.
    Comment,
    Fork,
    /// The push event says the same, with the commit.
    SaidByPush,
    /// The ref is neither a branch nor a tag, or of a name that git does not allow.
    NeitherBranchNorTag,
    /// Any other event, by the host's word.
    Event(String),
}

impl fmt::Display for IgnoredReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            IgnoredReason::PullRequest => f.write_str("pull requests start nothing"),
            IgnoredReason::Comment => f.write_str("comments start nothing"),
            IgnoredReason::Fork => f.write_str("forks start nothing"),
            IgnoredReason::SaidByPush => f.write_str("the push event says the same"),
            IgnoredReason::NeitherBranchNorTag => {
                f.write_str("the ref is neither a branch nor a tag")
            }
            IgnoredReason::Event(word) => write!(f, "{word} starts nothing"),
        }
    }
}
