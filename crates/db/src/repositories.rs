//! Repositories: names, visibility, descriptions, counters; that one is made, edited or deleted is an event of it.

use crate::{DbError, Row, TextColumn, Tx, events::record_event, params};
use serde_json::json;
use wharf_model::{
    Facts, Granted, NamespaceId, RepositoryId, Timestamp, UserId,
    builds::BuildState,
    rights::{Delete, Edit, EditNamespace, Pull, Push},
};
use wharf_oci::{RepositoryName, Tag};

/// A repository as its page shows it.
#[derive(Debug, Clone)]
pub struct Repository {
    /// What decisions need.
    pub facts: Facts,
    /// At most 100 characters.
    pub short_description: String,
    /// Markdown.
    pub description: String,
    /// Bytes of all blobs linked here, each once.
    pub size: u64,
    /// Tags now.
    pub tag_count: u64,
    /// Pulls of tagged versions so far.
    pub pull_count: u64,
    /// Whether the asking user marked it.
    pub favorite: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When a manifest was last pushed.
    pub last_push_at: Option<Timestamp>,
    /// The tag that was let name something else last.
    pub latest_tag: Option<Tag>,
    /// The build that was queued last. For members alone.
    pub last_build: Option<LastBuild>,
}

/// A repository's last build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastBuild {
    /// Its number.
    pub number: u64,
    /// How it stands.
    pub state: BuildState,
}

/// Finds what decisions need to know of a repository.
pub fn find_facts(tx: &mut Tx<'_>, name: &RepositoryName) -> Result<Option<Facts>, DbError> {
    let row = tx.query_first(
        "SELECT id, namespace_id, public FROM repositories WHERE name = $1",
        params![name],
    )?;
    row.map(|mut row| {
        Ok(Facts {
            repository: row.take(0)?,
            namespace: row.take(1)?,
            name: name.clone(),
            public: row.take(2)?,
        })
    })
    .transpose()
}

/// A repository to be made.
#[derive(Debug, Clone)]
pub struct NewRepository {
    /// What decisions will need.
    pub facts: Facts,
    /// At most 100 characters.
    pub short_description: String,
    /// Markdown.
    pub description: String,
    /// The principal that made it.
    pub created_by: String,
    /// Now.
    pub at: Timestamp,
}

/// Makes a repository; answers whether the name was free.
pub fn insert_repository(tx: &mut Tx<'_>, new: &NewRepository) -> Result<bool, DbError> {
    let made = tx.execute(
        "INSERT INTO repositories (id, namespace_id, name, public, short_description, description,
            created_by, created_at, tag_count, pull_count)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0) ON CONFLICT (name) DO NOTHING",
        params![
            new.facts.repository,
            new.facts.namespace,
            new.facts.name,
            new.facts.public,
            new.short_description,
            new.description,
            new.created_by,
            new.at
        ],
    )?;
    if made == 1 {
        record_change(
            tx,
            "repository_created",
            &new.facts,
            &new.created_by,
            new.at,
        )?;
    }
    Ok(made == 1)
}

/// Writes the event of a change, with what decides who hears of it: the row may be gone when it is told.
fn record_change(
    tx: &mut Tx<'_>,
    kind: &str,
    facts: &Facts,
    actor: &str,
    at: Timestamp,
) -> Result<(), DbError> {
    let payload = json!({
        "name": facts.name.as_str(), "namespace": facts.namespace.to_string(), "public": facts.public, "actor": actor,
    });
    record_event(tx, kind, facts.repository, &payload.to_string(), at).map(drop)
}

/// Who looks, as far as a list of repositories is concerned.
#[derive(Debug, Clone, Copy)]
pub enum Viewer<'a> {
    /// Sees everything.
    Administrator(UserId),
    /// Sees public repositories and those of these namespaces.
    Member(Option<UserId>, &'a [NamespaceId]),
}

