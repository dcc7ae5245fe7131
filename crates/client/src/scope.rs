//! What a token is asked for: `repository:NAME:ACTIONS` (distribution's token specification).

use std::fmt;
use wharf_oci::RepositoryName;

/// A right on one repository.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Scope {
    repository: RepositoryName,
    can_push: bool,
}

impl Scope {
    pub(crate) fn pull(repository: &RepositoryName) -> Scope {
        Scope {
            repository: repository.clone(),
            can_push: false,
        }
    }

    pub(crate) fn push(repository: &RepositoryName) -> Scope {
        Scope {
            repository: repository.clone(),
            can_push: true,
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let actions = if self.can_push { "pull,push" } else { "pull" };
        write!(f, "repository:{}:{actions}", self.repository)
    }
}
