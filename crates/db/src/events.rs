//! Events: what happened, written in the transaction that made it happen.

use crate::{DbError, Tx, params};
use wharf_model::{EventId, RepositoryId, Timestamp};

/// Writes an event; `payload` is JSON.
pub fn record_event(
    tx: &mut Tx<'_>,
    kind: &str,
    repository: RepositoryId,
    payload: &str,
    at: Timestamp,
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO events (id, kind, repository_id, payload, at) VALUES ($1, $2, $3, $4, $5)",
        params![EventId::new(), kind, repository, payload, at],
    )
    .map(drop)
}
