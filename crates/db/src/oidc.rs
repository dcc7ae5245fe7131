//! People whom an OIDC provider knows, and what its groups give them.
//!
//! Rights by groups are nobody's decision at the moment of signing in: the operator's mapping gives them, so nothing here
//! asks for a proof. Called by signing in through a provider alone.

use crate::{DbError, Tx, params};
use wharf_model::{NamespaceId, Role, Timestamp, UserId};

/// The account of the person whom `issuer` knows as `subject`.
pub fn find_person(
    tx: &mut Tx<'_>,
    issuer: &str,
    subject: &str,
) -> Result<Option<UserId>, DbError> {
    let row = tx.query_first(
        "SELECT user_id FROM oidc_identities WHERE issuer = $1 AND subject = $2",
        params![issuer, subject],
    )?;
    row.map(|mut row| row.take(0)).transpose()
}

/// Keeps whose account it is. Two sign-ins of one person at once are in turn: the second finds the first's.
pub fn insert_identity(
    tx: &mut Tx<'_>,
    issuer: &str,
    subject: &str,
    user: UserId,
    at: Timestamp,
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO oidc_identities (issuer, subject, user_id, created_at) VALUES ($1, $2, $3, $4)",
        params![issuer, subject, user, at],
    )
    .map(drop)
}

/// Makes a person an administrator, or no longer; what was remembered of them ends. Answers whether that changed anything.
pub fn set_admin(tx: &mut Tx<'_>, user: UserId, admin: bool) -> Result<bool, DbError> {
    let changed = tx.execute(
        "UPDATE users SET admin = $2, version = version + 1 WHERE id = $1 AND admin <> $2",
        params![user, admin],
    )?;
    Ok(changed == 1)
}

/// The role that a person has in a namespace.
pub fn find_role(
    tx: &mut Tx<'_>,
    namespace: NamespaceId,
    user: UserId,
) -> Result<Option<Role>, DbError> {
    let row = tx.query_first(
        "SELECT role FROM members WHERE namespace_id = $1 AND user_id = $2",
        params![namespace, user],
    )?;
    row.map(|mut row| row.take(0)).transpose()
}

/// Takes the role away that a group gave.
pub fn end_role(tx: &mut Tx<'_>, namespace: NamespaceId, user: UserId) -> Result<(), DbError> {
    tx.execute(
        "DELETE FROM members WHERE namespace_id = $1 AND user_id = $2",
        params![namespace, user],
    )
    .map(drop)
}
