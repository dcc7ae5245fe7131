//! Tags: the one place where a tag moves, with its history and its event in the same transaction.

use crate::{
    DbError, Row, TextColumn, ToValue, Tx,
    events::{record_event, record_events},
    params,
};
use std::collections::HashMap;
use wharf_model::{
    Granted, RepositoryId, Timestamp,
    rights::{Delete, Pull, Push},
};
use wharf_oci::{Digest, Tag};

/// Why a tag moved; its history keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// A client pushed a manifest.
    Push,
    /// A build on this server made it.
    Build,
    /// Somebody deleted it.
    Delete,
}

impl Cause {
    fn as_str(self) -> &'static str {
        match self {
            Self::Push => "push",
            Self::Build => "build",
            Self::Delete => "delete",
        }
    }
}

/// Who moves a tag, and when.
#[derive(Debug, Clone)]
pub struct Mover {
    /// The login name.
    pub actor: String,
    /// Why.
    pub cause: Cause,
    /// Now.
    pub at: Timestamp,
}

/// Lets `tag` name `digest`. The same digest again changes nothing and makes no event. Answers whether it moved.
pub fn set_tag(
    tx: &mut Tx<'_>,
    granted: &Granted<Push>,
    tag: &Tag,
    digest: &Digest,
    mover: &Mover,
) -> Result<bool, DbError> {
    let repository = granted.repository();
    let old = tx.query_first(
        "SELECT digest FROM tags WHERE repository_id = $1 AND name = $2",
        params![repository, tag],
    )?;
    let old: Option<Digest> = old.map(|mut row| row.take(0)).transpose()?;
    if old.as_ref() == Some(digest) {
        return Ok(false);
    }
    let version = record_move(tx, repository, tag, old.as_ref(), Some(digest), mover)?;
    tx.execute(
        "INSERT INTO tags (repository_id, name, digest, version, set_by, set_at) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (repository_id, name) DO UPDATE SET digest = excluded.digest,
            version = excluded.version, set_by = excluded.set_by, set_at = excluded.set_at",
        params![repository, tag, digest, version, mover.actor, mover.at],
    )?;
    if old.is_none() {
        count_tags(tx, repository, 1)?;
    }
    Ok(true)
}

/// Deletes one tag; the manifest stays. Answers what it named.
pub fn delete_tag(
    tx: &mut Tx<'_>,
    granted: &Granted<Delete>,
    tag: &Tag,
    mover: &Mover,
) -> Result<Option<Digest>, DbError> {
    let repository = granted.repository();
    let old = tx.query_first(
        "SELECT digest FROM tags WHERE repository_id = $1 AND name = $2",
        params![repository, tag],
    )?;
    let Some(old) = old.map(|mut row| row.take(0)).transpose()? else {
        return Ok(None);
    };
    record_move(tx, repository, tag, Some(&old), None, mover)?;
    tx.execute(
        "DELETE FROM tags WHERE repository_id = $1 AND name = $2",
        params![repository, tag],
    )?;
    count_tags(tx, repository, -1)?;
    Ok(Some(old))
}

/// Deletes the first `limit` tags that name `digest`, in a few statements: nobody else writes meanwhile. Answers their
/// names.
pub fn delete_tags_of(
    tx: &mut Tx<'_>,
    granted: &Granted<Delete>,
    digest: &Digest,
    mover: &Mover,
    limit: usize,
) -> Result<Vec<Tag>, DbError> {
    let repository = granted.repository();
    let rows = tx.query(
        "SELECT name, version FROM tags WHERE repository_id = $1 AND digest = $2 ORDER BY name LIMIT $3",
        params![repository, digest, limit],
    )?;
    let moves: Result<Vec<(Tag, i64)>, DbError> = rows
        .into_iter()
        .map(|mut row| Ok((row.take(0)?, row.take::<i64>(1)? + 1)))
        .collect();
    let moves = moves?;
    let Some((last, _)) = moves.last() else {
        return Ok(Vec::new());
    };
    // A tag's version is the last one of its history.
    tx.execute(
        "INSERT INTO tag_history (repository_id, name, version, from_digest, to_digest, actor, cause, at)
         SELECT repository_id, name, version + 1, digest, NULL, CAST($3 AS TEXT), CAST($4 AS TEXT), CAST($5 AS BIGINT)
         FROM tags WHERE repository_id = $1 AND digest = $2 AND name <= $6",
        params![
            repository,
            digest,
            mover.actor,
            mover.cause.as_str(),
            mover.at,
            last
        ],
    )?;
    let payloads: Vec<String> = moves
        .iter()
        .map(|(tag, version)| describe_move(tag, *version, Some(digest), None, mover))
        .collect();
    record_events(tx, "tag_deleted", repository, &payloads, mover.at)?;
    tx.execute(
        "DELETE FROM tags WHERE repository_id = $1 AND digest = $2 AND name <= $3",
        params![repository, digest, last],
    )?;
    count_tags(tx, repository, -(moves.len() as i64))?;
    Ok(moves.into_iter().map(|(tag, _)| tag).collect())
}

