//! Manifests: exact bytes, what they name, and which repositories hold them.

use crate::{DbError, Part, Room, Tx, Value, blobs::LinkedBlob, params};
use std::collections::{BTreeSet, HashMap, HashSet};
use wharf_model::{
    Granted, Timestamp,
    rights::{Delete, Pull, Push},
};
use wharf_oci::{Digest, Manifest, ReferenceKind};

/// A manifest as it is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredManifest {
    /// Its digest.
    pub digest: Digest,
    /// The type it was last pushed with here.
    pub media_type: String,
    /// Exactly what was pushed.
    pub bytes: Vec<u8>,
}

/// A manifest of a repository by its digest.
pub fn find_manifest(
    tx: &mut Tx<'_>,
    granted: &Granted<Pull>,
    digest: &Digest,
) -> Result<Option<StoredManifest>, DbError> {
    let row = tx.query_first(
        "SELECT r.digest, r.media_type, m.bytes FROM repository_manifests r
         JOIN manifests m ON m.digest = r.digest WHERE r.repository_id = $1 AND r.digest = $2",
        params![granted.repository(), digest],
    )?;
    row.map(|mut row| {
        Ok(StoredManifest {
            digest: row.take(0)?,
            media_type: row.take(1)?,
            bytes: row.take(2)?,
        })
    })
    .transpose()
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
            let blob = LinkedBlob {
                size: row.take(1)?,
                state: row.take(2)?,
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

/// Keeps a manifest in a repository. Pushing the same bytes again renews who pushed it, when, and as what.
pub fn insert_manifest(
    tx: &mut Tx<'_>,
    granted: &Granted<Push>,
    new: &NewManifest,
) -> Result<(), DbError> {
    insert_bytes(tx, new)?;
    let view = &new.view;
    let mut total = count_bytes(new);
    if view.kind.is_index() {
        total = total.min(MAX_INDEX_SIZE) + sum_child_sizes(tx, granted, &new.digest)?;
    }
    let needed = view.references().filter(|reference| reference.required);
    let missing: BTreeSet<Digest> = needed
        .map(|reference| reference.descriptor.digest)
        .filter(|digest| new.missing.contains(digest))
        .collect();
    let missing: String = missing.iter().map(|digest| format!("{digest} ")).collect();
    tx.execute(
        "INSERT INTO repository_manifests (repository_id, digest, media_type, artifact_type, subject, total_size,
            platforms, missing, pushed_by, pushed_at, pull_count)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0) ON CONFLICT (repository_id, digest)
         DO UPDATE SET media_type = excluded.media_type, artifact_type = excluded.artifact_type,
            subject = excluded.subject, total_size = excluded.total_size, platforms = excluded.platforms,
            missing = excluded.missing, pushed_by = excluded.pushed_by, pushed_at = excluded.pushed_at",
        params![
            granted.repository(),
            new.digest,
            view.media_type(),
            view.artifact_type,
            view.subject.as_ref().map(|subject| subject.digest),
            total,
            write_json(serde_json::to_string(&new.platforms)),
            missing,
            new.pushed_by,
            new.at
        ],
    )?;
    tx.execute(
        "UPDATE repositories SET last_push_at = $2 WHERE id = $1",
        params![granted.repository(), new.at],
    )
    .map(drop)
}

/// Keeps what follows from the bytes, which are kept once for all repositories.
fn insert_bytes(tx: &mut Tx<'_>, new: &NewManifest) -> Result<(), DbError> {
    let view = &new.view;
    let first = tx.execute(
        "INSERT INTO manifests (digest, bytes, config_digest, annotations, created_at)
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (digest) DO NOTHING",
        params![
            new.digest,
            new.bytes,
            view.config.as_ref().map(|config| config.digest),
            write_json(serde_json::to_string(&view.annotations)),
            new.at
        ],
    )? == 1;
    if !first {
        return Ok(());
    }
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
                reference.required
            ],
        )?;
    }
    Ok(())
}

fn write_json(value: Result<String, serde_json::Error>) -> String {
    value.unwrap_or_else(|_| "null".into())
}

