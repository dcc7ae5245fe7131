//! Tags that belong to a rule because its builds set them: no loose build may move them, and no build of another ref that is
//! older than the one that set them last.

use super::record::Build;
use crate::{DbError, Tx, params};
use wharf_model::{RepositoryId, RuleId, builds::RefName};
use wharf_oci::Tag;

/// Notes that the tags that a build set belong to its rule from now on.
pub fn own_tags(tx: &mut Tx<'_>, build: &Build, rule: RuleId) -> Result<(), DbError> {
    let reference = build.reference.as_ref().map_or("", RefName::as_str);
    for tag in &build.tags {
        tx.execute(
            "INSERT INTO owned_tags (repository_id, tag, rule_id, ref, rank) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (repository_id, tag) DO UPDATE SET rule_id = excluded.rule_id, ref = excluded.ref,
                rank = excluded.rank",
            params![build.repository, tag, rule, reference, build.rank],
        )?;
    }
    Ok(())
}

/// Those of a build's tags that a newer build of another ref set last. None for a build without rule or ref, whose tags
/// somebody chose.
pub fn list_overtaken(tx: &mut Tx<'_>, build: &Build) -> Result<Vec<Tag>, DbError> {
    let rule = build.rule.as_ref().and_then(|rule| rule.id);
    let (Some(rule), Some(reference)) = (rule, &build.reference) else {
        return Ok(Vec::new());
    };
    let mut overtaken = Vec::new();
    for tag in &build.tags {
        // Of two refs that were never built but by links, the first keeps it.
        let newer = tx.query_first(
            "SELECT 1 FROM owned_tags WHERE repository_id = $1 AND tag = $2 AND (rule_id <> $3 OR ref <> $4)
                AND ref <> '' AND rank >= $5",
            params![build.repository, tag, rule, reference, build.rank],
        )?;
        if newer.is_some() {
            overtaken.push(tag.clone());
        }
    }
    Ok(overtaken)
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