/// Names of one round of deletions by name. More make longer statements, fewer more of them.
const ROUND: usize = 100;

/// Deletes the tags of these names, in a few statements for each hundred: nobody else writes meanwhile. Answers those that
/// were there, in their order.
pub fn delete_tags(
    tx: &mut Tx<'_>,
    granted: &Granted<Delete>,
    wanted: &[Tag],
    mover: &Mover,
) -> Result<Vec<Tag>, DbError> {
    let mut deleted = Vec::new();
    for round in wanted.chunks(ROUND) {
        deleted.extend(delete_round(tx, granted, round, mover)?);
    }
    if !deleted.is_empty() {
        count_tags(tx, granted.repository(), -(deleted.len() as i64))?;
    }
    Ok(deleted)
}

fn delete_round(
    tx: &mut Tx<'_>,
    granted: &Granted<Delete>,
    round: &[Tag],
    mover: &Mover,
) -> Result<Vec<Tag>, DbError> {
    let repository = granted.repository();
    let Some(last) = round.last() else {
        return Ok(Vec::new());
    };
    // Always as many names, so that all rounds are one statement to the engine.
    let names = |first: usize| {
        let places: Vec<_> = (first..first + ROUND)
            .map(|place| format!("${place}"))
            .collect();
        format!("repository_id = $1 AND name IN ({})", places.join(","))
    };
    let filled = || round.iter().chain(std::iter::repeat(last)).take(ROUND);
    let mut of_names = params![repository].to_vec();
    of_names.extend(filled().map(ToValue::to_value));
    let rows = tx.query(
        &format!("SELECT name, digest, version FROM tags WHERE {}", names(2)),
        &of_names,
    )?;
    let mut found = HashMap::new();
    for mut row in rows {
        let tag: Tag = row.take(0)?;
        found.insert(tag, (row.take::<Digest>(1)?, row.take::<i64>(2)? + 1));
    }
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let cause = mover.cause.as_str();
    let mut moved = params![repository, mover.actor, cause, mover.at].to_vec();
    moved.extend(filled().map(ToValue::to_value));
    // A tag's version is the last one of its history.
    tx.execute(
        &format!(
            "INSERT INTO tag_history (repository_id, name, version, from_digest, to_digest, actor, cause, at)
             SELECT repository_id, name, version + 1, digest, NULL, CAST($2 AS TEXT), CAST($3 AS TEXT),
                CAST($4 AS BIGINT)
             FROM tags WHERE {}",
            names(5)
        ),
        &moved,
    )?;
    let mut payloads = Vec::with_capacity(found.len());
    let mut deleted = Vec::with_capacity(found.len());
    for tag in round {
        if let Some((digest, version)) = found.remove(tag) {
            payloads.push(describe_move(tag, version, Some(&digest), None, mover));
            deleted.push(tag.clone());
        }
    }
    record_events(tx, "tag_deleted", repository, &payloads, mover.at)?;
    tx.execute(&format!("DELETE FROM tags WHERE {}", names(2)), &of_names)?;
    Ok(deleted)
}

/// Writes history and event of one move; answers the tag's new version, which never repeats, not even after a deletion.
fn record_move(
    tx: &mut Tx<'_>,
    repository: RepositoryId,
    tag: &Tag,
    from: Option<&Digest>,
    to: Option<&Digest>,
    mover: &Mover,
) -> Result<i64, DbError> {
    let last = tx.query_first(
        "SELECT CAST(COALESCE(MAX(version), 0) AS BIGINT) FROM tag_history WHERE repository_id = $1 AND name = $2",
        params![repository, tag],
    )?;
    let version = last.map_or(Ok(0), |mut row| row.take::<i64>(0))? + 1;
    tx.execute(
        "INSERT INTO tag_history (repository_id, name, version, from_digest, to_digest, actor, cause, at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        params![
            repository,
            tag,
            version,
            from,
            to,
            mover.actor,
            mover.cause.as_str(),
            mover.at
        ],
    )?;
    let kind = match (from, to) {
        (None, _) => "tag_created",
        (Some(_), Some(_)) => "tag_changed",
        (Some(_), None) => "tag_deleted",
    };
    let payload = describe_move(tag, version, from, to, mover);
    record_event(tx, kind, repository, &payload, mover.at)?;
    Ok(version)
}

/// The event's payload.
fn describe_move(
    tag: &Tag,
    version: i64,
    from: Option<&Digest>,
    to: Option<&Digest>,
    mover: &Mover,
) -> String {
    serde_json::json!({
        "tag": tag.as_str(), "version": version, "actor": mover.actor,
        "from": from.map(Digest::to_string), "digest": to.map(Digest::to_string),
    })
    .to_string()
}

fn count_tags(tx: &mut Tx<'_>, repository: RepositoryId, change: i64) -> Result<(), DbError> {
    tx.execute(
        "UPDATE repositories SET tag_count = tag_count + $2 WHERE id = $1",
        params![repository, change],
    )
    .map(drop)
}

