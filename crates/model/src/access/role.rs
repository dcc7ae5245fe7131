//! Roles of members, and the actions that a token or robot carries.

use std::{fmt, str::FromStr};

/// A member's role in a namespace; each includes the ones before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Pulls and lists everything in the namespace.
    Reader,
    /// Pushes and creates repositories.
    Developer,
    /// Deletes, edits, manages robots.
    Maintainer,
    /// Manages members and the namespace itself.
    Owner,
}

impl Role {
    /// All roles, weakest first.
    pub const ALL: [Self; 4] = [Self::Reader, Self::Developer, Self::Maintainer, Self::Owner];

    /// The word for it in the API and in rows.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::Developer => "developer",
            Self::Maintainer => "maintainer",
            Self::Owner => "owner",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or(())
    }
}

/// A set of actions that a credential carries; rights are never more than this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Actions(u8);

impl Actions {
    /// Nothing.
    pub const NONE: Self = Self(0);
    /// Read repositories.
    pub const PULL: Self = Self(1);
    /// Write repositories.
    pub const PUSH: Self = Self(2);
    /// Delete versions and repositories.
    pub const DELETE: Self = Self(4);
    /// Start builds.
    pub const BUILD_START: Self = Self(8);
    /// Run triggers by hand.
    pub const TRIGGER_RUN: Self = Self(16);
    /// Everything else in the management API.
    pub const ADMIN: Self = Self(32);
    /// What a password carries.
    pub const ALL: Self = Self(63);

    const NAMES: [(Self, &'static str); 6] = [
        (Self::PULL, "pull"),
        (Self::PUSH, "push"),
        (Self::DELETE, "delete"),
        (Self::BUILD_START, "build:start"),
        (Self::TRIGGER_RUN, "trigger:run"),
        (Self::ADMIN, "admin"),
    ];

    /// Both sets together.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether all of `other` is in here.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The words for the actions in here, in their fixed order.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::NAMES
            .into_iter()
            .filter(move |(action, _)| self.contains(*action))
            .map(|(_, name)| name)
    }

    /// The one action called `name`.
    pub fn named(name: &str) -> Option<Self> {
        Self::NAMES
            .into_iter()
            .find(|(_, known)| *known == name)
            .map(|(action, _)| action)
    }
}

impl fmt::Display for Actions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, name) in self.names().enumerate() {
            if place > 0 {
                f.write_str(",")?;
            }
            f.write_str(name)?;
        }
        Ok(())
    }
}

impl FromStr for Actions {
    type Err = String;
    /// Reads the words that [`fmt::Display`] writes; the error is the first unknown word.
    fn from_str(text: &str) -> Result<Self, String> {
        text.split(',')
            .filter(|word| !word.is_empty())
            .try_fold(Self::NONE, |all, word| {
                Self::named(word)
                    .map(|action| all.with(action))
                    .ok_or_else(|| word.to_owned())
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_survive_their_text() {
        let some = Actions::PULL.with(Actions::BUILD_START);
        assert_eq!(some.to_string(), "pull,build:start");
        assert_eq!("pull,build:start".parse(), Ok(some));
        assert_eq!("pull,fly".parse::<Actions>(), Err("fly".to_owned()));
        assert!(Actions::ALL.contains(some) && !some.contains(Actions::PUSH));
    }

    #[test]
    fn roles_include_the_weaker_ones() {
        assert!(Role::Owner > Role::Maintainer && Role::Developer > Role::Reader);
        assert_eq!("owner".parse(), Ok(Role::Owner));
        assert!("root".parse::<Role>().is_err());
    }
}
