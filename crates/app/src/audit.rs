//! The audit log: who did what to what, from where.

use crate::Context;
use wharf_db::{DbError, Tx, audit};
use wharf_model::{NamespaceId, Timestamp};

/// Writes a line of the audit log in the transaction of the change itself.
pub(crate) fn record_audit(
    tx: &mut Tx<'_>,
    context: &Context,
    now: Timestamp,
    action: &'static str,
    target: &str,
    namespace: Option<NamespaceId>,
    details: &serde_json::Value,
) -> Result<(), DbError> {
    audit::insert_entry(
        tx,
        &audit::NewEntry {
            at: now,
            actor: &context.caller.name,
            actor_kind: context.caller.kind.as_str(),
            action,
            target,
            namespace,
            address: &context.address.to_string(),
            request: &context.request.to_string(),
            details: &details.to_string(),
        },
    )
}
