//! Manifests: exact bytes, what they name, and which repositories hold them.

use crate::{
    DbError, Row, Tx, Value,
    blobs::{BlobState, LinkedBlob},
    params,
};
use std::collections::{HashMap, HashSet};
use wharf_model::{
    Granted, Timestamp,
    rights::{Delete, Pull, Push},
};
use wharf_oci::{Digest, Manifest, ReferenceKind, Tag};

/// A manifest as it is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredManifest {
    /// Its digest.
    pub digest: Digest,
    /// The type it was pushed with.
    pub media_type: String,
    /// Exactly what was pushed.
    pub bytes: Vec<u8>,
}

fn read_manifest(mut row: Row) -> Result<StoredManifest, DbError> {
    Ok(StoredManifest {
        digest: row.take(0)?,
        media_type: row.take(1)?,
        bytes: row.take(2)?,
    })
}

/// The manifest that a tag names now.
pub fn find_tagged_manifest(
    tx: &mut Tx<'_>,
    granted: &Granted<Pull>,
    tag: &Tag,
) -> Result<Option<StoredManifest>, DbError> {
    let row = tx.query_first(
        "SELECT m.digest, m.media_type, m.bytes FROM tags t JOIN manifests m ON m.digest = t.digest
         WHERE t.repository_id = $1 AND t.name = $2",
        params![granted.repository(), tag],
    )?;
    row.map(read_manifest).transpose()
}

/// A manifest of a repository by its digest.
pub fn find_manifest(
    tx: &mut Tx<'_>,
    granted: &Granted<Pull>,
    digest: &Digest,
) -> Result<Option<StoredManifest>, DbError> {
    let row = tx.query_first(
        "SELECT m.digest, m.media_type, m.bytes FROM repository_manifests r
         JOIN manifests m ON m.digest = r.digest WHERE r.repository_id = $1 AND r.digest = $2",
        params![granted.repository(), digest],
    )?;
    row.map(read_manifest).transpose()
}

/// Which of `digests` are linked to the repository, and how durable they are.
pub fn find_linked_blobs(
    tx: &mut Tx<'_>,
    granted: &Granted<Push>,
    digests: &[Digest],
) -> Result<HashMap<Digest, LinkedBlob>, DbError> {
    let mut found = HashMap::with_capacity(digests.len());
    for chunk in digests.chunks(64) {
        // Padded to few lengths, so that few statements are prepared.
        let length = if chunk.len() <= 8 { 8 } else { 64 };
        let numbers: Vec<_> = (2..length + 2).map(|number| format!("${number}")).collect();
        let sql = format!(
            "SELECT b.digest, b.size, b.state FROM repository_blobs l JOIN blobs b ON b.digest = l.digest
             WHERE l.repository_id = $1 AND l.digest IN ({})",
            numbers.join(",")
        );
        let texts: Vec<String> = chunk.iter().map(Digest::to_string).collect();
        let last = texts.last().map(String::as_str).unwrap_or_default();
        let repository = granted.repository().to_string();
        let mut parameters = vec![Value::Text(repository.into())];
        parameters.extend(
            (0..length)
                .map(|place| Value::Text(texts.get(place).map_or(last, String::as_str).into())),
        );
        for mut row in tx.query(&sql, &parameters)? {
            let state = match row.take::<String>(2)?.as_str() {
                "present" => BlobState::Present,
                _ => BlobState::Staged,
            };
            let blob = LinkedBlob {
                size: row.take(1)?,
                state,
            };
            found.insert(row.take(0)?, blob);
        }
    }
    Ok(found)
}

/// A manifest to be kept, parsed and with what its config says.
#[derive(Debug, Clone)]
pub struct NewManifest {
    /// Its digest.
    pub digest: Digest,
    /// Exactly what was pushed.
    pub bytes: Vec<u8>,
    /// The parsed view of them.
    pub view: Manifest,
    /// `os/architecture` of the image or of an index's children.
    pub platforms: Vec<String>,
    /// What it names and may live without: foreign layers, and what an operator allows to be missing.
    pub missing: HashSet<Digest>,
    /// The principal that pushed it, as people read it.
    pub pushed_by: String,
    /// Now.
    pub at: Timestamp,
}

