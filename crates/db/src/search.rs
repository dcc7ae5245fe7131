//! Finding namespaces, repositories and users by a part of their name.

use crate::{
    DbError, Row, Tx, namespaces, params,
    repositories::{self, Viewer, like_pattern},
};

/// What was found; the order of lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum HitKind {
    /// A namespace the viewer belongs to.
    Namespace,
    /// A repository the viewer may pull from.
    Repository,
    /// A person.
    User,
}

/// One thing found.
#[derive(Debug, Clone)]
pub struct Hit {
    /// What it is.
    pub kind: HitKind,
    /// Its name.
    pub name: String,
    /// Of a repository: whether anybody may pull from it.
    pub public: Option<bool>,
    /// What it is for, in short.
    pub short_description: Option<String>,
}

/// What the viewer may see and whose name contains `term`, by kind and name, after `after`.
pub fn search(
    tx: &mut Tx<'_>,
    viewer: Viewer<'_>,
    term: &str,
    after: (HitKind, &str),
    limit: usize,
) -> Result<Vec<Hit>, DbError> {
    let mut hits = Vec::new();
    for kind in [HitKind::Namespace, HitKind::Repository, HitKind::User] {
        let left = limit - hits.len();
        if kind < after.0 || left == 0 {
            continue;
        }
        let after = if kind == after.0 { after.1 } else { "" };
        hits.extend(match kind {
            HitKind::Namespace => search_namespaces(tx, viewer, term, after, left)?,
            HitKind::Repository => search_repositories(tx, viewer, term, after, left)?,
            HitKind::User => search_users(tx, viewer, term, after, left)?,
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
            kind: HitKind::Namespace,
            name: row.take(0)?,
            public: None,
            short_description: row.take(1)?,
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
            kind: HitKind::Repository,
            name: row.take(0)?,
            public: row.take(1)?,
            short_description: row.take(2)?,
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
            kind: HitKind::User,
            name: row.take(0)?,
            public: None,
            short_description: None,
        })
    };
    rows.into_iter().map(read).collect()
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
