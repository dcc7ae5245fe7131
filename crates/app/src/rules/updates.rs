//! What others tell about refs, before anything is decided.

use wharf_model::{
    BuildId,
    builds::{CommitId, RefName},
};

/// An update of a ref as a webhook tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportedUpdate {
    /// Which ref.
    pub reference: RefName,
    /// What it named before; none when it is new.
    pub old: Option<CommitId>,
    /// What it names now: of an annotated tag the tag object. None when it was deleted.
    pub new: Option<CommitId>,
    /// The commit behind an annotated tag, where the report says it; of a branch nobody needs to say it.
    pub commit: Option<CommitId>,
    /// The head commit's message, where the report says it.
    pub message: Option<String>,
    /// The head commit's author, where the report says it.
    pub author: Option<String>,
}

impl ReportedUpdate {
    /// The commit that the ref leads to now, as far as the report tells.
    pub(super) fn find_commit(&self) -> Option<&CommitId> {
        match self.reference.kind() {
            wharf_model::builds::RefKind::Branch => self.new.as_ref(),
            wharf_model::builds::RefKind::Tag => self.commit.as_ref(),
        }
    }
}

/// What became of reported updates.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PushOutcome {
    /// Builds that were queued.
    pub builds: Vec<BuildId>,
    /// Decisions that were recorded, those builds included.
    pub decided: usize,
    /// Rules that were asked.
    pub rules: usize,
}

impl PushOutcome {
    pub(super) fn add(&mut self, other: Self) {
        self.builds.extend(other.builds);
        self.decided += other.decided;
        self.rules = self.rules.max(other.rules);
    }
}

/// A ref as its host tells it now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteRef {
    /// The ref.
    pub reference: RefName,
    /// What it names: of an annotated tag the tag object.
    pub object: CommitId,
    /// The commit that it leads to.
    pub commit: CommitId,
}
