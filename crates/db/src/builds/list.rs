//! Lists of builds, newest first.

use super::record::{Build, read_build, select};
use crate::{DbError, Tx, params};
use wharf_model::{
    BuildId, Granted, NamespaceId, RepositoryId,
    builds::{BuildState, RefName},
    rights::ViewBuilds,
};
use wharf_oci::Digest;

/// Which builds are wanted; each condition is met exactly.
#[derive(Debug, Clone, Default)]
pub struct BuildFilter {
    /// In this state.
    pub state: Option<BuildState>,
    /// Of one of these refs; of any when there is none.
    pub references: Vec<RefName>,
    /// Of a rule that had this name when they were decided.
    pub rule_name: Option<String>,
}

/// Whose builds are seen.
#[derive(Debug, Clone)]
pub enum BuildViewer {
    /// Everybody's.
    Administrator,
    /// Those of these namespaces.
    Member(Vec<NamespaceId>),
}

/// Builds of one repository, newest first, before `before`.
pub fn list_repository_builds(
    tx: &mut Tx<'_>,
    repository: RepositoryId,
    filter: &BuildFilter,
    before: Option<BuildId>,
    limit: usize,
) -> Result<Vec<Build>, DbError> {
    list(
        tx,
        &format!("b.repository_id = '{repository}'"),
        filter,
        before,
        limit,
    )
}

/// The build that made a digest of a repository last.
pub fn find_by_digest(
    tx: &mut Tx<'_>,
    granted: &Granted<ViewBuilds>,
    digest: &Digest,
) -> Result<Option<Build>, DbError> {
    let row = tx.query_first(
        &select("b.repository_id = $1 AND b.digest = $2 ORDER BY b.id DESC LIMIT 1"),
        params![granted.repository(), digest],
    )?;
    row.map(read_build).transpose()
}

/// Builds of all repositories that the viewer may see builds of, newest first, before `before`.
pub fn list_builds(
    tx: &mut Tx<'_>,
    viewer: &BuildViewer,
    filter: &BuildFilter,
    before: Option<BuildId>,
    limit: usize,
) -> Result<Vec<Build>, DbError> {
    if matches!(viewer, BuildViewer::Member(namespaces) if namespaces.is_empty()) {
        return Ok(Vec::new());
    }
    list(tx, &visible(viewer, "b"), filter, before, limit)
}

/// Whether the viewer may see builds of the namespace of a row of `table`.
pub(crate) fn visible(viewer: &BuildViewer, table: &str) -> String {
    match viewer {
        BuildViewer::Administrator => "1 = 1".into(),
        BuildViewer::Member(namespaces) if namespaces.is_empty() => "1 = 0".into(),
        BuildViewer::Member(namespaces) => {
            // Ids are our own text, never a caller's.
            let ids: Vec<_> = namespaces.iter().map(|id| format!("'{id}'")).collect();
            format!("{table}.namespace_id IN ({})", ids.join(","))
        }
    }
}

fn list(
    tx: &mut Tx<'_>,
    whose: &str,
    filter: &BuildFilter,
    before: Option<BuildId>,
    limit: usize,
) -> Result<Vec<Build>, DbError> {
    let condition = format!(
        "{whose} AND (CAST($1 AS TEXT) IS NULL OR b.id < CAST($1 AS TEXT))
         AND (CAST($2 AS TEXT) IS NULL OR b.state = CAST($2 AS TEXT))
         AND (CAST($3 AS TEXT) IS NULL OR b.ref = CAST($3 AS TEXT) OR b.ref = CAST($4 AS TEXT))
         AND (CAST($5 AS TEXT) IS NULL OR b.rule_name = CAST($5 AS TEXT)) ORDER BY b.id DESC LIMIT $6"
    );
    let rows = tx.query(
        &select(&condition),
        params![
            before,
            filter.state,
            filter.references.first(),
            filter.references.last(),
            filter.rule_name,
            limit
        ],
    )?;
    rows.into_iter().map(read_build).collect()
}
