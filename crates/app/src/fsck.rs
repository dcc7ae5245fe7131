//! `wharf fsck`, and the same check from the console: rows against files, offline or beside a running server. It changes
//! nothing.
//!
//! Rows are the truth about what should be there; a file without a row is garbage, never content. Beside a running
//! server something may come or go between the look at the row and the look at the file, so what does not fit is looked
//! at twice before it is reported.

use crate::{Error, host::HostOptions};
use std::path::{Path, PathBuf};
use wharf_blobs::{Inspector, StoredBlob};
use wharf_db::{
    DatabaseUrl, Db, DbError,
    blobs::{self, BlobState},
    manifests,
};
use wharf_oci::{Algorithm, Digest};

/// Rows read at once.
const PAGE: usize = 500;

/// What does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// A row says that the blob is durable, and there is no file. Images that need it are broken.
    LostBlob(Digest),
    /// The file has another length than the row says.
    WrongLength {
        /// The blob.
        digest: Digest,
        /// Bytes by the row.
        expected: u64,
        /// Bytes of the file.
        found: u64,
    },
    /// The bytes do not have the digest they are stored under.
    WrongBytes(Digest),
    /// The disk does not give the bytes back.
    Unreadable(Digest),
    /// The bytes of a manifest's row do not have its digest.
    WrongManifest(Digest),
    /// A live manifest names content that no row has.
    MissingReference {
        /// The manifest.
        manifest: Digest,
        /// What it names.
        reference: Digest,
    },
    /// A tag names a manifest that its repository does not have.
    DanglingTag {
        /// Repository and tag.
        name: String,
        /// What it names.
        digest: Digest,
    },
    /// A counter differs from a recount.
    WrongCount {
        /// The repository.
        repository: String,
        /// Tags by the counter.
        counted: u64,
        /// Tags.
        found: u64,
    },
    /// A file without a row: garbage that takes space.
    StrayFile(PathBuf),
    /// The database reports damage of its own.
    Database(String),
}

impl Finding {
    /// The stable word for its kind; its sentence is `fsck.KIND` of the message catalogue.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::LostBlob(_) => "lost_blob",
            Self::WrongLength { .. } => "wrong_length",
            Self::WrongBytes(_) => "wrong_bytes",
            Self::Unreadable(_) => "unreadable",
            Self::WrongManifest(_) => "wrong_manifest",
            Self::MissingReference { .. } => "missing_reference",
            Self::DanglingTag { .. } => "dangling_tag",
            Self::WrongCount { .. } => "wrong_count",
            Self::StrayFile(_) => "stray_file",
            Self::Database(_) => "database",
        }
    }

    /// What its sentence says.
    pub fn parameters(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::LostBlob(digest)
            | Self::WrongBytes(digest)
            | Self::Unreadable(digest)
            | Self::WrongManifest(digest) => vec![("digest", digest.to_string())],
            Self::WrongLength {
                digest,
                expected,
                found,
            } => vec![
                ("digest", digest.to_string()),
                ("expected", expected.to_string()),
                ("found", found.to_string()),
            ],
            Self::MissingReference {
                manifest,
                reference,
            } => vec![
                ("manifest", manifest.to_string()),
                ("digest", reference.to_string()),
            ],
            Self::DanglingTag { name, digest } => {
                vec![("name", name.clone()), ("digest", digest.to_string())]
            }
            Self::WrongCount {
                repository,
                counted,
                found,
            } => vec![
                ("name", repository.clone()),
                ("counted", counted.to_string()),
                ("found", found.to_string()),
            ],
            Self::StrayFile(path) => vec![("path", path.display().to_string())],
            Self::Database(text) => vec![("text", text.clone())],
        }
    }

    /// Whether content is damaged; a stray file only takes space.
    pub fn is_damage(&self) -> bool {
        !matches!(self, Self::StrayFile(_))
    }
}

/// What was looked at.
#[derive(Debug, Clone, Default)]
pub struct FsckReport {
    /// Everything that does not fit.
    pub findings: Vec<Finding>,
    /// Blob rows looked at.
    pub blobs: u64,
    /// Bytes of their files.
    pub bytes: u64,
    /// Manifests looked at.
    pub manifests: u64,
}

/// What to look at.
pub struct FsckOptions {
    /// Where blobs are.
    pub data_dir: PathBuf,
    /// Where the rows are.
    pub host: HostOptions,
    /// Whether every blob's bytes are hashed again, which reads the whole store.
    pub read_bytes: bool,
}

/// Compares rows with files. `progress` hears how many blobs were looked at so far.
pub async fn check_data(
    options: &FsckOptions,
    progress: impl Fn(u64),
) -> Result<FsckReport, Error> {
    if let DatabaseUrl::Sqlite(path) = &options.host.database
        && !path.exists()
    {
        return Err(Error::internal(format!(
            "there is no database at {}",
            path.display()
        )));
    }
    let db = Db::open(&options.host.database)?;
    compare(&db, &options.data_dir, options.read_bytes, progress).await
}

/// The same over rows that are open already.
pub(crate) async fn compare(
    db: &Db,
    data_dir: &Path,
    read_bytes: bool,
    progress: impl Fn(u64),
) -> Result<FsckReport, Error> {
    let store = Inspector::new(data_dir);
    let mut report = FsckReport::default();
    check_database(db, &mut report).await?;
    check_blobs(db, &store, read_bytes, &mut report, progress).await?;
    check_manifests(db, &mut report).await?;
    check_tags(db, &mut report).await?;
    check_files(db, &store, data_dir, &mut report).await?;
    Ok(report)
}