pub(crate) const COLUMNS: &str = "r.id, r.namespace_id, r.name, r.public, r.short_description, r.description,
    CAST(COALESCE((SELECT SUM(b.size) FROM repository_blobs b WHERE b.repository_id = r.id), 0) AS BIGINT),
    r.tag_count, r.pull_count, r.created_at, r.last_push_at,
    EXISTS (SELECT 1 FROM favorites f WHERE f.repository_id = r.id AND f.user_id = $1),
    (SELECT t.name FROM tags t WHERE t.repository_id = r.id ORDER BY t.set_at DESC, t.name DESC LIMIT 1),
    (SELECT b.number FROM builds b WHERE b.repository_id = r.id ORDER BY b.id DESC LIMIT 1),
    (SELECT b.state FROM builds b WHERE b.repository_id = r.id ORDER BY b.id DESC LIMIT 1)";

pub(crate) fn read_repository(mut row: Row) -> Result<Repository, DbError> {
    let number: Option<u64> = row.take(13)?;
    let state: Option<BuildState> = row.take(14)?;
    Ok(Repository {
        latest_tag: row.take(12)?,
        last_build: number
            .zip(state)
            .map(|(number, state)| LastBuild { number, state }),
        facts: Facts {
            repository: row.take(0)?,
            namespace: row.take(1)?,
            name: row.take(2)?,
            public: row.take(3)?,
        },
        short_description: row.take(4)?,
        description: row.take(5)?,
        size: row.take(6)?,
        tag_count: row.take(7)?,
        pull_count: row.take(8)?,
        created_at: row.take(9)?,
        last_push_at: row.take(10)?,
        favorite: row.take(11)?,
    })
}

/// The page of a repository.
pub fn load_repository(
    tx: &mut Tx<'_>,
    granted: &Granted<Pull>,
    viewer: Option<UserId>,
) -> Result<Option<Repository>, DbError> {
    let viewer = viewer.map(|id| id.to_string()).unwrap_or_default();
    let row = tx.query_first(
        &format!("SELECT {COLUMNS} FROM repositories r WHERE r.id = $2"),
        params![viewer, granted.repository()],
    )?;
    row.map(read_repository).transpose()
}

/// The condition that hides what the viewer may not see. Ids are our own text, never a caller's.
pub(crate) fn visible(viewer: Viewer<'_>) -> String {
    match viewer {
        Viewer::Administrator(_) => "1 = 1".into(),
        Viewer::Member(_, namespaces) => {
            let ids: Vec<_> = namespaces.iter().map(|id| format!("'{id}'")).collect();
            if ids.is_empty() {
                "r.public".into()
            } else {
                format!("(r.public OR r.namespace_id IN ({}))", ids.join(","))
            }
        }
    }
}

