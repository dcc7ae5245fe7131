//! Which callers are people, and which of them may change what is theirs.

use crate::Error;
use wharf_model::{Action, Actions, Caller, Identity, UserId};

/// The person who asks. Robots are no people: they have no page, no tokens and no favorites.
pub(crate) fn require_person(caller: &Caller) -> Result<UserId, Error> {
    match caller.identity {
        Identity::User(id) => Ok(id),
        Identity::Robot(_) | Identity::Build(_) => Err(Error::Denied(Action::Administer)),
        Identity::Anonymous => Err(Error::Unauthenticated),
    }
}

/// The person who asks, with a credential that may change what is theirs: a password, or a token that carries `admin`.
pub(crate) fn require_manager(caller: &Caller) -> Result<UserId, Error> {
    let person = require_person(caller)?;
    if caller.actions.contains(Actions::ADMIN) {
        Ok(person)
    } else {
        Err(Error::Denied(Action::Administer))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wharf_model::RobotId;

    fn caller(identity: Identity, actions: Actions) -> Caller {
        Caller {
            identity,
            actions,
            ..Caller::anonymous()
        }
    }

    #[test]
    fn only_a_person_with_a_full_credential_manages_what_is_theirs() {
        let id = UserId::new();
        let may = |identity, actions| require_manager(&caller(identity, actions));
        assert_eq!(may(Identity::User(id), Actions::ADMIN).ok(), Some(id));
        assert!(matches!(
            may(Identity::User(id), Actions::PULL.with(Actions::PUSH)),
            Err(Error::Denied(_))
        ));
        assert!(matches!(
            may(Identity::Robot(RobotId::new()), Actions::ALL),
            Err(Error::Denied(_))
        ));
        assert!(matches!(
            may(Identity::Anonymous, Actions::ALL),
            Err(Error::Unauthenticated)
        ));
    }
}
