//! What streams to people are made of: events of repositories, and how deliveries, rules, sources and clusters stand.

use crate::{DbError, Tx, Value, params, repositories::Viewer};
use wharf_model::{
    EventId, Facts, Granted, NamespaceId, RepositoryId, Timestamp, TriggerDeliveryId, UserId,
    rights::{Administer, ViewBuilds, ViewTriggers},
    triggers::DeliveryState,
};

/// An event with the repository that it is about.
#[derive(Debug, Clone)]
pub struct StreamEvent {
    /// The id.
    pub id: EventId,
    /// `tag_created`, `build.started`, …
    pub kind: String,
    /// The repository as it is now; as it was, when it is gone.
    pub facts: Facts,
    /// JSON.
    pub payload: String,
    /// When.
    pub at: Timestamp,
}

/// The newest events after `after` (an id, as text), at most `limit`, in their order: of these repositories, or of all that
/// are there, as far as the viewer sees them: of builds and of what is not public only those of its own namespaces. Whoever
/// asks decides about each; what is passed over here does not count towards `limit`.
pub fn list_events(
    tx: &mut Tx<'_>,
    after: &str,
    repositories: Option<&[RepositoryId]>,
    viewer: Viewer<'_>,
    limit: usize,
) -> Result<Vec<StreamEvent>, DbError> {
    let which = match repositories {
        None => "1 = 1".to_owned(),
        Some([]) => return Ok(Vec::new()),
        Some(ids) => format!("e.repository_id IN ({})", quote(ids)),
    };
    let seen = match viewer {
        Viewer::Administrator(_) => "1 = 1".to_owned(),
        Viewer::Member(_, []) => "r.public AND e.kind NOT LIKE 'build.%'".to_owned(),
        Viewer::Member(_, namespaces) => format!(
            "(r.namespace_id IN ({}) OR r.public AND e.kind NOT LIKE 'build.%')",
            quote(namespaces)
        ),
    };
    let rows = tx.query(
        &format!(
            "SELECT e.id, e.kind, e.payload, e.at, e.repository_id, r.namespace_id, r.name, r.public FROM events e
             JOIN repositories r ON r.id = e.repository_id
             WHERE e.id > $1 AND e.kind <> 'repository_hidden' AND {which} AND {seen} ORDER BY e.id DESC LIMIT $2"
        ),
        params![after, limit],
    )?;
    let mut found = Vec::with_capacity(rows.len());
    for mut row in rows {
        found.push(StreamEvent {
            id: row.take(0)?,
            kind: row.take(1)?,
            payload: row.take(2)?,
            at: row.take(3)?,
            facts: Facts {
                repository: row.take(4)?,
                namespace: row.take(5)?,
                name: row.take(6)?,
                public: row.take(7)?,
            },
        });
    }
    found.reverse();
    Ok(found)
}

/// The newest events after `after` of repositories that are gone, or hidden from strangers from then on, with the facts of
/// before: whoever asks decides about each.
pub fn list_endings(
    tx: &mut Tx<'_>,
    after: &str,
    limit: usize,
) -> Result<Vec<StreamEvent>, DbError> {
    #[derive(serde::Deserialize)]
    struct Was {
        name: String,
        namespace: String,
        public: bool,
    }
    let rows = tx.query(
        "SELECT id, kind, payload, at, repository_id FROM events
         WHERE id > $1 AND kind IN ('repository_deleted', 'repository_hidden') ORDER BY id DESC LIMIT $2",
        params![after, limit],
    )?;
    let mut found = Vec::with_capacity(rows.len());
    for mut row in rows {
        let payload: String = row.take(2)?;
        // Those of earlier versions do not say enough.
        let Ok(was) = serde_json::from_str::<Was>(&payload) else {
            continue;
        };
        let (Ok(namespace), Ok(name)) = (was.namespace.parse(), was.name.parse()) else {
            continue;
        };
        found.push(StreamEvent {
            id: row.take(0)?,
            kind: row.take(1)?,
            payload,
            at: row.take(3)?,
            facts: Facts {
                repository: row.take(4)?,
                namespace,
                name,
                public: was.public,
            },
        });
    }
    found.reverse();
    Ok(found)
}

/// Ids are our own text, never a caller's.
fn quote<T: std::fmt::Display>(ids: &[T]) -> String {
    let ids: Vec<_> = ids.iter().map(|id| format!("'{id}'")).collect();
    ids.join(",")
}

/// That a build changed, whoever may see it.
#[derive(Debug, Clone)]
pub struct BuildMove {
    /// The event.
    pub id: EventId,
    /// When.
    pub at: Timestamp,
    /// The build's repository; none when that is gone.
    pub facts: Option<Facts>,
}

