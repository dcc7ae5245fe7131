//! Clusters as rows. The credential is a sealed text at [`SECRET_TABLE`], the cluster's id and [`SECRET_COLUMN`].

use crate::{DbError, Row, Tx, params, secrets};
use wharf_model::{ClusterId, Granted, Timestamp, rights::Administer, triggers::ClusterMethod};

/// The table in whose name credentials of clusters are sealed.
pub const SECRET_TABLE: &str = "clusters";

/// The column in whose name they are.
pub const SECRET_COLUMN: &str = "credential";

/// A cluster.
#[derive(Debug, Clone)]
pub struct Cluster {
    /// The id.
    pub id: ClusterId,
    /// Its name, unique.
    pub name: String,
    /// What people choose by; empty when nobody said.
    pub region: String,
    /// How this server signs in.
    pub method: ClusterMethod,
    /// `https://10.0.0.1:6443`.
    pub server: String,
    /// PEM; none when the system's authorities are believed.
    pub ca: Option<String>,
    /// JSON: what may be shown of the credential.
    pub credential: String,
    /// What its nodes call this registry.
    pub registry_host: String,
    /// `unchecked`, `reachable`, `failing`.
    pub state: String,
    /// What is wrong, a key of the message catalogue.
    pub problem: Option<String>,
    /// More about that.
    pub problem_detail: String,
    /// Since when.
    pub state_since: Timestamp,
    /// When it was last asked.
    pub checked_at: Option<Timestamp>,
    /// What it calls its version; empty until it told.
    pub server_version: String,
    /// Counts its changes.
    pub version: i64,
    /// Who added it.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
    /// Who changed it last.
    pub changed_by: String,
    /// When.
    pub changed_at: Timestamp,
}

const SELECT: &str = "SELECT c.id, c.name, c.region, c.method, c.server, c.ca, c.credential, c.registry_host, c.state,
    c.problem, c.problem_detail, c.state_since, c.checked_at, c.server_version, c.version, c.created_by, c.created_at,
    c.changed_by, c.changed_at FROM clusters c WHERE ";

fn read_cluster(mut row: Row) -> Result<Cluster, DbError> {
    Ok(Cluster {
        id: row.take(0)?,
        name: row.take(1)?,
        region: row.take(2)?,
        method: row.take(3)?,
        server: row.take(4)?,
        ca: row.take(5)?,
        credential: row.take(6)?,
        registry_host: row.take(7)?,
        state: row.take(8)?,
        problem: row.take(9)?,
        problem_detail: row.take(10)?,
        state_since: row.take(11)?,
        checked_at: row.take(12)?,
        server_version: row.take(13)?,
        version: row.take(14)?,
        created_by: row.take(15)?,
        created_at: row.take(16)?,
        changed_by: row.take(17)?,
        changed_at: row.take(18)?,
    })
}

/// Clusters in the order of their names, after `after`.
pub fn list_clusters(
    tx: &mut Tx<'_>,
    _granted: &Granted<Administer>,
    after: &str,
    limit: usize,
) -> Result<Vec<Cluster>, DbError> {
    let rows = tx.query(
        &format!("{SELECT}c.name > $1 ORDER BY c.name LIMIT $2"),
        params![after, limit],
    )?;
    rows.into_iter().map(read_cluster).collect()
}

/// A cluster by its name, for whoever checks that it was granted.
pub fn find_cluster(tx: &mut Tx<'_>, name: &str) -> Result<Option<Cluster>, DbError> {
    let row = tx.query_first(&format!("{SELECT}c.name = $1"), params![name])?;
    row.map(read_cluster).transpose()
}

/// A cluster, for what follows events and for whoever checks that it was granted.
pub fn find_cluster_by_id(tx: &mut Tx<'_>, id: ClusterId) -> Result<Option<Cluster>, DbError> {
    let row = tx.query_first(&format!("{SELECT}c.id = $1"), params![id])?;
    row.map(read_cluster).transpose()
}

/// Adds a cluster; answers whether the name was free. Its `version` counts from what is given.
pub fn insert_cluster(
    tx: &mut Tx<'_>,
    _granted: &Granted<Administer>,
    new: &Cluster,
) -> Result<bool, DbError> {
    let made = tx.execute(
        "INSERT INTO clusters (id, name, region, method, server, ca, credential, registry_host, state, problem,
            problem_detail, state_since, checked_at, server_version, version, created_by, created_at, changed_by,
            changed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
         ON CONFLICT (name) DO NOTHING",
        params![
            new.id,
            new.name,
            new.region,
            new.method,
            new.server,
            new.ca,
            new.credential,
            new.registry_host,
            new.state,
            new.problem,
            new.problem_detail,
            new.state_since,
            new.checked_at,
            new.server_version,
            new.version,
            new.created_by,
            new.created_at,
            new.changed_by,
            new.changed_at
        ],
    )?;
    Ok(made == 1)
}

/// Changes a cluster that still has the version of `cluster`, which counts on; answers whether it had. A name that is taken
/// is a constraint's error. When `server` changes without a new credential, forget the old one in the same transaction.
pub fn change_cluster(
    tx: &mut Tx<'_>,
    _granted: &Granted<Administer>,
    cluster: &Cluster,
) -> Result<bool, DbError> {
    let changed = tx.execute(
        "UPDATE clusters SET name = $3, region = $4, method = $5, server = $6, ca = CAST($7 AS TEXT), credential = $8,
            registry_host = $9, state = $10, problem = CAST($11 AS TEXT), problem_detail = $12, state_since = $13,
            changed_by = $14, changed_at = $15, version = version + 1
         WHERE id = $1 AND version = $2",
        params![
            cluster.id,
            cluster.version,
            cluster.name,
            cluster.region,
            cluster.method,
            cluster.server,
            cluster.ca,
            cluster.credential,
            cluster.registry_host,
            cluster.state,
            cluster.problem,
            cluster.problem_detail,
            cluster.state_since,
            cluster.changed_by,
            cluster.changed_at
        ],
    )?;
    Ok(changed == 1)
}

/// What was found when a cluster was asked.
#[derive(Debug, Clone)]
pub struct ClusterCheck {
    /// What is wrong, a key of the message catalogue; none when it answered.
    pub problem: Option<String>,
    /// More about that.
    pub detail: String,
    /// What it calls its version, where it told.
    pub server_version: Option<String>,
    /// Now.
    pub at: Timestamp,
}

/// Notes what was found when a cluster was asked. It says since when it is so.
pub fn note_check(tx: &mut Tx<'_>, id: ClusterId, check: &ClusterCheck) -> Result<(), DbError> {
    let state = match check.problem {
        Some(_) => "failing",
        None => "reachable",
    };
    tx.execute(
        "UPDATE clusters SET state_since = CASE WHEN state = $2 THEN state_since ELSE CAST($6 AS BIGINT) END, state = $2,
            problem = CAST($3 AS TEXT), problem_detail = $4, server_version = COALESCE(CAST($5 AS TEXT), server_version),
            checked_at = $6
         WHERE id = $1",
        params![
            id,
            state,
            check.problem,
            check.detail,
            check.server_version,
            check.at
        ],
    )
    .map(drop)
}

/// Removes a cluster with its grants and its credential; answers whether it was there. Actions that went there stay, and
/// say so.
pub fn delete_cluster(
    tx: &mut Tx<'_>,
    _granted: &Granted<Administer>,
    id: ClusterId,
) -> Result<bool, DbError> {
    secrets::forget_secrets(tx, SECRET_TABLE, id)?;
    let removed = tx.execute("DELETE FROM clusters WHERE id = $1", params![id])?;
    Ok(removed == 1)
}
