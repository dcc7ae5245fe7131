//! Accounts as signing in and decisions need them; the tables' own pages are beside this file.

use crate::{DbError, Row, Tx, params};
use wharf_model::{
    Actions, NamespaceId, RobotId, Role, Sponsor, Timestamp, TokenId, UserId, Username,
};

/// A person with all roles.
#[derive(Debug, Clone)]
pub struct UserAccount {
    /// The login name.
    pub username: Username,
    /// Grows with every change.
    pub version: i64,
    /// Administrates.
    pub admin: bool,
    /// May not sign in.
    pub disabled: bool,
    /// Memberships.
    pub roles: Vec<(NamespaceId, Role)>,
}

/// A robot with its namespace.
#[derive(Debug, Clone)]
pub struct RobotAccount {
    /// `NAMESPACE+NAME`.
    pub login: String,
    /// Where it works.
    pub namespace: NamespaceId,
    /// Who stands behind it.
    pub sponsor: Sponsor,
    /// Grows with every change.
    pub version: i64,
    /// May not sign in.
    pub disabled: bool,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
}

/// The person with this id.
pub fn find_user(tx: &mut Tx<'_>, id: UserId) -> Result<Option<UserAccount>, DbError> {
    let row = tx.query_first(
        "SELECT username, version, admin, disabled FROM users WHERE id = $1",
        params![id],
    )?;
    let Some(mut row) = row else { return Ok(None) };
    let roles = tx.query(
        "SELECT namespace_id, role FROM members WHERE user_id = $1",
        params![id],
    )?;
    Ok(Some(UserAccount {
        username: row.take(0)?,
        version: row.take(1)?,
        admin: row.take(2)?,
        disabled: row.take(3)?,
        roles: roles
            .into_iter()
            .map(|mut row| Ok((row.take(0)?, row.take(1)?)))
            .collect::<Result<_, DbError>>()?,
    }))
}

/// The robot with this id.
pub fn find_robot(tx: &mut Tx<'_>, id: RobotId) -> Result<Option<RobotAccount>, DbError> {
    let row = tx.query_first(
        "SELECT n.name, r.name, r.namespace_id, r.version, r.disabled, r.expires_at, u.id
         FROM robots r JOIN namespaces n ON n.id = r.namespace_id
         LEFT JOIN users u ON u.username = n.created_by AND NOT u.admin WHERE r.id = $1",
        params![id],
    )?;
    row.map(|mut row| {
        let (namespace, maker): (NamespaceId, Option<UserId>) = (row.take(2)?, row.take(6)?);
        Ok(RobotAccount {
            login: format!("{}+{}", row.take::<String>(0)?, row.take::<String>(1)?),
            namespace,
            sponsor: maker.map_or(Sponsor::Namespace(namespace), Sponsor::User),
            version: row.take(3)?,
            disabled: row.take(4)?,
            expires_at: row.take(5)?,
        })
    })
    .transpose()
}

/// A person's password, for signing in.
#[derive(Debug, Clone)]
pub struct PasswordCredential {
    /// Whose it is.
    pub user: UserId,
    /// The account's version while this was the password.
    pub version: i64,
    /// argon2id, PHC string.
    pub hash: String,
}

/// The password of the person with this login name.
pub fn find_password(
    tx: &mut Tx<'_>,
    username: &str,
) -> Result<Option<PasswordCredential>, DbError> {
    let row = tx.query_first(
        "SELECT id, version, password_hash FROM users WHERE username = $1",
        params![username],
    )?;
    row.map(|mut row| {
        Ok(PasswordCredential {
            user: row.take(0)?,
            version: row.take(1)?,
            hash: row.take(2)?,
        })
    })
    .transpose()
}

/// A personal access token, for signing in.
#[derive(Debug, Clone)]
pub struct TokenCredential {
    /// The token.
    pub id: TokenId,
    /// Whose it is.
    pub user: UserId,
    /// The owner's login name.
    pub username: String,
    /// The owner's version while the token was there.
    pub version: i64,
    /// What it carries.
    pub actions: Actions,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
}

/// The token with this hash of its secret.
pub fn find_token(tx: &mut Tx<'_>, secret_hash: &[u8]) -> Result<Option<TokenCredential>, DbError> {
    let row = tx.query_first(
        "SELECT t.id, t.user_id, u.username, u.version, t.actions, t.expires_at
         FROM tokens t JOIN users u ON u.id = t.user_id WHERE t.secret_hash = $1",
        params![secret_hash],
    )?;
    row.map(|mut row: Row| {
        Ok(TokenCredential {
            id: row.take(0)?,
            user: row.take(1)?,
            username: row.take(2)?,
            version: row.take(3)?,
            actions: row.take(4)?,
            expires_at: row.take(5)?,
        })
    })
    .transpose()
}

/// A robot's secret, for signing in.
#[derive(Debug, Clone)]
pub struct RobotCredential {
    /// Whose it is.
    pub robot: RobotId,
    /// The robot's version while this was the secret.
    pub version: i64,
    /// What it may do.
    pub actions: Actions,
    /// What is kept of the secret.
    pub hash: Vec<u8>,
}

/// The secret of the robot of this name in this namespace.
pub fn find_robot_secret(
    tx: &mut Tx<'_>,
    namespace: &str,
    name: &str,
) -> Result<Option<RobotCredential>, DbError> {
    let row = tx.query_first(
        "SELECT r.id, r.version, r.actions, r.secret_hash
         FROM robots r JOIN namespaces n ON n.id = r.namespace_id WHERE n.name = $1 AND r.name = $2",
        params![namespace, name],
    )?;
    row.map(|mut row| {
        Ok(RobotCredential {
            robot: row.take(0)?,
            version: row.take(1)?,
            actions: row.take(2)?,
            hash: row.take(3)?,
        })
    })
    .transpose()
}

/// Notes when a credential was last used.
pub fn note_use(
    tx: &mut Tx<'_>,
    user: Option<UserId>,
    token: Option<TokenId>,
    robot: Option<RobotId>,
    at: Timestamp,
) -> Result<(), DbError> {
    if let Some(id) = user {
        tx.execute(
            "UPDATE users SET last_login_at = $2 WHERE id = $1",
            params![id, at],
        )?;
    }
    if let Some(id) = token {
        tx.execute(
            "UPDATE tokens SET last_used_at = $2 WHERE id = $1",
            params![id, at],
        )?;
    }
    if let Some(id) = robot {
        tx.execute(
            "UPDATE robots SET last_used_at = $2 WHERE id = $1",
            params![id, at],
        )?;
    }
    Ok(())
}

/// A namespace's id by its name.
pub fn find_namespace(tx: &mut Tx<'_>, name: &str) -> Result<Option<NamespaceId>, DbError> {
    let row = tx.query_first("SELECT id FROM namespaces WHERE name = $1", params![name])?;
    row.map(|mut row| row.take(0)).transpose()
}

/// Makes a namespace; answers whether the name was free.
pub fn insert_namespace(
    tx: &mut Tx<'_>,
    id: NamespaceId,
    name: &str,
    description: &str,
    created_by: &str,
    at: Timestamp,
) -> Result<bool, DbError> {
    let made = tx.execute(
        "INSERT INTO namespaces (id, name, description, created_by, created_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (name) DO NOTHING",
        params![id, name, description, created_by, at],
    )?;
    Ok(made == 1)
}
