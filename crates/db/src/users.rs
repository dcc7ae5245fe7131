//! Users: their pages, their changes, and what keeps an installation administrable.

use crate::{DbError, Row, Tx, params, repositories::like_pattern};
use wharf_model::{Granted, NamespaceId, Role, Timestamp, UserId, Username, rights::Administer};

/// A user as administrators and the user themselves see it.
#[derive(Debug, Clone)]
pub struct User {
    /// The id.
    pub id: UserId,
    /// The login name.
    pub username: Username,
    /// As people read it.
    pub display_name: String,
    /// May be empty.
    pub email: String,
    /// Administrates.
    pub admin: bool,
    /// May not sign in.
    pub disabled: bool,
    /// Namespaces the user may make.
    pub namespace_limit: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last signed in.
    pub last_login_at: Option<Timestamp>,
    /// The password was made by the server: somebody else has seen it.
    pub password_made: bool,
    /// The tag of the language the person chose; empty when they did not.
    pub language: String,
    /// There is a password to sign in with; who came from a provider has none.
    pub has_password: bool,
}

const COLUMNS: &str = "id, username, display_name, email, admin, disabled, namespace_limit, created_at, last_login_at, password_made, language, password_hash <> ''";

fn read_user(mut row: Row) -> Result<User, DbError> {
    Ok(User {
        id: row.take(0)?,
        username: row.take(1)?,
        display_name: row.take(2)?,
        email: row.take(3)?,
        admin: row.take(4)?,
        disabled: row.take(5)?,
        namespace_limit: row.take(6)?,
        created_at: row.take(7)?,
        last_login_at: row.take(8)?,
        password_made: row.take(9)?,
        language: row.take(10)?,
        has_password: row.take(11)?,
    })
}

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
    /// Whether the server made that password.
    pub password_made: bool,
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
            namespace_limit, version, created_at, password_made)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9, $10) ON CONFLICT (username) DO NOTHING",
        params![
            new.id,
            new.username,
            new.display_name,
            new.email,
            new.password_hash,
            new.admin,
            false,
            new.namespace_limit,
            new.at,
            new.password_made
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

/// Gives a user a role in a namespace, or another one. What a person may do by this is decided in
/// [`crate::members::set_member`]; here is what makes a namespace's first owner.
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

/// Users whose login name, display name or e-mail address contains `term`, in the order of their names, after `after`.
pub fn list_users(
    tx: &mut Tx<'_>,
    _granted: &Granted<Administer>,
    term: &str,
    after: &str,
    limit: usize,
) -> Result<Vec<User>, DbError> {
    let rows = tx.query(
        &format!(
            "SELECT {COLUMNS} FROM users WHERE username > $1 AND (username LIKE $2 ESCAPE '!'
                OR LOWER(display_name) LIKE $2 ESCAPE '!' OR LOWER(email) LIKE $2 ESCAPE '!')
             ORDER BY username LIMIT $3"
        ),
        params![after, like_pattern(term), limit],
    )?;
    rows.into_iter().map(read_user).collect()
}

/// The user of this name.
pub fn find_user(
    tx: &mut Tx<'_>,
    _granted: &Granted<Administer>,
    username: &Username,
) -> Result<Option<User>, DbError> {
    let row = tx.query_first(
        &format!("SELECT {COLUMNS} FROM users WHERE username = $1"),
        params![username],
    )?;
    row.map(read_user).transpose()
}

/// The user's own page.
pub fn load_own_user(tx: &mut Tx<'_>, id: UserId) -> Result<Option<User>, DbError> {
    let row = tx.query_first(
        &format!("SELECT {COLUMNS} FROM users WHERE id = $1"),
        params![id],
    )?;
    row.map(read_user).transpose()
}

/// The id behind a login name.
pub fn find_id(tx: &mut Tx<'_>, username: &Username) -> Result<Option<UserId>, DbError> {
    let row = tx.query_first(
        "SELECT id FROM users WHERE username = $1",
        params![username],
    )?;
    row.map(|mut row| row.take(0)).transpose()
}

