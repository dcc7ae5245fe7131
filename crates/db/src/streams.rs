//! What streams to people are made of: events of repositories, and how deliveries stand.

use crate::{DbError, Tx, params};
use wharf_model::{
    EventId, Facts, Granted, RepositoryId, Timestamp, TriggerDeliveryId, rights::ViewTriggers,
    triggers::DeliveryState,
};

/// An event with the repository that it is about.
#[derive(Debug, Clone)]
pub struct StreamEvent {
    /// The id.
    pub id: EventId,
    /// `tag_created`, `build.started`, …
    pub kind: String,
    /// The repository as it is now.
    pub facts: Facts,
    /// JSON.
    pub payload: String,
    /// When.
    pub at: Timestamp,
}

/// Events after `after` (an id, as text) in their order, at most `limit`: of these repositories, or of all that are there.
pub fn list_events(
    tx: &mut Tx<'_>,
    after: &str,
    repositories: Option<&[RepositoryId]>,
    limit: usize,
) -> Result<Vec<StreamEvent>, DbError> {
    let which = match repositories {
        None => "1 = 1".to_owned(),
        Some([]) => return Ok(Vec::new()),
        Some(ids) => {
            // Ids are our own text, never a caller's.
            let ids: Vec<_> = ids.iter().map(|id| format!("'{id}'")).collect();
            format!("e.repository_id IN ({})", ids.join(","))
        }
    };
    let rows = tx.query(
        &format!(
            "SELECT e.id, e.kind, e.repository_id, r.namespace_id, r.name, r.public, e.payload, e.at FROM events e
             JOIN repositories r ON r.id = e.repository_id WHERE e.id > $1 AND {which} ORDER BY e.id LIMIT $2"
        ),
        params![after, limit],
    )?;
    rows.into_iter()
        .map(|mut row| {
            Ok(StreamEvent {
                id: row.take(0)?,
                kind: row.take(1)?,
                facts: Facts {
                    repository: row.take(2)?,
                    namespace: row.take(3)?,
                    name: row.take(4)?,
                    public: row.take(5)?,
                },
                payload: row.take(6)?,
                at: row.take(7)?,
            })
        })
        .collect()
}

/// How a delivery stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryStanding {
    /// The id.
    pub id: TriggerDeliveryId,
    /// Its state.
    pub state: DeliveryState,
    /// How often it was tried.
    pub attempts: u32,
    /// JSON: what its rollout looked like last.
    pub progress: Option<String>,
    /// When it was over.
    pub ended_at: Option<Timestamp>,
}

/// How the newest deliveries of a repository stand.
pub fn list_standings(
    tx: &mut Tx<'_>,
    granted: &Granted<ViewTriggers>,
    limit: usize,
) -> Result<Vec<DeliveryStanding>, DbError> {
    let rows = tx.query(
        "SELECT id, state, attempts, progress, ended_at FROM trigger_deliveries WHERE repository_id = $1
         ORDER BY id DESC LIMIT $2",
        params![granted.repository(), limit],
    )?;
    rows.into_iter()
        .map(|mut row| {
            Ok(DeliveryStanding {
                id: row.take(0)?,
                state: row.take(1)?,
                attempts: row.take(2)?,
                progress: row.take(3)?,
                ended_at: row.take(4)?,
            })
        })
        .collect()
}