/// Of what the manifest names, each once, and its own bytes.
fn count_bytes(new: &NewManifest) -> u64 {
    let mut named: HashMap<Digest, u64> = HashMap::new();
    for reference in new.view.references() {
        if reference.kind != ReferenceKind::Subject {
            named.insert(reference.descriptor.digest, reference.descriptor.size);
        }
    }
    named.values().fold(new.bytes.len() as u64, |sum, size| {
        sum.saturating_add(*size)
    })
}

/// Most that counts of an index itself, in bytes: sizes as clients claim them may be anything, and with the children's
/// this still is a number.
const MAX_INDEX_SIZE: u64 = 1_000_000_000_000_000_000;

/// What the children of an index need, of those that are manifests of the repository. Each is bounded, so that the sum
/// over the most children that fit into a manifest does not overflow.
fn sum_child_sizes(
    tx: &mut Tx<'_>,
    granted: &Granted<Push>,
    index: &Digest,
) -> Result<u64, DbError> {
    let row = tx.query_first(
        "SELECT CAST(COALESCE(
            SUM(CASE WHEN c.total_size > 10000000000000 THEN 10000000000000 ELSE c.total_size END), 0) AS BIGINT)
         FROM repository_manifests c WHERE c.repository_id = $2 AND c.digest IN (
            SELECT f.digest FROM manifest_references f WHERE f.manifest = $1 AND f.kind = 'child')",
        params![index, granted.repository()],
    )?;
    row.map_or(Ok(0), |mut row| row.take(0))
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

/// Bytes that an entry of a referrers list takes beside its annotations: a digest, two types, and their names.
const ENTRY_BYTES: i64 = 512;

/// Manifests of the repository whose subject is `subject`, in the order of their digests after `after`, as many as fit.
pub fn list_referrers(
    tx: &mut Tx<'_>,
    granted: &Granted<Pull>,
    subject: &Digest,
    artifact_type: Option<&str>,
    after: &str,
    room: Room,
) -> Result<Part<Referrer>, DbError> {
    let select = |columns: &str| {
        format!(
            "SELECT {columns} FROM repository_manifests r JOIN manifests m ON m.digest = r.digest
             WHERE r.repository_id = $1 AND r.subject = $2 AND r.digest > $3
               AND (CAST($4 AS TEXT) IS NULL OR r.artifact_type = CAST($4 AS TEXT))
             ORDER BY r.digest LIMIT $5"
        )
    };
    let repository = granted.repository();
    let sizes = tx.query(
        &select(&format!(
            "CAST(OCTET_LENGTH(m.annotations) + {ENTRY_BYTES} AS BIGINT)"
        )),
        params![repository, subject, after, artifact_type, room.fetch()],
    )?;
    let (count, more) = room.fit(sizes)?;
    let rows = tx.query(
        &select("r.digest, r.media_type, CAST(LENGTH(m.bytes) AS BIGINT), r.artifact_type, m.annotations"),
        params![repository, subject, after, artifact_type, count],
    )?;
    let items: Result<Vec<_>, DbError> = rows
        .into_iter()
        .map(|mut row| {
            Ok(Referrer {
                digest: row.take(0)?,
                media_type: row.take(1)?,
                size: row.take(2)?,
                artifact_type: row.take(3)?,
                annotations: row.take(4)?,
            })
        })
        .collect();
    Ok(Part {
        items: items?,
        more,
    })
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

/// What live manifests need and their repositories lost: `(manifest, what it names)`, the first thousand, for
/// `wharf fsck`. What was missing when a manifest came is not lost.
pub fn list_missing_references(tx: &mut Tx<'_>) -> Result<Vec<(Digest, Digest)>, DbError> {
    let rows = tx.query(
        "SELECT DISTINCT m.manifest, m.digest FROM manifest_references m
         JOIN repository_manifests r ON r.digest = m.manifest
         WHERE m.required AND r.missing NOT LIKE '%' || m.digest || ' %'
            AND NOT EXISTS (SELECT 1 FROM repository_blobs l
                WHERE l.repository_id = r.repository_id AND l.digest = m.digest)
         ORDER BY m.manifest, m.digest LIMIT 1000",
        &[],
    )?;
    rows.into_iter()
        .map(|mut row| Ok((row.take(0)?, row.take(1)?)))
        .collect()
}
