//! Events as triggers read them, and what events say only by ids.

use crate::{DbError, Tx, Value, params};
use std::collections::HashSet;
use wharf_model::{ActionId, EventId, NamespaceId, RepositoryId, Timestamp};
use wharf_oci::RepositoryName;

/// The reader of `events` that makes deliveries.
pub const CONSUMER: &str = "triggers";

/// An event that triggers may listen to.
#[derive(Debug, Clone)]
pub struct EventRow {
    /// The id.
    pub id: EventId,
    /// `tag_created`, `build.started`, …
    pub kind: String,
    /// The repository.
    pub repository: RepositoryId,
    /// JSON.
    pub payload: String,
    /// When.
    pub at: Timestamp,
}

/// Events after `after` (an id, as text) of the kinds that triggers listen to, in their order, at most `limit`.
pub fn list_events(tx: &mut Tx<'_>, after: &str, limit: usize) -> Result<Vec<EventRow>, DbError> {
    list(tx, "id > $1", params![after, limit])
}

/// The same from `first` on, of one repository or of all.
pub fn list_events_from(
    tx: &mut Tx<'_>,
    first: EventId,
    repository: Option<RepositoryId>,
    limit: usize,
) -> Result<Vec<EventRow>, DbError> {
    match repository {
        Some(repository) => {
            let condition = "id >= $1 AND repository_id = $3";
            list(tx, condition, params![first, limit, repository])
        }
        None => list(tx, "id >= $1", params![first, limit]),
    }
}

fn list(
    tx: &mut Tx<'_>,
    condition: &str,
    parameters: &[Value<'_>],
) -> Result<Vec<EventRow>, DbError> {
    let rows = tx.query(
        &format!(
            "SELECT id, kind, repository_id, payload, at FROM events WHERE {condition} AND kind IN
                ('tag_created', 'tag_changed', 'tag_deleted', 'build.started', 'build.succeeded', 'build.failed')
             ORDER BY id LIMIT $2"
        ),
        parameters,
    )?;
    rows.into_iter()
        .map(|mut row| {
            Ok(EventRow {
                id: row.take(0)?,
                kind: row.take(1)?,
                repository: row.take(2)?,
                payload: row.take(3)?,
                at: row.take(4)?,
            })
        })
        .collect()
}

/// What deliveries events from the one after `after` to `last` have already.
pub fn list_made(
    tx: &mut Tx<'_>,
    after: &str,
    last: EventId,
) -> Result<HashSet<(EventId, ActionId)>, DbError> {
    let rows = tx.query(
        "SELECT event_id, action_id FROM trigger_deliveries WHERE event_id > $1 AND event_id <= $2",
        params![after, last],
    )?;
    rows.into_iter()
        .map(|mut row| Ok((row.take(0)?, row.take(1)?)))
        .collect()
}

/// Whether any trigger is switched on.
pub fn has_active_triggers(tx: &mut Tx<'_>) -> Result<bool, DbError> {
    let row = tx.query_first("SELECT 1 FROM triggers WHERE enabled LIMIT 1", &[])?;
    Ok(row.is_some())
}

/// A repository as events name it.
#[derive(Debug, Clone)]
pub struct EventRepository {
    /// Its namespace.
    pub namespace: NamespaceId,
    /// Its name.
    pub name: RepositoryName,
    /// Whether anybody may pull it.
    pub public: bool,
}

/// The repository of an event; none when it is gone.
pub fn find_event_repository(
    tx: &mut Tx<'_>,
    id: RepositoryId,
) -> Result<Option<EventRepository>, DbError> {
    let row = tx.query_first(
        "SELECT namespace_id, name, public FROM repositories WHERE id = $1",
        params![id],
    )?;
    row.map(|mut row| {
        Ok(EventRepository {
            namespace: row.take(0)?,
            name: row.take(1)?,
            public: row.take(2)?,
        })
    })
    .transpose()
}

/// What a tag names now, for an attempt that is about to use it.
pub fn find_present_digest(
    tx: &mut Tx<'_>,
    repository: RepositoryId,
    tag: &wharf_oci::Tag,
) -> Result<Option<wharf_oci::Digest>, DbError> {
    let row = tx.query_first(
        "SELECT digest FROM tags WHERE repository_id = $1 AND name = $2",
        params![repository, tag],
    )?;
    row.map(|mut row| row.take(0)).transpose()
}