/// The newest changes of builds after `after` (an id, as text), at most `limit`.
pub fn list_build_moves(
    tx: &mut Tx<'_>,
    after: &str,
    limit: usize,
) -> Result<Vec<BuildMove>, DbError> {
    let rows = tx.query(
        "SELECT e.id, e.at, e.repository_id, r.namespace_id, r.name, r.public FROM events e
         LEFT JOIN repositories r ON r.id = e.repository_id
         WHERE e.id > $1 AND e.kind LIKE 'build.%' ORDER BY e.id DESC LIMIT $2",
        params![after, limit],
    )?;
    rows.into_iter()
        .map(|mut row| {
            let namespace: Option<NamespaceId> = row.take(3)?;
            let facts = match namespace {
                None => None,
                Some(namespace) => Some(Facts {
                    repository: row.take(2)?,
                    namespace,
                    name: row.take(4)?,
                    public: row.take(5)?,
                }),
            };
            Ok(BuildMove {
                id: row.take(0)?,
                at: row.take(1)?,
                facts,
            })
        })
        .collect()
}

/// How a repository's rules stand: as a text each, of what their cards show.
pub fn list_rule_standings(
    tx: &mut Tx<'_>,
    granted: &Granted<ViewBuilds>,
) -> Result<Vec<String>, DbError> {
    list_texts(
        tx,
        "SELECT r.id || ' ' || CAST(r.version AS TEXT) || ' ' || COALESCE(r.source_id, '') || ' '
            || COALESCE(s.problem, '') || ' ' || COALESCE(w.state, '') || ' ' || COALESCE(w.problem, '') || ' '
            || CAST(COALESCE(w.state_since, 0) AS TEXT)
         FROM rules r LEFT JOIN sources s ON s.id = r.source_id
         LEFT JOIN webhooks w ON w.source_id = r.source_id AND w.remote = r.remote
         WHERE r.repository_id = $1 ORDER BY r.id",
        params![granted.repository()],
    )
}

/// How a person's sources stand, their webhooks, and what is to be removed at hosts.
pub fn list_source_standings(tx: &mut Tx<'_>, owner: UserId) -> Result<Vec<String>, DbError> {
    let mut found = Vec::new();
    for sql in [
        "SELECT s.id || ' ' || s.address || ' ' || s.account || ' ' || COALESCE(s.problem, '') || ' '
            || CAST(s.state_since AS TEXT) || ' ' || CAST(COALESCE(s.checked_at, 0) AS TEXT) || ' '
            || CAST((SELECT COUNT(*) FROM rules r WHERE r.source_id = s.id) AS TEXT)
         FROM sources s WHERE s.user_id = $1 ORDER BY s.id",
        "SELECT w.id || ' ' || w.state || ' ' || COALESCE(w.problem, '') || ' ' || CAST(w.state_since AS TEXT) || ' '
            || CAST(COALESCE(w.checked_at, 0) AS TEXT) || ' ' || CAST(w.rejected_count AS TEXT) || ' '
            || CAST(COALESCE(w.delivered_at, 0) AS TEXT)
         FROM webhooks w JOIN sources s ON s.id = w.source_id WHERE s.user_id = $1 ORDER BY w.id",
        "SELECT h.id || ' ' || CAST(h.attempts AS TEXT) || ' ' || CAST(h.given_up AS TEXT)
         FROM host_removals h WHERE h.user_id = $1 ORDER BY h.id",
    ] {
        found.extend(list_texts(tx, sql, params![owner])?);
    }
    Ok(found)
}

/// How clusters stand, and what is granted of them.
pub fn list_cluster_standings(
    tx: &mut Tx<'_>,
    _granted: &Granted<Administer>,
) -> Result<Vec<String>, DbError> {
    let clusters = "SELECT c.id || ' ' || CAST(c.version AS TEXT) || ' ' || c.state || ' ' || COALESCE(c.problem, '') || ' '
            || CAST(COALESCE(c.checked_at, 0) AS TEXT) FROM clusters c ORDER BY c.id";
    let mut found = list_texts(tx, clusters, params![])?;
    found.extend(list_texts(
        tx,
        "SELECT g.id FROM cluster_grants g ORDER BY g.id",
        params![],
    )?);
    Ok(found)
}

fn list_texts(
    tx: &mut Tx<'_>,
    sql: &str,
    parameters: &[Value<'_>],
) -> Result<Vec<String>, DbError> {
    let rows = tx.query(sql, parameters)?;
    rows.into_iter().map(|mut row| row.take(0)).collect()
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
