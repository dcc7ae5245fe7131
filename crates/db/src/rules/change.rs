//! Rules made, changed and removed.

use crate::{DbError, Tx, params};
use wharf_model::{
    Granted, RemotePath, RuleId, SourceAddress, SourceId, SourceKind, Timestamp,
    rights::ManageRules,
};

/// A rule to be made.
#[derive(Debug, Clone)]
pub struct NewRule {
    /// The id.
    pub id: RuleId,
    /// Unique in the repository.
    pub name: String,
    /// The account it fetches with.
    pub source: SourceId,
    /// What kind of host that is on.
    pub source_kind: SourceKind,
    /// Where.
    pub source_address: SourceAddress,
    /// Whose account it is.
    pub source_owner: String,
    /// The repository's path on its host.
    pub remote: RemotePath,
    /// Whether it builds by itself.
    pub enabled: bool,
    /// JSON.
    pub definition: String,
    /// Who makes it.
    pub created_by: String,
    /// Now.
    pub at: Timestamp,
}

/// Makes a rule; answers whether the name was free.
pub fn insert_rule(
    tx: &mut Tx<'_>,
    granted: &Granted<ManageRules>,
    new: &NewRule,
) -> Result<bool, DbError> {
    let made = tx.execute(
        "INSERT INTO rules (id, repository_id, name, source_id, source_kind, source_address, source_owner, remote,
            enabled, caught_up, version, created_by, created_at, changed_by, changed_at, definition)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, $11, $12, $11, $12, $13)
         ON CONFLICT (repository_id, name) DO NOTHING",
        params![
            new.id,
            granted.repository(),
            new.name,
            new.source,
            new.source_kind,
            new.source_address,
            new.source_owner,
            new.remote,
            new.enabled,
            false,
            new.created_by,
            new.at,
            new.definition
        ],
    )?;
    Ok(made == 1)
}

/// A rule as it shall be.
#[derive(Debug, Clone)]
pub struct RuleChange {
    /// Its name.
    pub name: String,
    /// The account it fetches with.
    pub source: Option<SourceId>,
    /// What kind of host that is on.
    pub source_kind: SourceKind,
    /// Where.
    pub source_address: SourceAddress,
    /// Whose account it is.
    pub source_owner: String,
    /// The repository's path on its host.
    pub remote: RemotePath,
    /// Whether it builds by itself.
    pub enabled: bool,
    /// Whether the refs that are there now are to be taken as seen first.
    pub caught_up: bool,
    /// JSON.
    pub definition: String,
    /// Who changes it.
    pub changed_by: String,
    /// Now.
    pub at: Timestamp,
}

/// Changes a rule that still has `version`; answers whether it had. A name that is taken is a constraint's error.
pub fn change_rule(
    tx: &mut Tx<'_>,
    granted: &Granted<ManageRules>,
    id: RuleId,
    version: i64,
    change: &RuleChange,
) -> Result<bool, DbError> {
    let changed = tx.execute(
        "UPDATE rules SET name = $4, source_id = CAST($5 AS TEXT), source_kind = $6, source_address = $7,
            source_owner = $8, remote = $9, enabled = $10, caught_up = $11, definition = $12, changed_by = $13,
            changed_at = $14, version = version + 1
         WHERE repository_id = $1 AND id = $2 AND version = $3",
        params![
            granted.repository(),
            id,
            version,
            change.name,
            change.source,
            change.source_kind,
            change.source_address,
            change.source_owner,
            change.remote,
            change.enabled,
            change.caught_up,
            change.definition,
            change.changed_by,
            change.at
        ],
    )?;
    Ok(changed == 1)
}

/// Notes that the refs that were there are taken as seen.
pub fn catch_up(tx: &mut Tx<'_>, id: RuleId) -> Result<(), DbError> {
    tx.execute(
        "UPDATE rules SET caught_up = $2 WHERE id = $1",
        params![id, true],
    )
    .map(drop)
}

/// Removes a rule with its heads, decisions, secrets' names, links of its own and trigger URLs; answers whether it was
/// there.
pub fn delete_rule(
    tx: &mut Tx<'_>,
    granted: &Granted<ManageRules>,
    id: RuleId,
) -> Result<bool, DbError> {
    tx.execute(
        "DELETE FROM links WHERE repository_id = $1 AND rule_id = $2",
        params![granted.repository(), id],
    )?;
    let removed = tx.execute(
        "DELETE FROM rules WHERE repository_id = $1 AND id = $2",
        params![granted.repository(), id],
    )?;
    Ok(removed == 1)
}

/// Forgets where the refs of a rule were, because they are those of another repository now. What was decided stays.
pub fn forget_heads(tx: &mut Tx<'_>, id: RuleId) -> Result<(), DbError> {
    tx.execute(
        "UPDATE rule_heads SET object = NULL, commit_id = NULL WHERE rule_id = $1",
        params![id],
    )
    .map(drop)
}

/// Lets the rules of a source that moved look at the new address, whose present refs they take as seen.
pub fn follow_source(
    tx: &mut Tx<'_>,
    source: SourceId,
    address: &SourceAddress,
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE rules SET source_address = $2, caught_up = FALSE, version = version + 1 WHERE source_id = $1",
        params![source, address],
    )
    .map(drop)
}