fn kind_name(kind: ReferenceKind) -> &'static str {
    match kind {
        ReferenceKind::Config => "config",
        ReferenceKind::Layer => "layer",
        ReferenceKind::Child => "child",
        ReferenceKind::Blob => "blob",
        ReferenceKind::Subject => "subject",
    }
}

/// Keeps a manifest in a repository. Pushing the same bytes again renews who pushed it and when.
pub fn insert_manifest(
    tx: &mut Tx<'_>,
    granted: &Granted<Push>,
    new: &NewManifest,
) -> Result<(), DbError> {
    let view = &new.view;
    let mut named: HashMap<Digest, u64> = HashMap::new();
    for reference in view.references() {
        if reference.kind != ReferenceKind::Subject {
            named.insert(reference.descriptor.digest, reference.descriptor.size);
        }
    }
    let total = named.values().fold(new.bytes.len() as u64, |sum, size| {
        sum.saturating_add(*size)
    });
    let json = |value: Result<String, serde_json::Error>| value.unwrap_or_else(|_| "null".into());
    let first = tx.execute(
        "INSERT INTO manifests (digest, bytes, media_type, artifact_type, subject, config_digest,
            total_size, platforms, annotations, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (digest) DO NOTHING",
        params![
            new.digest,
            new.bytes,
            view.media_type(),
            view.artifact_type,
            view.subject.as_ref().map(|subject| subject.digest),
            view.config.as_ref().map(|config| config.digest),
            total,
            json(serde_json::to_string(&new.platforms)),
            json(serde_json::to_string(&view.annotations)),
            new.at
        ],
    )? == 1;
    if first {
        for (position, reference) in view.references().enumerate() {
            let descriptor = reference.descriptor;
            tx.execute(
                "INSERT INTO manifest_references (manifest, position, digest, kind, media_type, size, required)
                 VALUES ($1, $2, $3, $4, $5, $6, $7)",
                params![
                    new.digest,
                    position,
                    descriptor.digest,
                    kind_name(reference.kind),
                    descriptor.media_type,
                    descriptor.size,
                    reference.required && !new.missing.contains(&descriptor.digest)
                ],
            )?;
        }
        if view.kind.is_index() {
            add_child_sizes(tx, granted, &new.digest)?;
        }
    }
    tx.execute(
        "INSERT INTO repository_manifests (repository_id, digest, pushed_by, pushed_at, pull_count)
         VALUES ($1, $2, $3, $4, 0) ON CONFLICT (repository_id, digest)
         DO UPDATE SET pushed_by = excluded.pushed_by, pushed_at = excluded.pushed_at",
        params![granted.repository(), new.digest, new.pushed_by, new.at],
    )?;
    tx.execute(
        "UPDATE repositories SET last_push_at = $2 WHERE id = $1",
        params![granted.repository(), new.at],
    )
    .map(drop)
}

/// Counts for an index what its children need, of those that are here. Sizes as clients claim them may be anything:
/// bounded, the sum over the most children that fit into a manifest does not overflow.
fn add_child_sizes(
    tx: &mut Tx<'_>,
    granted: &Granted<Push>,
    index: &Digest,
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE manifests SET total_size =
            CASE WHEN total_size > 1000000000000000000 THEN 1000000000000000000 ELSE total_size END
            + CAST(COALESCE((
                SELECT SUM(CASE WHEN c.total_size > 10000000000000 THEN 10000000000000 ELSE c.total_size END)
                FROM manifests c WHERE c.digest IN (
                    SELECT f.digest FROM manifest_references f
                    JOIN repository_manifests h ON h.digest = f.digest AND h.repository_id = $2
                    WHERE f.manifest = $1 AND f.kind = 'child')), 0) AS BIGINT)
         WHERE digest = $1",
        params![index, granted.repository()],
    )
    .map(drop)
}

