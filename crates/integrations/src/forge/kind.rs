//! Which product a code host is.

use std::fmt;
use std::str::FromStr;

/// The products that are spoken to. Forgejo speaks Gitea's language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ForgeKind {
    GitHub,
    GitLab,
    Gitea,
}

impl ForgeKind {
    /// The word in tables, URLs and on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            ForgeKind::GitHub => "github",
            ForgeKind::GitLab => "gitlab",
            ForgeKind::Gitea => "gitea",
        }
    }

    /// The name as its makers write it.
    pub const fn name(self) -> &'static str {
        match self {
            ForgeKind::GitHub => "GitHub",
            ForgeKind::GitLab => "GitLab",
            ForgeKind::Gitea => "Gitea",
        }
    }
}

impl fmt::Display for ForgeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ForgeKind {
    type Err = UnknownKind;

    fn from_str(text: &str) -> Result<ForgeKind, UnknownKind> {
        match text {
            "github" => Ok(ForgeKind::GitHub),
            "gitlab" => Ok(ForgeKind::GitLab),
            "gitea" => Ok(ForgeKind::Gitea),
            _ => Err(UnknownKind(text.to_owned())),
        }
    }
}

/// The text names no code host's product.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is none of github, gitlab and gitea")]
pub struct UnknownKind(String);
