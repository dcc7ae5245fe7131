//! The kinds of caller.

use crate::rights::Role;

/// Who asks, relative to the namespace that the matrix is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Principal {
    Anonymous,
    /// Signed in, but no member.
    Stranger,
    Reader,
    Developer,
    Maintainer,
    Owner,
    Admin,
    /// A robot of the namespace that carries `pull`.
    PullRobot,
    /// A robot of the namespace that carries `pull` and `push`.
    PushRobot,
    /// A robot of the namespace that carries `pull` and `build:start`.
    BuildRobot,
    /// A robot of the namespace that carries `pull` and `trigger:run`.
    TriggerRobot,
    /// A personal access token of the owner that carries `pull`.
    PullToken,
    /// A personal access token of the owner that carried everything and was deleted.
    RevokedToken,
}

impl Principal {
    /// All of them; those who may least come first, so that what a row consumes is consumed late.
    pub(crate) const ALL: [Self; 13] = [
        Self::RevokedToken,
        Self::Anonymous,
        Self::Stranger,
        Self::PullRobot,
        Self::PullToken,
        Self::Reader,
        Self::PushRobot,
        Self::BuildRobot,
        Self::TriggerRobot,
        Self::Developer,
        Self::Maintainer,
        Self::Owner,
        Self::Admin,
    ];

    /// The role in the namespace; none for who is no member. A robot has its maker's, bounded by what it carries.
    pub(crate) fn role(self) -> Option<Role> {
        match self {
            Self::Anonymous | Self::Stranger | Self::RevokedToken => None,
            Self::Reader => Some(Role::Reader),
            Self::Developer => Some(Role::Developer),
            Self::Maintainer => Some(Role::Maintainer),
            Self::Owner | Self::PullToken => Some(Role::Owner),
            Self::Admin
            | Self::PullRobot
            | Self::PushRobot
            | Self::BuildRobot
            | Self::TriggerRobot => Some(Role::Admin),
        }
    }

    /// The actions that the credential carries; all of them for a password.
    pub(crate) fn carries(self, action: &str) -> bool {
        match self {
            Self::PullRobot | Self::PullToken => action == "pull",
            Self::PushRobot => action == "pull" || action == "push",
            Self::BuildRobot => action == "pull" || action == "build:start",
            Self::TriggerRobot => action == "pull" || action == "trigger:run",
            _ => true,
        }
    }

    /// Whether there is a person's account behind it.
    pub(crate) fn is_person(self) -> bool {
        !matches!(
            self,
            Self::Anonymous
                | Self::PullRobot
                | Self::PushRobot
                | Self::BuildRobot
                | Self::TriggerRobot
        )
    }
}
