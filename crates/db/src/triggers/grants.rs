//! Which namespaces of clusters a namespace may use.

use super::clusters::Cluster;
use crate::{DbError, Tx, params};
use wharf_model::{ClusterId, GrantId, Granted, NamespaceId, Timestamp, rights::Administer};

/// One namespace of a cluster, granted to a namespace here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterGrant {
    /// The id.
    pub id: GrantId,
    /// The cluster.
    pub cluster: ClusterId,
    /// Its name.
    pub cluster_name: String,
    /// Its region's label.
    pub region: String,
    /// To whom.
    pub namespace: NamespaceId,
    /// To whom, by name.
    pub namespace_name: String,
    /// The namespace of the cluster.
    pub kube_namespace: String,
    /// Who granted it.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
}

fn list(
    tx: &mut Tx<'_>,
    rest: &str,
    values: &[crate::Value<'_>],
) -> Result<Vec<ClusterGrant>, DbError> {
    let rows = tx.query(
        &format!(
            "SELECT g.id, g.cluster_id, c.name, c.region, g.namespace_id, n.name, g.kube_namespace, g.created_by,
                g.created_at
             FROM cluster_grants g JOIN clusters c ON c.id = g.cluster_id JOIN namespaces n ON n.id = g.namespace_id
             WHERE {rest}"
        ),
        values,
    )?;
    rows.into_iter()
        .map(|mut row| {
            Ok(ClusterGrant {
                id: row.take(0)?,
                cluster: row.take(1)?,
                cluster_name: row.take(2)?,
                region: row.take(3)?,
                namespace: row.take(4)?,
                namespace_name: row.take(5)?,
                kube_namespace: row.take(6)?,
                created_by: row.take(7)?,
                created_at: row.take(8)?,
            })
        })
        .collect()
}

/// Everything granted of a cluster.
pub fn list_grants_of_cluster(
    tx: &mut Tx<'_>,
    _granted: &Granted<Administer>,
    cluster: ClusterId,
) -> Result<Vec<ClusterGrant>, DbError> {
    list(
        tx,
        "g.cluster_id = $1 ORDER BY n.name, g.kube_namespace",
        params![cluster],
    )
}

/// Everything granted to a namespace: what the pickers show there. Whoever asks has shown that they may see its triggers.
pub fn list_grants_of_namespace(
    tx: &mut Tx<'_>,
    namespace: NamespaceId,
) -> Result<Vec<ClusterGrant>, DbError> {
    list(
        tx,
        "g.namespace_id = $1 ORDER BY c.region, c.name, g.kube_namespace",
        params![namespace],
    )
}

/// Whether a namespace may use one of a cluster. Asked when an action is saved and before each attempt.
pub fn is_granted(
    tx: &mut Tx<'_>,
    cluster: ClusterId,
    namespace: NamespaceId,
    kube_namespace: &str,
) -> Result<bool, DbError> {
    let row = tx.query_first(
        "SELECT 1 FROM cluster_grants WHERE cluster_id = $1 AND namespace_id = $2 AND kube_namespace = $3",
        params![cluster, namespace, kube_namespace],
    )?;
    Ok(row.is_some())
}

/// Grants a namespace of a cluster; answers whether it was not granted before.
pub fn insert_grant(
    tx: &mut Tx<'_>,
    _granted: &Granted<Administer>,
    cluster: &Cluster,
    namespace: NamespaceId,
    kube_namespace: &str,
    by: &str,
    at: Timestamp,
) -> Result<bool, DbError> {
    let made = tx.execute(
        "INSERT INTO cluster_grants (id, cluster_id, namespace_id, kube_namespace, created_by, created_at)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (cluster_id, namespace_id, kube_namespace) DO NOTHING",
        params![
            GrantId::new(),
            cluster.id,
            namespace,
            kube_namespace,
            by,
            at
        ],
    )?;
    Ok(made == 1)
}

/// Takes a grant away; answers whether it was there. What was rolled out stays; attempts from now on are refused.
pub fn delete_grant(
    tx: &mut Tx<'_>,
    _granted: &Granted<Administer>,
    cluster: ClusterId,
    namespace: NamespaceId,
    kube_namespace: &str,
) -> Result<bool, DbError> {
    let removed = tx.execute(
        "DELETE FROM cluster_grants WHERE cluster_id = $1 AND namespace_id = $2 AND kube_namespace = $3",
        params![cluster, namespace, kube_namespace],
    )?;
    Ok(removed == 1)
}
