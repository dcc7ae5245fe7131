//! Tags that belong to a rule because its builds set them: no loose build may move them.

use crate::{DbError, Tx, params};
use wharf_model::{RepositoryId, RuleId};
use wharf_oci::Tag;

/// Notes that the tags belong to the rule from now on.
pub fn own_tags(
    tx: &mut Tx<'_>,
    repository: RepositoryId,
    rule: RuleId,
    tags: &[Tag],
) -> Result<(), DbError> {
    for tag in tags {
        tx.execute(
            "INSERT INTO owned_tags (repository_id, tag, rule_id) VALUES ($1, $2, $3)
             ON CONFLICT (repository_id, tag) DO UPDATE SET rule_id = excluded.rule_id",
            params![repository, tag, rule],
        )?;
    }
    Ok(())
}

/// The rule that a tag belongs to.
pub fn find_owner(
    tx: &mut Tx<'_>,
    repository: RepositoryId,
    tag: &Tag,
) -> Result<Option<RuleId>, DbError> {
    let row = tx.query_first(
        "SELECT rule_id FROM owned_tags WHERE repository_id = $1 AND tag = $2",
        params![repository, tag],
    )?;
    row.map(|mut row| row.take(0)).transpose()
}

/// Those of `tags` that belong to a rule.
pub fn list_owned(
    tx: &mut Tx<'_>,
    repository: RepositoryId,
    tags: &[Tag],
) -> Result<Vec<Tag>, DbError> {
    let mut owned = Vec::new();
    for tag in tags {
        if find_owner(tx, repository, tag)?.is_some() {
            owned.push(tag.clone());
        }
    }
    Ok(owned)
}

/// Gives the tags of a rule free: the rule is going.
pub fn release_tags(tx: &mut Tx<'_>, rule: RuleId) -> Result<(), DbError> {
    tx.execute("DELETE FROM owned_tags WHERE rule_id = $1", params![rule])
        .map(drop)
}
