//! What administrators see of the whole installation: who takes how much room, who waits for builds, how the rows stand.

use crate::{DbError, Engine, SCHEMA_VERSION, Tx, params, repositories::like_pattern};
use wharf_model::{
    Granted, Role, Timestamp,
    rights::Administer,
    stats::{Grain, StatsScope, Stored},
};

/// How much a namespace holds.
#[derive(Debug, Clone)]
pub struct NamespaceUsage {
    /// Its name.
    pub name: String,
    /// What it is for; may be empty.
    pub description: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Login names of its owners, in order; none of one that only administrators own.
    pub owners: Vec<String>,
    /// Repositories in it now.
    pub repository_count: u64,
    /// What it held when it was last looked; none before the first look.
    pub stored: Option<Stored>,
}

/// Namespaces whose names contain `term`, in the order of their names after `after`, with what they held at the last look.
pub fn list_usage(
    tx: &mut Tx<'_>,
    _granted: &Granted<Administer>,
    term: &str,
    after: &str,
    limit: usize,
) -> Result<Vec<NamespaceUsage>, DbError> {
    let rows = tx.query(
        "SELECT n.name, CAST((SELECT COUNT(*) FROM repositories r WHERE r.namespace_id = n.id) AS BIGINT),
            s.bytes, s.blobs, s.tags, n.description, n.created_at
         FROM namespaces n LEFT JOIN storage_stats s ON s.scope = n.id AND s.grain = $1
            AND s.at = (SELECT MAX(m.at) FROM storage_stats m WHERE m.scope = n.id AND m.grain = $1)
         WHERE n.name > $2 AND n.name LIKE $3 ESCAPE '!' ORDER BY n.name LIMIT $4",
        params![Grain::Hour, after, like_pattern(term), limit],
    )?;
    let mut listed: Vec<NamespaceUsage> = rows
        .into_iter()
        .map(|mut row| {
            let bytes: Option<u64> = row.take(2)?;
            Ok(NamespaceUsage {
                name: row.take(0)?,
                description: row.take(5)?,
                created_at: row.take(6)?,
                owners: Vec::new(),
                repository_count: row.take(1)?,
                stored: match bytes {
                    Some(bytes) => Some(Stored {
                        bytes,
                        blobs: row.take(3)?,
                        tags: row.take(4)?,
                    }),
                    None => None,
                },
            })
        })
        .collect::<Result<_, DbError>>()?;
    add_owners(tx, term, &mut listed)?;
    Ok(listed)
}

/// One question for all of a page: of the names that contain `term`, these follow each other.
fn add_owners(tx: &mut Tx<'_>, term: &str, listed: &mut [NamespaceUsage]) -> Result<(), DbError> {
    let (Some(first), Some(last)) = (listed.first(), listed.last()) else {
        return Ok(());
    };
    let rows = tx.query(
        "SELECT n.name, u.username FROM namespaces n
            JOIN members m ON m.namespace_id = n.id AND m.role = $1 JOIN users u ON u.id = m.user_id
         WHERE n.name >= $2 AND n.name <= $3 AND n.name LIKE $4 ESCAPE '!' ORDER BY n.name, u.username",
        params![
            Role::Owner,
            first.name.as_str(),
            last.name.as_str(),
            like_pattern(term)
        ],
    )?;
    let mut at = 0;
    for mut row in rows {
        let (namespace, owner): (String, String) = (row.take(0)?, row.take(1)?);
        // Both are in the order of names.
        while listed.get(at).is_some_and(|usage| usage.name != namespace) {
            at += 1;
        }
        if let Some(usage) = listed.get_mut(at) {
            usage.owners.push(owner);
        }
    }
    Ok(())
}

/// What the server held when it was last looked, and when that was.
pub fn find_last_stored(
    tx: &mut Tx<'_>,
    _granted: &Granted<Administer>,
) -> Result<Option<(Timestamp, Stored)>, DbError> {
    let row = tx.query_first(
        "SELECT at, bytes, blobs, tags FROM storage_stats WHERE scope = $1 AND grain = $2 ORDER BY at DESC LIMIT 1",
        params![StatsScope::Server, Grain::Hour],
    )?;
    row.map(|mut row| {
        let stored = Stored {
            bytes: row.take(1)?,
            blobs: row.take(2)?,
            tags: row.take(3)?,
        };
        Ok((row.take(0)?, stored))
    })
    .transpose()
}

/// The builds of a namespace that are not over.
#[derive(Debug, Clone)]
pub struct NamespaceQueue {
    /// Its name.
    pub name: String,
    /// Builds that wait.
    pub waiting: u64,
    /// Builds that run.
    pub running: u64,
    /// Since when the oldest of the waiting ones does.
    pub waits_since: Option<Timestamp>,
}

/// Namespaces with builds that are not over, those with the most waiting ones first.
pub fn list_queues(
    tx: &mut Tx<'_>,
    _granted: &Granted<Administer>,
) -> Result<Vec<NamespaceQueue>, DbError> {
    let rows = tx.query(
        "SELECT n.name, CAST(SUM(CASE WHEN b.state = 'queued' THEN 1 ELSE 0 END) AS BIGINT) AS waiting,
            CAST(SUM(CASE WHEN b.state = 'running' THEN 1 ELSE 0 END) AS BIGINT),
            MIN(CASE WHEN b.state = 'queued' THEN b.created_at END)
         FROM builds b JOIN namespaces n ON n.id = b.namespace_id
         WHERE b.state IN ('queued', 'running') GROUP BY n.name ORDER BY waiting DESC, n.name",
        &[],
    )?;
    rows.into_iter()
        .map(|mut row| {
            Ok(NamespaceQueue {
                name: row.take(0)?,
                waiting: row.take(1)?,
                running: row.take(2)?,
                waits_since: row.take(3)?,
            })
        })
        .collect()
}

/// How the rows stand.
#[derive(Debug, Clone)]
pub struct DatabaseFacts {
    /// Which database.
    pub engine: Engine,
    /// The schema; each start brings it to the program's own.
    pub schema: i64,
    /// The newest time in the audit log, which nobody writes into the future.
    pub last_written: Option<Timestamp>,
}

/// How the rows stand.
pub fn load_facts(tx: &mut Tx<'_>) -> Result<DatabaseFacts, DbError> {
    let row = tx.query_first("SELECT MAX(at) FROM audit", &[])?;
    Ok(DatabaseFacts {
        engine: tx.engine(),
        schema: SCHEMA_VERSION,
        last_written: row.map_or(Ok(None), |mut row| row.take(0))?,
    })
}
