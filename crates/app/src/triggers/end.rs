//! Triggers removed with what they hang on: secrets go, and what waits is called off visibly.

use wharf_db::{
    DbError, Tx,
    triggers::{
        self, TriggerOwner, actions,
        deliveries::{Whose, cancel_deliveries},
    },
};
use wharf_model::{NamespaceId, RepositoryId, Timestamp, TriggerId};

/// Ends what hangs on a trigger that is going: its secrets, and deliveries that are not over.
pub(crate) fn end_trigger(
    tx: &mut Tx<'_>,
    trigger: TriggerId,
    by: &str,
    now: Timestamp,
) -> Result<(), DbError> {
    for action in actions::list_actions(tx, trigger)? {
        actions::delete_action(tx, action.id)?;
    }
    let whose = Whose::Trigger(trigger);
    cancel_deliveries(tx, whose, "trigger_deleted", by, now).map(drop)
}

/// Ends what hangs on the triggers of a repository that is going, and what its namespace's triggers have still to say about
/// it; rows of triggers go with it.
pub(crate) fn end_triggers_of_repository(
    tx: &mut Tx<'_>,
    namespace: NamespaceId,
    repository: RepositoryId,
    by: &str,
    now: Timestamp,
) -> Result<(), DbError> {
    let owner = TriggerOwner::Repository {
        namespace,
        repository,
    };
    let whose = Whose::Repository(repository);
    cancel_deliveries(tx, whose, "repository_deleted", by, now)?;
    for trigger in triggers::list_triggers_of(tx, owner)? {
        end_trigger(tx, trigger.id, by, now)?;
    }
    Ok(())
}

/// Ends what hangs on a namespace's own triggers; their rows, and the log, go with it.
pub(crate) fn end_triggers_of_namespace(
    tx: &mut Tx<'_>,
    namespace: NamespaceId,
    by: &str,
    now: Timestamp,
) -> Result<(), DbError> {
    for trigger in triggers::list_triggers_of(tx, TriggerOwner::Namespace(namespace))? {
        end_trigger(tx, trigger.id, by, now)?;
    }
    Ok(())
}
