//! Users.

use crate::{DbError, Tx, params};
use wharf_model::{NamespaceId, Role, Timestamp, UserId, Username};

/// A user to be made, with the namespace of the same name.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// The id.
    pub id: UserId,
    /// The login name.
    pub username: Username,
    /// As people read it.
    pub display_name: String,
    /// May be empty.
    pub email: String,
    /// argon2id, PHC string.
    pub password_hash: String,
    /// Administrates.
    pub admin: bool,
    /// Namespaces the user may make.
    pub namespace_limit: u64,
    /// Now.
    pub at: Timestamp,
}

/// Makes a user; answers whether the name was free.
pub fn insert_user(tx: &mut Tx<'_>, new: &NewUser) -> Result<bool, DbError> {
    let made = tx.execute(
        "INSERT INTO users (id, username, display_name, email, password_hash, admin, disabled,
            namespace_limit, version, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9) ON CONFLICT (username) DO NOTHING",
        params![
            new.id,
            new.username,
            new.display_name,
            new.email,
            new.password_hash,
            new.admin,
            false,
            new.namespace_limit,
            new.at
        ],
    )?;
    Ok(made == 1)
}

/// Whether there is any user yet.
pub fn has_users(tx: &mut Tx<'_>) -> Result<bool, DbError> {
    Ok(tx
        .query_first("SELECT 1 FROM users LIMIT 1", &[])?
        .is_some())
}

/// Gives a user a role in a namespace, or another one.
pub fn set_member(
    tx: &mut Tx<'_>,
    namespace: NamespaceId,
    user: UserId,
    role: Role,
    at: Timestamp,
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO members (namespace_id, user_id, role, added_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (namespace_id, user_id) DO UPDATE SET role = excluded.role",
        params![namespace, user, role, at],
    )
    .map(drop)
}