/// What an edit changes; `None` leaves it.
#[derive(Debug, Clone, Default)]
pub struct UserEdit {
    /// As people read it.
    pub display_name: Option<String>,
    /// May be empty.
    pub email: Option<String>,
    /// Administrates.
    pub admin: Option<bool>,
    /// May not sign in.
    pub disabled: Option<bool>,
    /// Namespaces the user may make.
    pub namespace_limit: Option<u64>,
}

/// Edits a user; what it remembered of its credentials dies when its rights changed.
pub fn edit_user(
    tx: &mut Tx<'_>,
    _granted: &Granted<Administer>,
    id: UserId,
    edit: &UserEdit,
) -> Result<(), DbError> {
    let rights_change = i64::from(edit.admin.is_some() || edit.disabled.is_some());
    tx.execute(
        "UPDATE users SET display_name = COALESCE(CAST($2 AS TEXT), display_name),
            email = COALESCE(CAST($3 AS TEXT), email),
            admin = COALESCE(CAST($4 AS BOOLEAN), admin),
            disabled = COALESCE(CAST($5 AS BOOLEAN), disabled),
            namespace_limit = COALESCE(CAST($6 AS BIGINT), namespace_limit),
            version = version + $7
         WHERE id = $1",
        params![
            id,
            edit.display_name,
            edit.email,
            edit.admin,
            edit.disabled,
            edit.namespace_limit,
            rights_change
        ],
    )
    .map(drop)
}

/// What people change of their own account; `None` leaves it.
#[derive(Debug, Clone, Default)]
pub struct OwnEdit {
    /// As people read it.
    pub display_name: Option<String>,
    /// May be empty.
    pub email: Option<String>,
    /// The tag of a language; empty for none.
    pub language: Option<String>,
}

/// Edits what gives nobody a right. Answers whether the user exists.
pub fn edit_own(tx: &mut Tx<'_>, id: UserId, edit: &OwnEdit) -> Result<bool, DbError> {
    let changed = tx.execute(
        "UPDATE users SET display_name = COALESCE(CAST($2 AS TEXT), display_name),
            email = COALESCE(CAST($3 AS TEXT), email),
            language = COALESCE(CAST($4 AS TEXT), language)
         WHERE id = $1",
        params![id, edit.display_name, edit.email, edit.language],
    )?;
    Ok(changed == 1)
}

/// Replaces a password, which the server may have `made`; everything that was proved by the old one ends. Answers whether
/// the user exists.
pub fn set_password(
    tx: &mut Tx<'_>,
    id: UserId,
    password_hash: &str,
    made: bool,
) -> Result<bool, DbError> {
    let changed = tx.execute(
        "UPDATE users SET password_hash = $2, password_made = $3, version = version + 1 WHERE id = $1",
        params![id, password_hash, made],
    )?;
    Ok(changed == 1)
}

/// Ends what is remembered of a user's credentials and every registry token issued to them.
pub fn end_credentials(tx: &mut Tx<'_>, id: UserId) -> Result<(), DbError> {
    tx.execute(
        "UPDATE users SET version = version + 1 WHERE id = $1",
        params![id],
    )
    .map(drop)
}

/// Whether an administrator other than this user could still sign in.
pub fn has_other_administrator(tx: &mut Tx<'_>, id: UserId) -> Result<bool, DbError> {
    let row = tx.query_first(
        "SELECT 1 FROM users WHERE admin AND NOT disabled AND id <> $1 LIMIT 1",
        params![id],
    )?;
    Ok(row.is_some())
}

/// Removes a user with memberships, tokens and favorites.
pub fn delete_user(
    tx: &mut Tx<'_>,
    _granted: &Granted<Administer>,
    id: UserId,
) -> Result<(), DbError> {
    tx.execute("DELETE FROM users WHERE id = $1", params![id])
        .map(drop)
}