/// What a tag names now.
pub fn find_tag(
    tx: &mut Tx<'_>,
    granted: &Granted<Pull>,
    tag: &Tag,
) -> Result<Option<Digest>, DbError> {
    let row = tx.query_first(
        "SELECT digest FROM tags WHERE repository_id = $1 AND name = $2",
        params![granted.repository(), tag],
    )?;
    row.map(|mut row| row.take(0)).transpose()
}

/// Tag names in bytewise order after `after`.
pub fn list_names(
    tx: &mut Tx<'_>,
    granted: &Granted<Pull>,
    after: &str,
    limit: usize,
) -> Result<TextColumn, DbError> {
    tx.query_texts(
        "SELECT name FROM tags WHERE repository_id = $1 AND name > $2 ORDER BY name LIMIT $3",
        params![granted.repository(), after, limit],
    )
}

/// A tag as its page shows it.
#[derive(Debug, Clone)]
pub struct TagPage {
    /// Its name.
    pub name: Tag,
    /// What it names.
    pub digest: Digest,
    /// The manifest's type.
    pub media_type: String,
    /// What kind of artifact it is, where the manifest says so.
    pub artifact_type: Option<String>,
    /// JSON list of `os/architecture`.
    pub platforms: String,
    /// Bytes of everything the manifest names, and its own; of an index, of its images that were there when it came.
    pub size: u64,
    /// Who let the tag name this.
    pub pushed_by: Option<String>,
    /// When.
    pub pushed_at: Timestamp,
    /// When the version was last pulled.
    pub pulled_at: Option<Timestamp>,
    /// How often.
    pub pull_count: u64,
}

/// One tag with what it names.
pub fn load_tag(
    tx: &mut Tx<'_>,
    granted: &Granted<Pull>,
    tag: &Tag,
) -> Result<Option<TagPage>, DbError> {
    let row = tx.query_first(
        &select(COLUMNS, "t.name = $2"),
        params![granted.repository(), tag],
    )?;
    row.map(read_page).transpose()
}

pub(crate) const COLUMNS: &str = "t.name, t.digest, r.media_type, r.artifact_type, r.platforms, r.total_size, t.set_by, t.set_at,
    r.pulled_at, r.pull_count";

pub(crate) fn select(columns: &str, condition: &str) -> String {
    format!(
        "SELECT {columns} FROM tags t
         JOIN repository_manifests r ON r.repository_id = t.repository_id AND r.digest = t.digest
         WHERE t.repository_id = $1 AND {condition}"
    )
}

pub(crate) fn read_page(mut row: Row) -> Result<TagPage, DbError> {
    Ok(TagPage {
        name: row.take(0)?,
        digest: row.take(1)?,
        media_type: row.take(2)?,
        artifact_type: row.take(3)?,
        platforms: row.take(4)?,
        size: row.take(5)?,
        pushed_by: Some(row.take(6)?),
        pushed_at: row.take(7)?,
        pulled_at: row.take(8)?,
        pull_count: row.take(9)?,
    })
}

/// Bytes of everything that each child of an index needs, of those children that are manifests of the repository.
pub fn list_child_sizes(
    tx: &mut Tx<'_>,
    granted: &Granted<Pull>,
    index: &Digest,
) -> Result<HashMap<Digest, u64>, DbError> {
    let rows = tx.query(
        "SELECT r.digest, r.total_size FROM manifest_references c
         JOIN repository_manifests r ON r.digest = c.digest AND r.repository_id = $1
         WHERE c.manifest = $2 AND c.kind = 'child'",
        params![granted.repository(), index],
    )?;
    rows.into_iter()
        .map(|mut row| Ok((row.take(0)?, row.take(1)?)))
        .collect()
}

/// Tags that name a manifest which their repository does not have, as `repository:tag`, for `wharf fsck`.
pub fn list_dangling(tx: &mut Tx<'_>) -> Result<Vec<(String, Digest)>, DbError> {
    let rows = tx.query(
        "SELECT r.name, t.name, t.digest FROM tags t JOIN repositories r ON r.id = t.repository_id
         WHERE NOT EXISTS (SELECT 1 FROM repository_manifests m
            WHERE m.repository_id = t.repository_id AND m.digest = t.digest) LIMIT 1000",
        &[],
    )?;
    rows.into_iter()
        .map(|mut row| {
            let name = format!("{}:{}", row.take::<String>(0)?, row.take::<String>(1)?);
            Ok((name, row.take(2)?))
        })
        .collect()
}

/// Repositories whose count of tags differs from a recount: name, counter, recount. For `wharf fsck`.
pub fn list_wrong_counts(tx: &mut Tx<'_>) -> Result<Vec<(String, u64, u64)>, DbError> {
    let rows = tx.query(
        "SELECT name, tag_count, tags FROM (SELECT r.name AS name, r.tag_count AS tag_count,
            (SELECT COUNT(*) FROM tags t WHERE t.repository_id = r.id) AS tags FROM repositories r) counted
         WHERE tag_count <> tags LIMIT 1000",
        &[],
    )?;
    rows.into_iter()
        .map(|mut row| Ok((row.take(0)?, row.take(1)?, row.take(2)?)))
        .collect()
}