async fn check_database(db: &Db, report: &mut FsckReport) -> Result<(), Error> {
    let problems = db.read(wharf_db::integrity::check_integrity).await;
    let problems: Vec<String> = problems.map_err(Error::from)?;
    report
        .findings
        .extend(problems.into_iter().map(Finding::Database));
    Ok(())
}

async fn check_blobs(
    db: &Db,
    store: &Inspector,
    read_bytes: bool,
    report: &mut FsckReport,
    progress: impl Fn(u64),
) -> Result<(), Error> {
    let mut after = String::new();
    loop {
        let from = after.clone();
        let page = db.read(move |tx| blobs::list_blobs(tx, &from, PAGE)).await;
        let page: Vec<_> = page.map_err(Error::from)?;
        let Some((last, _, _)) = page.last() else {
            return Ok(());
        };
        after = last.to_string();
        for (digest, size, state) in page {
            report.blobs += 1;
            let Ok(found) = look(store, digest, read_bytes).await else {
                report.findings.push(Finding::Unreadable(digest));
                continue;
            };
            report.bytes += found.as_ref().map_or(0, |blob| blob.size);
            if let Some(finding) = judge(digest, size, state, found) {
                // Beside a running server it may have been forgotten or moved meanwhile.
                let again = look(store, digest, read_bytes).await?;
                let known = db.read(move |tx| blobs::is_known(tx, &digest)).await;
                if known.map_err(Error::from)? && judge(digest, size, state, again).is_some() {
                    report.findings.push(finding);
                }
            }
        }
        progress(report.blobs);
    }
}

async fn look(
    store: &Inspector,
    digest: Digest,
    read_bytes: bool,
) -> Result<Option<StoredBlob>, Error> {
    let store = store.clone();
    let looking = move || store.inspect_blob(&digest, read_bytes);
    let looked = tokio::task::spawn_blocking(looking).await;
    looked.map_err(Error::internal)?.map_err(Error::from)
}

fn judge(
    digest: Digest,
    expected: u64,
    state: BlobState,
    found: Option<StoredBlob>,
) -> Option<Finding> {
    match (found, state) {
        // What was never made durable may be lost by a power loss; its row goes when somebody asks for it.
        (None, BlobState::Staged) => None,
        (None, BlobState::Present) => Some(Finding::LostBlob(digest)),
        (Some(blob), BlobState::Present) if blob.size != expected => Some(Finding::WrongLength {
            digest,
            expected,
            found: blob.size,
        }),
        (Some(blob), _) if blob.intact == Some(false) && state == BlobState::Present => {
            Some(Finding::WrongBytes(digest))
        }
        (Some(_), _) => None,
    }
}

async fn check_manifests(db: &Db, report: &mut FsckReport) -> Result<(), Error> {
    let mut after = String::new();
    loop {
        let from = after.clone();
        let page = db
            .read(move |tx| manifests::list_manifests(tx, &from, PAGE / 10))
            .await;
        let page: Vec<(Digest, Vec<u8>)> = page.map_err(Error::from)?;
        let Some((last, _)) = page.last() else { break };
        after = last.to_string();
        for (digest, bytes) in page {
            report.manifests += 1;
            let algorithm: Algorithm = digest.algorithm();
            if Digest::of(algorithm, &bytes) != digest {
                report.findings.push(Finding::WrongManifest(digest));
            }
        }
    }
    let missing = db.read(manifests::list_missing_references).await;
    let missing: Vec<_> = missing.map_err(|error: DbError| Error::from(error))?;
    report
        .findings
        .extend(
            missing
                .into_iter()
                .map(|(manifest, reference)| Finding::MissingReference {
                    manifest,
                    reference,
                }),
        );
    Ok(())
}

async fn check_tags(db: &Db, report: &mut FsckReport) -> Result<(), Error> {
    let dangling = db.read(wharf_db::tags::list_dangling).await;
    let dangling: Vec<(String, Digest)> = dangling.map_err(Error::from)?;
    let tags = dangling
        .into_iter()
        .map(|(name, digest)| Finding::DanglingTag { name, digest });
    report.findings.extend(tags);
    let counts = db.read(wharf_db::tags::list_wrong_counts).await;
    let counts: Vec<(String, u64, u64)> = counts.map_err(Error::from)?;
    let counts = counts
        .into_iter()
        .map(|(repository, counted, found)| Finding::WrongCount {
            repository,
            counted,
            found,
        });
    report.findings.extend(counts);
    Ok(())
}

async fn check_files(
    db: &Db,
    store: &Inspector,
    data_dir: &Path,
    report: &mut FsckReport,
) -> Result<(), Error> {
    let listed = {
        let store = store.clone();
        let listing = move || store.list_blobs().collect::<Result<Vec<_>, _>>();
        tokio::task::spawn_blocking(listing)
            .await
            .map_err(Error::internal)??
    };
    for file in listed {
        let path = match file {
            wharf_blobs::ListedFile::Foreign(path) => path,
            wharf_blobs::ListedFile::Blob { digest, .. } => {
                let known = db.read(move |tx| blobs::is_known(tx, &digest)).await;
                if known.map_err(Error::from)? {
                    continue;
                }
                data_dir.join(digest.to_string())
            }
        };
        report.findings.push(Finding::StrayFile(path));
    }
    Ok(())
}