/// A manifest of the repository that names `digest` as its part (not as its subject), if there is one.
pub fn find_user_of(
    tx: &mut Tx<'_>,
    granted: &Granted<Delete>,
    digest: &Digest,
) -> Result<Option<Digest>, DbError> {
    let row = tx.query_first(
        "SELECT r.digest FROM manifest_references m JOIN repository_manifests r ON r.digest = m.manifest
         WHERE m.digest = $2 AND r.repository_id = $1 AND m.kind <> 'subject' LIMIT 1",
        params![granted.repository(), digest],
    )?;
    row.map(|mut row| row.take(0)).transpose()
}

/// Removes a manifest from a repository; its bytes stay until they are collected. Answers whether it was there.
/// Its tags are removed by [`crate::tags::delete_tags_of`].
pub fn remove_manifest(
    tx: &mut Tx<'_>,
    granted: &Granted<Delete>,
    digest: &Digest,
) -> Result<bool, DbError> {
    let removed = tx.execute(
        "DELETE FROM repository_manifests WHERE repository_id = $1 AND digest = $2",
        params![granted.repository(), digest],
    )?;
    Ok(removed == 1)
}

/// One entry of a referrers list.
#[derive(Debug, Clone)]
pub struct Referrer {
    /// The manifest that names the subject.
    pub digest: Digest,
    /// Its type.
    pub media_type: String,
    /// Its bytes.
    pub size: u64,
    /// As the referrers list shows it.
    pub artifact_type: Option<String>,
    /// JSON object.
    pub annotations: String,
}

/// Manifests of the repository whose subject is `subject`, in the order of their digests after `after`.
pub fn list_referrers(
    tx: &mut Tx<'_>,
    granted: &Granted<Pull>,
    subject: &Digest,
    artifact_type: Option<&str>,
    after: &str,
    limit: usize,
) -> Result<Vec<Referrer>, DbError> {
    let rows = tx.query(
        "SELECT m.digest, m.media_type, CAST(LENGTH(m.bytes) AS BIGINT), m.artifact_type, m.annotations
         FROM manifests m JOIN repository_manifests r ON r.digest = m.digest AND r.repository_id = $1
         WHERE m.subject = $2 AND m.digest > $3
           AND (CAST($4 AS TEXT) IS NULL OR m.artifact_type = CAST($4 AS TEXT))
         ORDER BY m.digest LIMIT $5",
        params![granted.repository(), subject, after, artifact_type, limit],
    )?;
    rows.into_iter()
        .map(|mut row| {
            Ok(Referrer {
                digest: row.take(0)?,
                media_type: row.take(1)?,
                size: row.take(2)?,
                artifact_type: row.take(3)?,
                annotations: row.take(4)?,
            })
        })
        .collect()
}

/// One page of manifests with their bytes, after `after`, for `wharf fsck`.
pub fn list_manifests(
    tx: &mut Tx<'_>,
    after: &str,
    limit: usize,
) -> Result<Vec<(Digest, Vec<u8>)>, DbError> {
    let rows = tx.query(
        "SELECT digest, bytes FROM manifests WHERE digest > $1 ORDER BY digest LIMIT $2",
        params![after, limit],
    )?;
    rows.into_iter()
        .map(|mut row| Ok((row.take(0)?, row.take(1)?)))
        .collect()
}

/// What live manifests need and their repositories do not have: `(manifest, what it names)`, the first thousand, for
/// `wharf fsck`.
pub fn list_missing_references(tx: &mut Tx<'_>) -> Result<Vec<(Digest, Digest)>, DbError> {
    let rows = tx.query(
        "SELECT DISTINCT m.manifest, m.digest FROM manifest_references m
         JOIN repository_manifests r ON r.digest = m.manifest
         WHERE m.required AND NOT EXISTS (SELECT 1 FROM repository_blobs l
            WHERE l.repository_id = r.repository_id AND l.digest = m.digest)
         ORDER BY m.manifest, m.digest LIMIT 1000",
        &[],
    )?;
    rows.into_iter()
        .map(|mut row| Ok((row.take(0)?, row.take(1)?)))
        .collect()
}
