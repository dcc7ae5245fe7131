//! Namespaces: their pages and changes. How they come to be is [`crate::accounts::insert_namespace`].

use crate::{
    DbError, Row, Tx, params,
    repositories::{Viewer, like_pattern},
};
use wharf_model::{
    Granted, NamespaceId, RobotId, Timestamp,
    rights::{EditNamespace, View},
};

/// A namespace as its page shows it.
#[derive(Debug, Clone)]
pub struct Namespace {
    /// The id.
    pub id: NamespaceId,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Repositories in it now.
    pub repository_count: u64,
    /// When it was made.
    pub created_at: Timestamp,
}

const COLUMNS: &str = "n.id, n.name, n.description,
    CAST((SELECT COUNT(*) FROM repositories r WHERE r.namespace_id = n.id) AS BIGINT), n.created_at";

fn read_namespace(mut row: Row) -> Result<Namespace, DbError> {
    Ok(Namespace {
        id: row.take(0)?,
        name: row.take(1)?,
        description: row.take(2)?,
        repository_count: row.take(3)?,
        created_at: row.take(4)?,
    })
}

/// The condition that hides the namespaces in which the viewer is nobody. Ids are our own text, never a caller's.
pub(crate) fn visible(viewer: Viewer<'_>) -> String {
    match viewer {
        Viewer::Administrator(_) => "1 = 1".into(),
        Viewer::Member(_, []) => "1 = 0".into(),
        Viewer::Member(_, namespaces) => {
            let ids: Vec<_> = namespaces.iter().map(|id| format!("'{id}'")).collect();
            format!("n.id IN ({})", ids.join(","))
        }
    }
}

/// Namespaces the viewer belongs to whose names contain `term`, in the order of their names after `after`.
pub fn list_namespaces(
    tx: &mut Tx<'_>,
    viewer: Viewer<'_>,
    term: &str,
    after: &str,
    limit: usize,
) -> Result<Vec<Namespace>, DbError> {
    let rows = tx.query(
        &format!(
            "SELECT {COLUMNS} FROM namespaces n WHERE n.name > $1 AND n.name LIKE $2 ESCAPE '!' AND {}
             ORDER BY n.name LIMIT $3",
            visible(viewer)
        ),
        params![after, like_pattern(term), limit],
    )?;
    rows.into_iter().map(read_namespace).collect()
}

/// The page of a namespace.
pub fn load_namespace(
    tx: &mut Tx<'_>,
    granted: &Granted<View>,
) -> Result<Option<Namespace>, DbError> {
    let row = tx.query_first(
        &format!("SELECT {COLUMNS} FROM namespaces n WHERE n.id = $1"),
        params![granted.subject().namespace],
    )?;
    row.map(read_namespace).transpose()
}

/// Whether the namespace is still there: a transaction asks this before it adds something to it.
pub fn is_there(tx: &mut Tx<'_>, id: NamespaceId) -> Result<bool, DbError> {
    let row = tx.query_first("SELECT 1 FROM namespaces WHERE id = $1", params![id])?;
    Ok(row.is_some())
}

/// How many namespaces `creator` made, other than the one of their own name.
pub fn count_created(tx: &mut Tx<'_>, creator: &str) -> Result<u64, DbError> {
    let row = tx.query_first(
        "SELECT COUNT(*) FROM namespaces WHERE created_by = $1 AND name <> $1",
        params![creator],
    )?;
    row.map_or(Ok(0), |mut row| row.take(0))
}

/// Whether a user of the namespace's name exists, so that it is theirs for as long as they are there.
pub fn belongs_to_user(tx: &mut Tx<'_>, name: &str) -> Result<bool, DbError> {
    let row = tx.query_first("SELECT 1 FROM users WHERE username = $1", params![name])?;
    Ok(row.is_some())
}

/// Whether a repository is in it.
pub fn has_repositories(tx: &mut Tx<'_>, id: NamespaceId) -> Result<bool, DbError> {
    let row = tx.query_first(
        "SELECT 1 FROM repositories WHERE namespace_id = $1 LIMIT 1",
        params![id],
    )?;
    Ok(row.is_some())
}

/// Whether a namespace exists: files of those that do not are swept.
pub fn exists(tx: &mut Tx<'_>, id: NamespaceId) -> Result<bool, DbError> {
    let row = tx.query_first("SELECT 1 FROM namespaces WHERE id = $1", params![id])?;
    Ok(row.is_some())
}

/// The robots of a namespace: who deletes it must forget them.
pub fn list_robots(tx: &mut Tx<'_>, id: NamespaceId) -> Result<Vec<RobotId>, DbError> {
    let rows = tx.query("SELECT id FROM robots WHERE namespace_id = $1", params![id])?;
    rows.into_iter().map(|mut row| row.take(0)).collect()
}

/// Replaces the description.
pub fn edit_namespace(
    tx: &mut Tx<'_>,
    granted: &Granted<EditNamespace>,
    description: &str,
) -> Result<bool, DbError> {
    let changed = tx.execute(
        "UPDATE namespaces SET description = $2 WHERE id = $1",
        params![granted.subject().namespace, description],
    )?;
    Ok(changed == 1)
}

/// Removes an empty namespace with its members and robots.
pub fn delete_namespace(
    tx: &mut Tx<'_>,
    granted: &Granted<EditNamespace>,
) -> Result<bool, DbError> {
    let removed = tx.execute(
        "DELETE FROM namespaces WHERE id = $1",
        params![granted.subject().namespace],
    )?;
    Ok(removed == 1)
}
