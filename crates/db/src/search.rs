//! Finding namespaces, repositories and users by a part of their name, versions by how they begin, builds by commit or number.

mod builds;
mod versions;

use crate::{
    DbError, Row, Tx,
    builds::BuildViewer,
    namespaces, params,
    repositories::{self, Viewer, like_pattern},
};
use wharf_model::{
    RepositoryId,
    builds::{BuildState, CommitId},
};
use wharf_oci::RepositoryName;

/// What was found; the order of lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum HitKind {
    /// A namespace the viewer belongs to.
    Namespace,
    /// A repository the viewer may pull from.
    Repository,
    /// A person.
    User,
    /// A tag of a repository that the viewer may pull from.
    Version,
    /// A build of a repository that the viewer may see builds of.
    Build,
}

impl HitKind {
    /// All of them, in the order of lists.
    pub const ALL: [Self; 5] = [
        Self::Namespace,
        Self::Repository,
        Self::User,
        Self::Version,
        Self::Build,
    ];
}

/// One thing found.
#[derive(Debug, Clone)]
pub struct Hit {
    /// What it is.
    pub kind: HitKind,
    /// Its name: `team/web`, `team/web:v1`, `team/web#12`.
    pub name: String,
    /// Of a repository: whether anybody may pull from it.
    pub public: Option<bool>,
    /// What it is for, in short.
    pub short_description: Option<String>,
    /// Of versions and builds: where they are.
    pub repository: Option<RepositoryName>,
    /// Of a version: its tag.
    pub tag: Option<String>,
    /// Of a build.
    pub build: Option<FoundBuild>,
}

impl Hit {
    fn named(kind: HitKind, name: String) -> Self {
        Self {
            kind,
            name,
            public: None,
            short_description: None,
            repository: None,
            tag: None,
            build: None,
        }
    }
}

/// What tells builds from each other in a list.
#[derive(Debug, Clone)]
pub struct FoundBuild {
    /// Counted in its repository.
    pub number: u64,
    pub state: BuildState,
    pub commit: Option<CommitId>,
}

/// What is looked for.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// A part of a name, as it was typed.
    pub term: String,
    /// Versions whose tags begin so.
    pub version: Option<InImages>,
    /// Builds of commits that begin so.
    pub commit: Option<String>,
    /// Builds of this number.
    pub number: Option<(InImages, u64)>,
}

/// What is looked for within images, and in which.
#[derive(Debug, Clone, Default)]
pub struct InImages {
    /// Only images whose name contains this.
    pub image: String,
    /// How a tag begins.
    pub prefix: String,
}

/// Who looks: for names and versions, and for builds.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    pub viewer: Viewer<'a>,
    pub builds: &'a BuildViewer,
}

/// What the viewer may see and is looked for, by kind and name, after `after`.
pub fn search(
    tx: &mut Tx<'_>,
    seen: Seen<'_>,
    wanted: &Wanted,
    after: (HitKind, &str),
    limit: usize,
) -> Result<Vec<Hit>, DbError> {
    let mut hits = Vec::new();
    let (viewer, term) = (seen.viewer, wanted.term.as_str());
    for kind in HitKind::ALL {
        let left = limit - hits.len();
        if kind < after.0 || left == 0 {
            continue;
        }
        let after = if kind == after.0 { after.1 } else { "" };
        hits.extend(match kind {
            HitKind::Namespace => search_namespaces(tx, viewer, term, after, left)?,
            HitKind::Repository => search_repositories(tx, viewer, term, after, left)?,
            HitKind::User => search_users(tx, viewer, term, after, left)?,
            HitKind::Version => versions::search_versions(tx, viewer, wanted, after, left)?,
            HitKind::Build => builds::search_builds(tx, seen.builds, wanted, after, left)?,
        });
    }
    Ok(hits)
}

fn search_namespaces(
    tx: &mut Tx<'_>,
    viewer: Viewer<'_>,
    term: &str,
    after: &str,
    limit: usize,
) -> Result<Vec<Hit>, DbError> {
    let rows = tx.query(
        &format!(
            "SELECT n.name, n.description FROM namespaces n
             WHERE n.name > $1 AND n.name LIKE $2 ESCAPE '!' AND {} ORDER BY n.name LIMIT $3",
            namespaces::visible(viewer)
        ),
        params![after, like_pattern(term), limit],
    )?;
    let read = |mut row: Row| {
        Ok(Hit {
            public: None,
            short_description: row.take(1)?,
            ..Hit::named(HitKind::Namespace, row.take(0)?)
        })
    };
    rows.into_iter().map(read).collect()
}

