//! What an attempt needs of an action, read just before it: whether the claim still holds, what it says now, its secret.

use super::{
    definition::{ActionSecret, ActionSpec},
    reasons,
    settle::{Verdict, Why},
};
use crate::{
    Error,
    vault::{SecretPlace, Vault},
};
use wharf_db::{
    Tx,
    triggers::{
        actions::{self, SECRET_COLUMN, SECRET_TABLE},
        deliveries::{self, Claim, Delivery},
    },
};
use wharf_model::{
    ActionId, SecretText,
    triggers::{ActionState, DeliveryState},
};

/// What was read.
pub(super) enum Loaded {
    /// It can be tried.
    Ready {
        /// What the action says now.
        spec: ActionSpec,
        /// What is secret about it, where there is something.
        secret: Option<ActionSecret>,
    },
    /// There is nothing to try.
    Over(Verdict),
}

/// Where the secret of an action is kept.
pub(crate) fn secret_place(action: ActionId) -> SecretPlace {
    SecretPlace::new(SECRET_TABLE, action, SECRET_COLUMN)
}

/// Reads what an action says and hides, for a claim that still holds. What is under way already goes on although its action
/// is switched off.
pub(super) fn load_action(
    tx: &mut Tx<'_>,
    vault: &Vault,
    claim: Claim,
    delivery: &Delivery,
    is_under_way: bool,
) -> Result<Loaded, Error> {
    if !deliveries::holds_lease(tx, claim)? {
        return Ok(Loaded::Over(Verdict::Lost));
    }
    let Some(action) = actions::find_action(tx, delivery.action)? else {
        let why = Why::new(reasons::ACTION_DELETED, "");
        return Ok(Loaded::Over(Verdict::End(
            DeliveryState::Canceled,
            Some(why),
        )));
    };
    if action.state == ActionState::Disabled && !is_under_way {
        let off = Verdict::failed(reasons::name_disabled(action.problem.as_deref()), "");
        return Ok(Loaded::Over(off));
    }
    let Some(spec) = ActionSpec::read(&action.definition) else {
        return Ok(Loaded::Over(Verdict::failed(reasons::UNREADABLE, "")));
    };
    // It was made for another place, and stands in that one's line.
    if spec.kind() != delivery.action_kind || spec.target(action.id) != delivery.target {
        let changed = Verdict::superseded(reasons::ACTION_CHANGED, "");
        return Ok(Loaded::Over(changed));
    }
    match open_secret(tx, vault, &secret_place(action.id))? {
        Ok(secret) => Ok(Loaded::Ready {
            spec,
            secret: secret.as_ref().and_then(ActionSecret::read),
        }),
        Err(verdict) => Ok(Loaded::Over(verdict)),
    }
}

/// Opens a secret; one whose key file is missing waits for the file.
pub(super) fn open_secret(
    tx: &mut Tx<'_>,
    vault: &Vault,
    place: &SecretPlace,
) -> Result<Result<Option<SecretText>, Verdict>, Error> {
    match vault.open(tx, place) {
        Ok(secret) => Ok(Ok(secret)),
        Err(Error::Conflict {
            what: "secret_locked",
        }) => {
            let why = Why::new(reasons::SECRET_LOCKED, "");
            Ok(Err(Verdict::Again(why, None)))
        }
        Err(error) => Err(error),
    }
}