/// Escapes what LIKE would read as a wildcard.
pub(crate) fn like_pattern(term: &str) -> String {
    let mut pattern = String::with_capacity(term.len() + 2);
    pattern.push('%');
    for character in term.to_lowercase().chars() {
        if matches!(character, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}

/// Names for `_catalog`, in bytewise order after `after`.
pub fn list_names(
    tx: &mut Tx<'_>,
    viewer: Viewer<'_>,
    after: &str,
    limit: usize,
) -> Result<TextColumn, DbError> {
    tx.query_texts(
        &format!(
            "SELECT r.name FROM repositories r WHERE r.name > $1 AND {} ORDER BY r.name LIMIT $2",
            visible(viewer)
        ),
        params![after, limit],
    )
}

/// Names of a namespace's repositories, as far as `limit`: for whoever deletes the namespace with all that is in it.
pub fn list_names_of_namespace(
    tx: &mut Tx<'_>,
    granted: &Granted<EditNamespace>,
    limit: usize,
) -> Result<Vec<String>, DbError> {
    let rows = tx.query(
        "SELECT name FROM repositories WHERE namespace_id = $1 ORDER BY name LIMIT $2",
        params![granted.subject().namespace, limit],
    )?;
    rows.into_iter().map(|mut row| row.take(0)).collect()
}

/// What an edit changes; `None` leaves it.
#[derive(Debug, Clone, Default)]
pub struct RepositoryEdit {
    /// Visibility.
    pub public: Option<bool>,
    /// At most 100 characters.
    pub short_description: Option<String>,
    /// Markdown.
    pub description: Option<String>,
}

/// Edits a repository. For whoever may not see it any more it is gone, which is an event of its own.
pub fn edit_repository(
    tx: &mut Tx<'_>,
    granted: &Granted<Edit>,
    edit: &RepositoryEdit,
    actor: &str,
    at: Timestamp,
) -> Result<(), DbError> {
    let before = find_facts(tx, &granted.subject().name)?;
    tx.execute(
        "UPDATE repositories SET public = COALESCE(CAST($2 AS BOOLEAN), public),
            short_description = COALESCE(CAST($3 AS TEXT), short_description),
            description = COALESCE(CAST($4 AS TEXT), description)
         WHERE id = $1",
        params![
            granted.repository(),
            edit.public,
            edit.short_description,
            edit.description
        ],
    )?;
    let Some(before) = before.filter(|found| found.repository == granted.repository()) else {
        return Ok(());
    };
    if before.public && edit.public == Some(false) {
        record_change(tx, "repository_hidden", &before, actor, at)?;
    }
    let now = Facts {
        public: edit.public.unwrap_or(before.public),
        ..before
    };
    record_change(tx, "repository_edited", &now, actor, at)
}

/// Replaces the full description by what a build found: a build that may push may say what its image is.
pub fn describe_built(
    tx: &mut Tx<'_>,
    granted: &Granted<Push>,
    description: &str,
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE repositories SET description = $2 WHERE id = $1",
        params![granted.repository(), description],
    )
    .map(drop)
}

/// Removes a repository with its tags and links; bytes and manifests stay until they are collected. Answers whether it
/// was there.
pub fn delete_repository(
    tx: &mut Tx<'_>,
    granted: &Granted<Delete>,
    actor: &str,
    at: Timestamp,
) -> Result<bool, DbError> {
    let before = find_facts(tx, &granted.subject().name)?;
    let removed = tx.execute(
        "DELETE FROM repositories WHERE id = $1",
        params![granted.repository()],
    )?;
    let before = before.filter(|found| found.repository == granted.repository());
    if let Some(before) = before {
        record_change(tx, "repository_deleted", &before, actor, at)?;
    }
    Ok(removed == 1)
}

/// Marks or unmarks a repository for a user.
pub fn set_favorite(
    tx: &mut Tx<'_>,
    granted: &Granted<Pull>,
    user: UserId,
    favorite: bool,
    at: Timestamp,
) -> Result<(), DbError> {
    if favorite {
        tx.execute(
            "INSERT INTO favorites (user_id, repository_id, created_at) VALUES ($1, $2, $3)
             ON CONFLICT (user_id, repository_id) DO NOTHING",
            params![user, granted.repository(), at],
        )
    } else {
        tx.execute(
            "DELETE FROM favorites WHERE user_id = $1 AND repository_id = $2",
            params![user, granted.repository()],
        )
    }
    .map(drop)
}

/// Adds pulls that were counted in memory. Repositories and manifests that are gone meanwhile are passed over.
pub fn add_pulls(
    tx: &mut Tx<'_>,
    repository: RepositoryId,
    digest: &wharf_oci::Digest,
    count: u64,
    at: Timestamp,
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE repository_manifests SET pull_count = pull_count + $3, pulled_at = $4
         WHERE repository_id = $1 AND digest = $2",
        params![repository, digest, count, at],
    )?;
    // A pull of an index also fetches one of its children: only what a tag names is a pull of the repository.
    tx.execute(
        "UPDATE repositories SET pull_count = pull_count + $3 WHERE id = $1
         AND EXISTS (SELECT 1 FROM tags t WHERE t.repository_id = $1 AND t.digest = $2)",
        params![repository, digest, count],
    )
    .map(drop)
}

/// Whether a repository exists: files of those that do not are swept.
pub fn exists(tx: &mut Tx<'_>, id: RepositoryId) -> Result<bool, DbError> {
    let row = tx.query_first("SELECT 1 FROM repositories WHERE id = $1", params![id])?;
    Ok(row.is_some())
}
