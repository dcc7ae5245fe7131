//! Members of namespaces and their roles.

use crate::{DbError, Row, Tx, params, repositories::like_pattern, users};
use wharf_model::{
    Granted, NamespaceFacts, Right, Role, Timestamp, UserId, Username,
    rights::{ManageMembers, View},
};

/// A member as the namespace's page shows it.
#[derive(Debug, Clone)]
pub struct Member {
    /// The login name.
    pub username: Username,
    /// What they may do.
    pub role: Role,
    /// When they got their first role here.
    pub added_at: Timestamp,
}

fn read_member(mut row: Row) -> Result<Member, DbError> {
    Ok(Member {
        username: row.take(0)?,
        role: row.take(1)?,
        added_at: row.take(2)?,
    })
}

/// Members whose names contain `term`, in the order of their names, after `after`.
pub fn list_members(
    tx: &mut Tx<'_>,
    granted: &Granted<View>,
    term: &str,
    after: &str,
    limit: usize,
) -> Result<Vec<Member>, DbError> {
    let rows = tx.query(
        "SELECT u.username, m.role, m.added_at FROM members m JOIN users u ON u.id = m.user_id
         WHERE m.namespace_id = $1 AND u.username > $2 AND u.username LIKE $3 ESCAPE '!'
         ORDER BY u.username LIMIT $4",
        params![
            granted.subject().namespace,
            after,
            like_pattern(term),
            limit
        ],
    )?;
    rows.into_iter().map(read_member).collect()
}

/// One member. Whoever has any right on the namespace may see its members.
pub fn find_member<R: Right<Subject = NamespaceFacts>>(
    tx: &mut Tx<'_>,
    granted: &Granted<R>,
    user: UserId,
) -> Result<Option<Member>, DbError> {
    let row = tx.query_first(
        "SELECT u.username, m.role, m.added_at FROM members m JOIN users u ON u.id = m.user_id
         WHERE m.namespace_id = $1 AND m.user_id = $2",
        params![granted.subject().namespace, user],
    )?;
    row.map(read_member).transpose()
}

/// Whether the namespace has an owner other than this user.
pub fn has_other_owner(
    tx: &mut Tx<'_>,
    granted: &Granted<ManageMembers>,
    user: UserId,
) -> Result<bool, DbError> {
    let row = tx.query_first(
        "SELECT 1 FROM members WHERE namespace_id = $1 AND user_id <> $2 AND role = $3 LIMIT 1",
        params![granted.subject().namespace, user, Role::Owner],
    )?;
    Ok(row.is_some())
}

/// Gives a user a role, or another one.
pub fn set_member(
    tx: &mut Tx<'_>,
    granted: &Granted<ManageMembers>,
    user: UserId,
    role: Role,
    at: Timestamp,
) -> Result<(), DbError> {
    users::set_member(tx, granted.subject().namespace, user, role, at)
}

/// Takes a user's role away; answers whether they had one.
pub fn remove_member(
    tx: &mut Tx<'_>,
    granted: &Granted<ManageMembers>,
    user: UserId,
) -> Result<bool, DbError> {
    let removed = tx.execute(
        "DELETE FROM members WHERE namespace_id = $1 AND user_id = $2",
        params![granted.subject().namespace, user],
    )?;
    Ok(removed == 1)
}
