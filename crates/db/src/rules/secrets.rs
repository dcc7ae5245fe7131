//! Which build secrets a rule has. Their values are sealed in [`crate::secrets`], at (`rule_secrets`, rule, name).

use crate::{DbError, Tx, params};
use wharf_model::{RuleId, Timestamp};

/// A secret as the rule's page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleSecret {
    /// What `RUN --mount=type=secret,id=…` calls it.
    pub name: String,
    /// Who set it last.
    pub set_by: String,
    /// When.
    pub set_at: Timestamp,
}

/// The secrets of a rule, by name.
pub fn list_rule_secrets(tx: &mut Tx<'_>, rule: RuleId) -> Result<Vec<RuleSecret>, DbError> {
    let rows = tx.query(
        "SELECT name, set_by, set_at FROM rule_secrets WHERE rule_id = $1 ORDER BY name",
        params![rule],
    )?;
    rows.into_iter()
        .map(|mut row| {
            Ok(RuleSecret {
                name: row.take(0)?,
                set_by: row.take(1)?,
                set_at: row.take(2)?,
            })
        })
        .collect()
}

/// Notes that a secret was set.
pub fn note_rule_secret(
    tx: &mut Tx<'_>,
    rule: RuleId,
    name: &str,
    by: &str,
    at: Timestamp,
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO rule_secrets (rule_id, name, set_by, set_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (rule_id, name) DO UPDATE SET set_by = excluded.set_by, set_at = excluded.set_at",
        params![rule, name, by, at],
    )
    .map(drop)
}

/// Forgets that there was a secret; answers whether there was.
pub fn forget_rule_secret(tx: &mut Tx<'_>, rule: RuleId, name: &str) -> Result<bool, DbError> {
    let removed = tx.execute(
        "DELETE FROM rule_secrets WHERE rule_id = $1 AND name = $2",
        params![rule, name],
    )?;
    Ok(removed == 1)
}
