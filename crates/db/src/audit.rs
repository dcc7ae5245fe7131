//! The audit log.

use crate::{DbError, Tx, params};
use wharf_model::{AuditId, NamespaceId, Timestamp};

/// A line to be written.
#[derive(Debug, Clone)]
pub struct NewEntry<'a> {
    /// Now.
    pub at: Timestamp,
    /// The login name; empty for nobody.
    pub actor: &'a str,
    /// How it proved itself.
    pub actor_kind: &'a str,
    /// What was done.
    pub action: &'a str,
    /// To what.
    pub target: &'a str,
    /// In which namespace.
    pub namespace: Option<NamespaceId>,
    /// The client's address.
    pub address: &'a str,
    /// The request.
    pub request: &'a str,
    /// JSON.
    pub details: &'a str,
}

/// Writes a line.
pub fn insert_entry(tx: &mut Tx<'_>, new: &NewEntry<'_>) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO audit (id, at, actor, actor_kind, action, target, namespace_id, address, request_id, details)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        params![
            AuditId::new(),
            new.at,
            new.actor,
            new.actor_kind,
            new.action,
            new.target,
            new.namespace,
            new.address,
            new.request,
            new.details
        ],
    )
    .map(drop)
}
