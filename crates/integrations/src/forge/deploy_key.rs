//! Keys that read one repository over ssh.

/// A key that a repository accepts, for reading only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeployKey {
    pub id: String,
    pub title: String,
    /// The public part, as the host gives it back (often without the comment).
    pub public_key: String,
    /// wharf adds none that may write; others may have.
    pub may_write: bool,
}
