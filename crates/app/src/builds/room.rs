//! Whether the queue takes another build of a namespace. Asked in the transaction that would insert it, so that requests
//! at the same moment cannot pass the limit together.

use crate::{Error, Settings};
use wharf_db::{
    DbError, Tx,
    builds::{NewBuild, count_waiting},
};
use wharf_model::builds::{RefKind, TrustClass};

/// Whether there is room for a build. A newer build of a branch takes the place of an older one that waits.
pub(crate) fn has_room(
    tx: &mut Tx<'_>,
    settings: &Settings,
    new: &NewBuild,
) -> Result<bool, DbError> {
    let rule = new.rule.as_ref().and_then(|rule| rule.id);
    let branch = new
        .reference
        .as_ref()
        .filter(|name| name.kind() == RefKind::Branch && new.trust == TrustClass::Rule);
    let ends = rule.zip(branch);
    Ok(count_waiting(tx, new.namespace, ends)? < settings.namespace_queue)
}

/// The same for what somebody asked for and can ask for again.
///
/// # Errors
/// [`Error::LimitReached`] when there is no room.
pub(crate) fn require_room(
    tx: &mut Tx<'_>,
    settings: &Settings,
    new: &NewBuild,
) -> Result<(), Error> {
    match has_room(tx, settings, new)? {
        true => Ok(()),
        false => Err(Error::LimitReached {
            what: "queued_builds",
            limit: settings.namespace_queue,
        }),
    }
}