fn search_repositories(
    tx: &mut Tx<'_>,
    viewer: Viewer<'_>,
    term: &str,
    after: &str,
    limit: usize,
) -> Result<Vec<Hit>, DbError> {
    let rows = tx.query(
        &format!(
            "SELECT r.name, r.public, r.short_description FROM repositories r
             WHERE r.name > $1 AND (r.name LIKE $2 ESCAPE '!' OR LOWER(r.short_description) LIKE $2 ESCAPE '!')
                AND {} ORDER BY r.name LIMIT $3",
            repositories::visible(viewer)
        ),
        params![after, like_pattern(term), limit],
    )?;
    let read = |mut row: Row| {
        Ok(Hit {
            public: row.take(1)?,
            short_description: row.take(2)?,
            ..Hit::named(HitKind::Repository, row.take(0)?)
        })
    };
    rows.into_iter().map(read).collect()
}

/// People see those they share a namespace with, and whom they can name exactly: whoever manages members learns from
/// that, too, whether an account exists. Robots and strangers see nobody.
fn search_users(
    tx: &mut Tx<'_>,
    viewer: Viewer<'_>,
    term: &str,
    after: &str,
    limit: usize,
) -> Result<Vec<Hit>, DbError> {
    let (own, known) = match viewer {
        Viewer::Member(None, _) => return Ok(Vec::new()),
        Viewer::Administrator(id) => (id, "1 = 1".into()),
        Viewer::Member(Some(id), []) => (id, "1 = 0".to_owned()),
        Viewer::Member(Some(id), namespaces) => {
            let ids: Vec<_> = namespaces.iter().map(|id| format!("'{id}'")).collect();
            let shared = format!(
                "EXISTS (SELECT 1 FROM members m WHERE m.user_id = u.id AND m.namespace_id IN ({}))",
                ids.join(",")
            );
            (id, shared)
        }
    };
    let rows = tx.query(
        &format!(
            "SELECT u.username FROM users u WHERE u.username > $1 AND u.username LIKE $2 ESCAPE '!'
                AND (u.id = $3 OR u.username = $4 OR {known}) ORDER BY u.username LIMIT $5"
        ),
        params![after, like_pattern(term), own, term.to_lowercase(), limit],
    )?;
    let read = |mut row: Row| {
        Ok(Hit {
            ..Hit::named(HitKind::User, row.take(0)?)
        })
    };
    rows.into_iter().map(read).collect()
}

/// How many images are looked into for versions and numbers: those that were pushed to last. Fewer hide what people look for,
/// and each is a look into an index, for every few keys that somebody types.
const MOST_IMAGES: usize = 200;

/// The images that are looked into, by name.
fn list_images(
    tx: &mut Tx<'_>,
    visible: &str,
    image: &str,
) -> Result<Vec<(RepositoryId, RepositoryName)>, DbError> {
    let rows = tx.query(
        &format!(
            "SELECT r.id, r.name FROM repositories r WHERE r.name LIKE $1 ESCAPE '!' AND {visible}
             ORDER BY COALESCE(r.last_push_at, 0) DESC, r.name LIMIT $2"
        ),
        params![like_pattern(image), MOST_IMAGES],
    )?;
    let read = |mut row: Row| Ok::<_, DbError>((row.take(0)?, row.take(1)?));
    let mut images = rows.into_iter().map(read).collect::<Result<Vec<_>, _>>()?;
    images.sort_by(|(_, one): &(_, RepositoryName), (_, other)| one.as_str().cmp(other.as_str()));
    Ok(images)
}

/// The end of everything that begins with `prefix`: bytewise, as both databases compare.
fn end_of(prefix: &str) -> String {
    // Names are ASCII, and this is above all of it.
    format!("{prefix}\u{7f}")
}

/// A public repository as `docker search` shows it.
#[derive(Debug, Clone)]
pub struct PublicRepository {
    /// Its name.
    pub name: String,
    /// What it is for, in short.
    pub short_description: String,
    /// How many users marked it.
    pub stars: u64,
}

/// Public repositories whose name or short description contains `term`, in the order of their names.
pub fn search_public(
    tx: &mut Tx<'_>,
    term: &str,
    limit: usize,
) -> Result<Vec<PublicRepository>, DbError> {
    let rows = tx.query(
        "SELECT r.name, r.short_description,
            CAST((SELECT COUNT(*) FROM favorites f WHERE f.repository_id = r.id) AS BIGINT)
         FROM repositories r
         WHERE r.public AND (r.name LIKE $1 ESCAPE '!' OR LOWER(r.short_description) LIKE $1 ESCAPE '!')
         ORDER BY r.name LIMIT $2",
        params![like_pattern(term), limit],
    )?;
    let read = |mut row: Row| {
        Ok(PublicRepository {
            name: row.take(0)?,
            short_description: row.take(1)?,
            stars: row.take(2)?,
        })
    };
    rows.into_iter().map(read).collect()
}
