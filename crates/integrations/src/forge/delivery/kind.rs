//! Who sends a delivery.

use crate::forge::ForgeKind;
use std::fmt;
use std::str::FromStr;

/// How a delivery is signed and what is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HookKind {
    GitHub,
    GitLab,
    Gitea,
    /// One line in the `post-receive` hook of a plain git server.
    Nudge,
}

impl HookKind {
    /// The word in tables and URLs; plain git is `git`, as its source is.
    pub const fn as_str(self) -> &'static str {
        match self {
            HookKind::GitHub => "github",
            HookKind::GitLab => "gitlab",
            HookKind::Gitea => "gitea",
            HookKind::Nudge => "git",
        }
    }
}

impl From<ForgeKind> for HookKind {
    fn from(kind: ForgeKind) -> HookKind {
        match kind {
            ForgeKind::GitHub => HookKind::GitHub,
            ForgeKind::GitLab => HookKind::GitLab,
            ForgeKind::Gitea => HookKind::Gitea,
        }
    }
}

impl fmt::Display for HookKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for HookKind {
    type Err = crate::forge::UnknownKind;

    fn from_str(text: &str) -> Result<HookKind, Self::Err> {
        match text {
            "git" => Ok(HookKind::Nudge),
            _ => text.parse::<ForgeKind>().map(HookKind::from),
        }
    }
}
