//! Robot accounts of namespaces.

use crate::{DbError, Row, Tx, params};
use wharf_model::{Actions, Granted, RobotId, RobotName, Timestamp, rights::ManageRobots};

/// A robot as the namespace's page shows it. Its secret is nowhere.
#[derive(Debug, Clone)]
pub struct Robot {
    /// The id.
    pub id: RobotId,
    /// Its name within the namespace.
    pub name: RobotName,
    /// The namespace's name.
    pub namespace: String,
    /// What it is for.
    pub description: String,
    /// What it may do.
    pub actions: Actions,
    /// May not sign in.
    pub disabled: bool,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
    /// Who made it.
    pub created_by: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last signed in.
    pub last_used_at: Option<Timestamp>,
}

const SELECT: &str =
    "SELECT r.id, r.name, n.name, r.description, r.actions, r.disabled, r.expires_at,
    r.created_by, r.created_at, r.last_used_at
    FROM robots r JOIN namespaces n ON n.id = r.namespace_id WHERE r.namespace_id = $1";

fn read_robot(mut row: Row) -> Result<Robot, DbError> {
    Ok(Robot {
        id: row.take(0)?,
        name: row.take(1)?,
        namespace: row.take(2)?,
        description: row.take(3)?,
        actions: row.take(4)?,
        disabled: row.take(5)?,
        expires_at: row.take(6)?,
        created_by: row.take(7)?,
        created_at: row.take(8)?,
        last_used_at: row.take(9)?,
    })
}

/// Robots in the order of their names, after `after`.
pub fn list_robots(
    tx: &mut Tx<'_>,
    granted: &Granted<ManageRobots>,
    after: &str,
    limit: usize,
) -> Result<Vec<Robot>, DbError> {
    let rows = tx.query(
        &format!("{SELECT} AND r.name > $2 ORDER BY r.name LIMIT $3"),
        params![granted.subject().namespace, after, limit],
    )?;
    rows.into_iter().map(read_robot).collect()
}

/// One robot.
pub fn find_robot(
    tx: &mut Tx<'_>,
    granted: &Granted<ManageRobots>,
    name: &RobotName,
) -> Result<Option<Robot>, DbError> {
    let row = tx.query_first(
        &format!("{SELECT} AND r.name = $2"),
        params![granted.subject().namespace, name],
    )?;
    row.map(read_robot).transpose()
}

/// How many robots the namespace has.
pub fn count_robots(tx: &mut Tx<'_>, granted: &Granted<ManageRobots>) -> Result<u64, DbError> {
    let row = tx.query_first(
        "SELECT COUNT(*) FROM robots WHERE namespace_id = $1",
        params![granted.subject().namespace],
    )?;
    row.map_or(Ok(0), |mut row| row.take(0))
}

/// A robot to be made.
#[derive(Debug, Clone)]
pub struct NewRobot {
    /// The id.
    pub id: RobotId,
    /// Its name within the namespace.
    pub name: RobotName,
    /// What it is for.
    pub description: String,
    /// What it may do.
    pub actions: Actions,
    /// What is kept of its secret.
    pub secret_hash: Vec<u8>,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
    /// Who makes it.
    pub created_by: String,
    /// Now.
    pub at: Timestamp,
}

/// Makes a robot; answers whether the name was free.
pub fn insert_robot(
    tx: &mut Tx<'_>,
    granted: &Granted<ManageRobots>,
    new: &NewRobot,
) -> Result<bool, DbError> {
    let made = tx.execute(
        "INSERT INTO robots (id, namespace_id, name, description, actions, secret_hash, disabled, expires_at,
            version, created_by, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9, $10) ON CONFLICT (namespace_id, name) DO NOTHING",
        params![
            new.id,
            granted.subject().namespace,
            new.name,
            new.description,
            new.actions,
            new.secret_hash,
            false,
            new.expires_at,
            new.created_by,
            new.at
        ],
    )?;
    Ok(made == 1)
}

/// What an edit changes; `None` leaves it.
#[derive(Debug, Clone, Default)]
pub struct RobotEdit {
    /// What it is for.
    pub description: Option<String>,
    /// What it may do.
    pub actions: Option<Actions>,
    /// May not sign in.
    pub disabled: Option<bool>,
    /// When it ends; `Some(None)` is never.
    pub expires_at: Option<Option<Timestamp>>,
}

/// Edits a robot; what was proved by its secret before ends.
pub fn edit_robot(
    tx: &mut Tx<'_>,
    granted: &Granted<ManageRobots>,
    id: RobotId,
    edit: &RobotEdit,
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE robots SET description = COALESCE(CAST($3 AS TEXT), description),
            actions = COALESCE(CAST($4 AS TEXT), actions),
            disabled = COALESCE(CAST($5 AS BOOLEAN), disabled),
            expires_at = CASE WHEN CAST($6 AS BOOLEAN) THEN CAST($7 AS BIGINT) ELSE expires_at END,
            version = version + 1
         WHERE namespace_id = $1 AND id = $2",
        params![
            granted.subject().namespace,
            id,
            edit.description,
            edit.actions,
            edit.disabled,
            edit.expires_at.is_some(),
            edit.expires_at.flatten()
        ],
    )
    .map(drop)
}

/// Replaces the secret; the old one is worth nothing.
pub fn replace_secret(
    tx: &mut Tx<'_>,
    granted: &Granted<ManageRobots>,
    id: RobotId,
    secret_hash: &[u8],
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE robots SET secret_hash = $3, version = version + 1 WHERE namespace_id = $1 AND id = $2",
        params![granted.subject().namespace, id, secret_hash],
    )
    .map(drop)
}

/// Removes a robot.
pub fn delete_robot(
    tx: &mut Tx<'_>,
    granted: &Granted<ManageRobots>,
    id: RobotId,
) -> Result<(), DbError> {
    tx.execute(
        "DELETE FROM robots WHERE namespace_id = $1 AND id = $2",
        params![granted.subject().namespace, id],
    )
    .map(drop)
}
