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

/// Refuses a credential that carries less than its person may do, or that ends, where `field` would give somebody a login
/// without either limit: else whoever holds it for a day has everything for good.
pub(super) fn check_unlimited(caller: &Caller, field: &'static str) -> Result<(), Error> {
    find_limit(caller).map_or(Ok(()), |reason| Err(Error::invalid(field, reason)))
}

/// What keeps a credential from giving somebody a login: that it carries less than all, or that it ends.
pub(crate) fn find_limit(caller: &Caller) -> Option<&'static str> {
    if !caller.actions.contains(Actions::ALL) {
        return Some("more_than_maker");
    }
    caller.is_outlasted_by(None).then_some("outlasts_maker")
}

#[cfg(test)]
mod tests {
    use super::*;
    use wharf_model::{RobotId, Timestamp};

    fn caller(identity: Identity, actions: Actions) -> Caller {
        Caller {
            identity,
            actions,
            ..Caller::anonymous()
        }
    }

    #[test]
    fn nobody_hands_on_more_than_their_credential_carries_or_for_longer() {
        let reason = |actions, ends_at| {
            let caller = Caller {
                ends_at,
                ..caller(Identity::User(UserId::new()), actions)
            };
            match check_unlimited(&caller, "username") {
                Err(Error::Invalid { reason, .. }) => Some(reason),
                _ => None,
            }
        };
        let end = Some(Timestamp::from_seconds(20));
        assert_eq!(reason(Actions::ALL, None), None);
        assert_eq!(reason(Actions::ALL, end), Some("outlasts_maker"));
        assert_eq!(reason(Actions::ADMIN, None), Some("more_than_maker"));
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
