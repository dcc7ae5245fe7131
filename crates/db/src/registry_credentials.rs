//! Credentials of namespaces for other registries. Passwords are in `secrets`.

use crate::{DbError, Row, Tx, params};
use wharf_model::{CredentialId, Granted, NamespaceId, Timestamp, rights::ManageCredentials};

/// The table's name, as secrets are bound to it.
pub const TABLE: &str = "registry_credentials";

/// A credential as the namespace's page shows it. Its password is nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistryCredential {
    /// The id.
    pub id: CredentialId,
    /// The namespace.
    pub namespace: NamespaceId,
    /// The registry: `docker.io`, `registry.example:5000`.
    pub host: String,
    /// Who wharf is there.
    pub username: String,
    /// Whether a password is stored; without one it is of no use.
    pub has_secret: bool,
    /// What the registry said against it when it was last asked.
    pub problem: Option<String>,
    /// The cause, in a sentence.
    pub problem_detail: String,
    /// When the registry was last asked.
    pub checked_at: Option<Timestamp>,
    /// Who made it.
    pub created_by: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

const SELECT: &str = "SELECT c.id, c.namespace_id, c.host, c.username,
    EXISTS (SELECT 1 FROM secrets s WHERE s.owner_table = 'registry_credentials' AND s.owner_row = c.id),
    c.problem, c.problem_detail, c.checked_at, c.created_by, c.created_at, c.updated_at
    FROM registry_credentials c WHERE c.namespace_id = $1";

fn read_credential(mut row: Row) -> Result<RegistryCredential, DbError> {
    Ok(RegistryCredential {
        id: row.take(0)?,
        namespace: row.take(1)?,
        host: row.take(2)?,
        username: row.take(3)?,
        has_secret: row.take(4)?,
        problem: row.take(5)?,
        problem_detail: row.take(6)?,
        checked_at: row.take(7)?,
        created_by: row.take(8)?,
        created_at: row.take(9)?,
        updated_at: row.take(10)?,
    })
}

/// The namespace's credentials in the order of their hosts, after `after`.
pub fn list_credentials(
    tx: &mut Tx<'_>,
    granted: &Granted<ManageCredentials>,
    after: &str,
    limit: usize,
) -> Result<Vec<RegistryCredential>, DbError> {
    let rows = tx.query(
        &format!("{SELECT} AND c.host > $2 ORDER BY c.host LIMIT $3"),
        params![granted.subject().namespace, after, limit],
    )?;
    rows.into_iter().map(read_credential).collect()
}

/// One credential of the namespace.
pub fn find_credential(
    tx: &mut Tx<'_>,
    granted: &Granted<ManageCredentials>,
    id: CredentialId,
) -> Result<Option<RegistryCredential>, DbError> {
    let row = tx.query_first(
        &format!("{SELECT} AND c.id = $2"),
        params![granted.subject().namespace, id],
    )?;
    row.map(read_credential).transpose()
}

/// What a namespace has for a registry: for its builds, never for an answer to anybody.
pub fn find_for_host(
    tx: &mut Tx<'_>,
    namespace: NamespaceId,
    host: &str,
) -> Result<Option<RegistryCredential>, DbError> {
    let row = tx.query_first(
        &format!("{SELECT} AND c.host = $2"),
        params![namespace, host],
    )?;
    row.map(read_credential).transpose()
}

/// How many credentials the namespace has.
pub fn count_credentials(
    tx: &mut Tx<'_>,
    granted: &Granted<ManageCredentials>,
) -> Result<u64, DbError> {
    let row = tx.query_first(
        "SELECT COUNT(*) FROM registry_credentials WHERE namespace_id = $1",
        params![granted.subject().namespace],
    )?;
    row.map_or(Ok(0), |mut row| row.take(0))
}

/// The hosts that a namespace has credentials for.
pub fn list_hosts(tx: &mut Tx<'_>, namespace: NamespaceId) -> Result<Vec<String>, DbError> {
    let rows = tx.query(
        "SELECT host FROM registry_credentials WHERE namespace_id = $1 ORDER BY host",
        params![namespace],
    )?;
    rows.into_iter().map(|mut row| row.take(0)).collect()
}

/// Keeps a credential; answers whether the namespace had none for this registry.
pub fn insert_credential(
    tx: &mut Tx<'_>,
    _granted: &Granted<ManageCredentials>,
    new: &RegistryCredential,
) -> Result<bool, DbError> {
    let made = tx.execute(
        "INSERT INTO registry_credentials (id, namespace_id, host, username, problem, problem_detail, checked_at,
            created_by, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (namespace_id, host) DO NOTHING",
        params![
            new.id,
            new.namespace,
            new.host,
            new.username,
            new.problem,
            new.problem_detail,
            new.checked_at,
            new.created_by,
            new.created_at,
            new.updated_at
        ],
    )?;
    Ok(made == 1)
}

/// Writes what an edit may change; answers whether the namespace has no other for this registry. What the registry once
/// said is forgotten.
pub fn replace_credential(
    tx: &mut Tx<'_>,
    granted: &Granted<ManageCredentials>,
    credential: &RegistryCredential,
) -> Result<bool, DbError> {
    let namespace = granted.subject().namespace;
    let taken = tx.query_first(
        "SELECT 1 FROM registry_credentials WHERE namespace_id = $1 AND host = $2 AND id <> $3",
        params![namespace, credential.host, credential.id],
    )?;
    if taken.is_some() {
        return Ok(false);
    }
    tx.execute(
        "UPDATE registry_credentials SET host = $3, username = $4, updated_at = $5, problem = NULL,
            problem_detail = '', checked_at = NULL
         WHERE namespace_id = $1 AND id = $2",
        params![
            namespace,
            credential.id,
            credential.host,
            credential.username,
            credential.updated_at
        ],
    )?;
    Ok(true)
}

/// Notes what the registry said, unless the credential was changed since `seen`.
pub fn record_check(
    tx: &mut Tx<'_>,
    id: CredentialId,
    seen: Timestamp,
    problem: Option<&str>,
    detail: &str,
    now: Timestamp,
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE registry_credentials SET problem = $3, problem_detail = $4, checked_at = $5
         WHERE id = $1 AND updated_at = $2",
        params![id, seen, problem, detail, now],
    )
    .map(drop)
}

/// Removes a credential with its password.
pub fn delete_credential(
    tx: &mut Tx<'_>,
    granted: &Granted<ManageCredentials>,
    id: CredentialId,
) -> Result<bool, DbError> {
    let removed = tx.execute(
        "DELETE FROM registry_credentials WHERE namespace_id = $1 AND id = $2",
        params![granted.subject().namespace, id],
    )?;
    // Only of what was the namespace's own.
    if removed == 1 {
        crate::secrets::forget_secrets(tx, TABLE, id)?;
    }
    Ok(removed == 1)
}
