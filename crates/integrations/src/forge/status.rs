//! What is said about a commit on its code host.

use url::Url;

/// How a build stands, in the words that all hosts know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StatusState {
    /// Queued or running.
    Pending,
    Success,
    /// The build itself failed.
    Failure,
    /// Wharf or its machine failed: the commit may be fine.
    Error,
    /// Nobody wants it any more: canceled, or superseded by a newer commit.
    Canceled,
}

/// One line beside a commit. A later one of the same context replaces it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitStatus {
    pub state: StatusState,
    /// `wharf/NAMESPACE/REPOSITORY`: what tells several builds of one commit apart.
    pub context: String,
    /// Where to read more.
    pub target_url: Option<Url>,
    /// One short sentence; it is cut to what the host takes.
    pub description: String,
}

impl CommitStatus {
    /// The sentence, cut to as many characters as a host takes.
    pub(crate) fn describe(&self, most_characters: usize) -> String {
        self.description.chars().take(most_characters).collect()
    }
}
