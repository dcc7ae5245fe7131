//! What changed of images that something is linked to, and which rules wait to be built again because of it.

use crate::{DbError, Tx, params};
use wharf_model::{RepositoryId, RuleId, Timestamp};
use wharf_oci::{Digest, RepositoryName, Tag};

/// The reader of `events` that follows links.
pub const CONSUMER: &str = "links";

/// Repositories that something is linked to and that have events after `after` (an id, as text).
pub fn list_stirred(tx: &mut Tx<'_>, after: &str) -> Result<Vec<RepositoryId>, DbError> {
    let rows = tx.query(
        "SELECT DISTINCT e.repository_id FROM events e WHERE e.id > $1 AND e.kind IN ('tag_created', 'tag_changed')
            AND EXISTS (SELECT 1 FROM links l WHERE l.base_repository_id = e.repository_id)",
        params![after],
    )?;
    rows.into_iter().map(|mut row| row.take(0)).collect()
}

/// A tag that something is linked to and that names something new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MovedBase {
    /// The repository's name.
    pub name: RepositoryName,
    /// The tag.
    pub tag: Tag,
    /// What it names now.
    pub digest: Digest,
}

/// Tags of a base that name something else than when they were last looked at.
pub fn list_moved(tx: &mut Tx<'_>, base: RepositoryId) -> Result<Vec<MovedBase>, DbError> {
    let rows = tx.query(
        "SELECT r.name, t.name, t.digest FROM tags t JOIN repositories r ON r.id = t.repository_id
         LEFT JOIN link_bases b ON b.repository_id = t.repository_id AND b.tag = t.name
         WHERE t.repository_id = $1 AND (b.digest IS NULL OR b.digest <> t.digest)
            AND EXISTS (SELECT 1 FROM links l WHERE l.base_repository_id = $1
                AND (l.base_tag = t.name OR l.base_tag = '')) ORDER BY t.name",
        params![base],
    )?;
    rows.into_iter()
        .map(|mut row| {
            Ok(MovedBase {
                name: row.take(0)?,
                tag: row.take(1)?,
                digest: row.take(2)?,
            })
        })
        .collect()
}

/// Notes what a tag of a base names.
pub fn note_base(
    tx: &mut Tx<'_>,
    base: RepositoryId,
    tag: &str,
    digest: &Digest,
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO link_bases (repository_id, tag, digest) VALUES ($1, $2, $3)
         ON CONFLICT (repository_id, tag) DO UPDATE SET digest = excluded.digest",
        params![base, tag, digest],
    )
    .map(drop)
}

/// What a tag of a base names now.
pub fn find_named(
    tx: &mut Tx<'_>,
    base: RepositoryId,
    tag: &Tag,
) -> Result<Option<Digest>, DbError> {
    let row = tx.query_first(
        "SELECT digest FROM tags WHERE repository_id = $1 AND name = $2",
        params![base, tag],
    )?;
    row.map(|mut row| row.take(0)).transpose()
}

/// Takes what tags of a base name now as known, where nothing was: for a link that is new. An empty tag means all.
pub fn note_present_bases(tx: &mut Tx<'_>, base: RepositoryId, tag: &str) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO link_bases (repository_id, tag, digest)
         SELECT t.repository_id, t.name, t.digest FROM tags t
         WHERE t.repository_id = $1 AND (t.name = $2 OR $2 = '')
         ON CONFLICT (repository_id, tag) DO NOTHING",
        params![base, tag],
    )
    .map(drop)
}

/// A rule that waits to be built again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingRebuild {
    /// Which.
    pub rule: RuleId,
    /// Whose images it makes.
    pub repository: RepositoryId,
    /// The image that changed.
    pub base: String,
    /// Not before.
    pub not_before: Timestamp,
    /// Whether the record says already that it has to wait.
    pub told: bool,
}

/// Has a rule built again; one that waits already goes on waiting, once.
pub fn want_rebuild(
    tx: &mut Tx<'_>,
    rule: RuleId,
    base: &str,
    now: Timestamp,
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO waiting_rebuilds (rule_id, base, since, not_before, told) VALUES ($1, $2, $3, $3, $4)
         ON CONFLICT (rule_id) DO NOTHING",
        params![rule, base, now, false],
    )
    .map(drop)
}

/// All that wait, the longest waiting first.
pub fn list_waiting(tx: &mut Tx<'_>) -> Result<Vec<WaitingRebuild>, DbError> {
    let rows = tx.query(
        "SELECT w.rule_id, u.repository_id, w.base, w.not_before, w.told
         FROM waiting_rebuilds w JOIN rules u ON u.id = w.rule_id ORDER BY w.since, w.rule_id",
        &[],
    )?;
    rows.into_iter()
        .map(|mut row| {
            Ok(WaitingRebuild {
                rule: row.take(0)?,
                repository: row.take(1)?,
                base: row.take(2)?,
                not_before: row.take(3)?,
                told: row.take(4)?,
            })
        })
        .collect()
}

/// Lets a rule wait until `not_before`; the record says so.
pub fn delay_rebuild(
    tx: &mut Tx<'_>,
    rule: RuleId,
    not_before: Timestamp,
    told: bool,
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE waiting_rebuilds SET not_before = $2, told = $3 WHERE rule_id = $1",
        params![rule, not_before, told],
    )
    .map(drop)
}

/// The rule waits no more; answers whether it did.
pub fn end_waiting(tx: &mut Tx<'_>, rule: RuleId) -> Result<bool, DbError> {
    let ended = tx.execute(
        "DELETE FROM waiting_rebuilds WHERE rule_id = $1",
        params![rule],
    )?;
    Ok(ended == 1)
}

/// Repositories with builds by rules that are not over: what stands on them waits for those.
pub fn list_building(tx: &mut Tx<'_>) -> Result<Vec<RepositoryId>, DbError> {
    let rows = tx.query(
        "SELECT DISTINCT repository_id FROM builds WHERE state IN ('queued', 'running')",
        &[],
    )?;
    rows.into_iter().map(|mut row| row.take(0)).collect()
}
