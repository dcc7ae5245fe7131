//! Versions: manifests of a repository by their digest, tagged or not, as their pages show them.

use crate::{DbError, Tx, params};
use wharf_model::{Granted, Timestamp, rights::Pull};
use wharf_oci::Digest;

/// A version as its page shows it.
#[derive(Debug, Clone)]
pub struct VersionPage {
    /// Its digest.
    pub digest: Digest,
    /// The manifest's type.
    pub media_type: String,
    /// What kind of artifact it is, where the manifest says so.
    pub artifact_type: Option<String>,
    /// What it refers to.
    pub subject: Option<Digest>,
    /// JSON list of `os/architecture`.
    pub platforms: String,
    /// Bytes of everything the manifest names, and its own; of an index, of its images that were there when it came.
    pub size: u64,
    /// Who pushed it last.
    pub pushed_by: Option<String>,
    /// When.
    pub pushed_at: Timestamp,
    /// When it was last pulled.
    pub pulled_at: Option<Timestamp>,
    /// How often.
    pub pull_count: u64,
}

/// One version.
pub fn load_version(
    tx: &mut Tx<'_>,
    granted: &Granted<Pull>,
    digest: &Digest,
) -> Result<Option<VersionPage>, DbError> {
    let row = tx.query_first(
        "SELECT digest, media_type, artifact_type, subject, platforms, total_size, pushed_by, pushed_at, pulled_at,
            pull_count
         FROM repository_manifests WHERE repository_id = $1 AND digest = $2",
        params![granted.repository(), digest],
    )?;
    row.map(|mut row| {
        Ok(VersionPage {
            digest: row.take(0)?,
            media_type: row.take(1)?,
            artifact_type: row.take(2)?,
            subject: row.take(3)?,
            platforms: row.take(4)?,
            size: row.take(5)?,
            pushed_by: Some(row.take(6)?),
            pushed_at: row.take(7)?,
            pulled_at: row.take(8)?,
            pull_count: row.take(9)?,
        })
    })
    .transpose()
}
