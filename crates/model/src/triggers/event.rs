//! What happened, as triggers hear of it.

use crate::{
    EventId, Timestamp,
    builds::{CommitId, RefName},
};
use std::{fmt, str::FromStr};
use wharf_oci::{Digest, RepositoryName, Tag};

/// What a trigger can listen to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EventKind {
    /// A tag that was not there names something.
    TagCreated,
    /// A tag names another digest. The same digest again is no event.
    TagChanged,
    /// A tag is gone.
    TagDeleted,
    /// A worker took a build.
    BuildStarted,
    /// A build set its tags.
    BuildSucceeded,
    /// A build failed.
    BuildFailed,
}

impl EventKind {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::TagCreated,
        Self::TagChanged,
        Self::TagDeleted,
        Self::BuildStarted,
        Self::BuildSucceeded,
        Self::BuildFailed,
    ];

    /// The word in the API, on the command line and in payloads.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TagCreated => "tag_created",
            Self::TagChanged => "tag_changed",
            Self::TagDeleted => "tag_deleted",
            Self::BuildStarted => "build_started",
            Self::BuildSucceeded => "build_succeeded",
            Self::BuildFailed => "build_failed",
        }
    }

    /// Whether it is about a build and not about one tag: conditions about tags do not apply.
    pub fn is_build(self) -> bool {
        matches!(
            self,
            Self::BuildStarted | Self::BuildSucceeded | Self::BuildFailed
        )
    }
}

impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for EventKind {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or(())
    }
}

/// One event with everything that a payload, a message or a template may say about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventFacts {
    /// The event.
    pub event: EventId,
    /// What happened.
    pub kind: EventKind,
    /// When.
    pub at: Timestamp,
    /// Who made it happen: a user's or robot's name, `build:12`.
    pub actor: String,
    /// The registry as clients name it: `registry.example:5000`.
    pub host: String,
    /// The server's own address, without `/` at the end: `https://registry.example:5000`.
    pub server_url: String,
    /// The repository.
    pub repository: RepositoryName,
    /// Whether anybody may pull it.
    pub is_public: bool,
    /// The tag; none for events of builds.
    pub tag: Option<Tag>,
    /// What the tag names; what it named, when it was deleted; the image of a build that succeeded.
    pub digest: Option<Digest>,
    /// What the tag named before.
    pub previous_digest: Option<Digest>,
    /// The build: of events about builds, and of tags that a build set.
    pub build: Option<BuildFacts>,
    /// Whether somebody ran the trigger by hand.
    pub is_by_hand: bool,
}

/// What is said about a build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildFacts {
    /// Its number in its repository.
    pub number: i64,
    /// The rule that wanted it.
    pub rule: Option<String>,
    /// The branch or tag it was built from.
    pub reference: Option<RefName>,
    /// The commit it was built from.
    pub commit: Option<CommitId>,
    /// The tags it sets or has set.
    pub tags: Vec<Tag>,
    /// Why it failed, as a word (`step_failed`).
    pub reason: Option<String>,
}

impl EventFacts {
    /// `registry.example:5000/team/app`.
    pub fn image(&self) -> String {
        format!("{}/{}", self.host, self.repository)
    }

    /// `registry.example:5000/team/app:v1@sha256:…`, with as much as the event knows.
    pub fn reference(&self) -> String {
        let mut text = self.image();
        if let Some(tag) = &self.tag {
            text = format!("{text}:{tag}");
        }
        if let Some(digest) = &self.digest {
            text = format!("{text}@{digest}");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_survive_their_words() {
        for kind in EventKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(kind));
        }
        assert_eq!("tag".parse::<EventKind>(), Err(()));
    }
}
