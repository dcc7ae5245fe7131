//! Links: which repository's rules stand on which image of this registry.

use crate::{DbError, Row, Tx, params};
use std::collections::{HashMap, HashSet};
use wharf_model::{
    Granted, LinkId, RepositoryId, RuleId, Timestamp,
    rights::{ManageRules, Pull, ViewBuilds},
};
use wharf_oci::RepositoryName;

/// A link.
#[derive(Debug, Clone)]
pub struct Link {
    /// The id.
    pub id: LinkId,
    /// What is built again.
    pub repository: RepositoryId,
    /// Only this rule; all of the repository's when there is none.
    pub rule: Option<RuleId>,
    /// Its name.
    pub rule_name: Option<String>,
    /// What it stands on.
    pub base: RepositoryId,
    /// Its name.
    pub base_name: RepositoryName,
    /// Which tag; any when it is empty.
    pub base_tag: String,
    /// Whether a FROM line says so, and not a person.
    pub auto: bool,
    /// Whether it does anything.
    pub active: bool,
    /// Why it is off although nobody switched it off: `cycle`.
    pub problem: Option<String>,
    /// Of the refs that name it, the one whose build did last.
    pub reference: String,
    /// Who made it; `system` for a FROM line.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
}

const SELECT: &str =
    "SELECT l.id, l.repository_id, l.rule_id, u.name, l.base_repository_id, r.name, l.base_tag, l.kind,
    l.active, l.problem, l.ref, l.created_by, l.created_at
    FROM links l JOIN repositories r ON r.id = l.base_repository_id LEFT JOIN rules u ON u.id = l.rule_id WHERE";

fn read_link(mut row: Row) -> Result<Link, DbError> {
    let rule: String = row.take(2)?;
    let kind: String = row.take(7)?;
    Ok(Link {
        id: row.take(0)?,
        repository: row.take(1)?,
        rule: rule.parse().ok(),
        rule_name: row.take(3)?,
        base: row.take(4)?,
        base_name: row.take(5)?,
        base_tag: row.take(6)?,
        auto: kind == "auto",
        active: row.take(8)?,
        problem: row.take(9)?,
        reference: row.take(10)?,
        created_by: row.take(11)?,
        created_at: row.take(12)?,
    })
}

/// The rule's column: one text for all rules.
fn rule_text(rule: Option<RuleId>) -> String {
    rule.map(|rule| rule.to_string()).unwrap_or_default()
}

/// Links of a repository in the order of their ids, after `after`.
pub fn list_links(
    tx: &mut Tx<'_>,
    granted: &Granted<ViewBuilds>,
    after: &str,
    limit: usize,
) -> Result<Vec<Link>, DbError> {
    let rows = tx.query(
        &format!("{SELECT} l.repository_id = $1 AND l.id > $2 ORDER BY l.id LIMIT $3"),
        params![granted.repository(), after, limit],
    )?;
    rows.into_iter().map(read_link).collect()
}

/// One link of a repository.
pub fn find_link(
    tx: &mut Tx<'_>,
    granted: &Granted<ManageRules>,
    id: LinkId,
) -> Result<Option<Link>, DbError> {
    let row = tx.query_first(
        &format!("{SELECT} l.repository_id = $1 AND l.id = $2"),
        params![granted.repository(), id],
    )?;
    row.map(read_link).transpose()
}

/// A link to be made.
#[derive(Debug, Clone)]
pub struct NewLink {
    /// The id.
    pub id: LinkId,
    /// What is built again.
    pub repository: RepositoryId,
    /// Only this rule.
    pub rule: Option<RuleId>,
    /// What it stands on.
    pub base: RepositoryId,
    /// Which tag; any when it is empty.
    pub base_tag: String,
    /// `cycle` for one that must not do anything.
    pub problem: Option<&'static str>,
    /// Who makes it.
    pub created_by: String,
    /// Their account (`Caller::principal`); none for a FROM line.
    pub maker: Option<String>,
    /// Now.
    pub at: Timestamp,
}

/// Links by hand, to what the person may read; answers whether there was none like it.
pub fn insert_manual_link(
    tx: &mut Tx<'_>,
    granted: &Granted<ManageRules>,
    base: &Granted<Pull>,
    new: &NewLink,
) -> Result<bool, DbError> {
    debug_assert!(granted.repository() == new.repository && base.repository() == new.base);
    insert(tx, new, "manual", "", false)
}

/// Notes what a FROM line of this ref says; answers whether there was no link yet. One that is there keeps whether it is
/// active.
pub fn note_auto_link(tx: &mut Tx<'_>, new: &NewLink, reference: &str) -> Result<bool, DbError> {
    let made = insert(tx, new, "auto", reference, true)?;
    if made {
        note_ref(tx, new.id, reference)?;
    } else {
        name_again(tx, new, reference)?;
    }
    Ok(made)
}

/// Notes that a FROM line of this ref says again what others said, or the same did before; answers whether any did, or a
/// person made a link like it.
pub fn name_again(tx: &mut Tx<'_>, new: &NewLink, reference: &str) -> Result<bool, DbError> {
    let found = tx.query_first(
        "SELECT id, kind FROM links WHERE repository_id = $1 AND rule_id = $2 AND base_repository_id = $3
            AND base_tag = $4",
        params![
            new.repository,
            rule_text(new.rule),
            new.base,
            new.base_tag
        ],
    )?;
    let Some(mut found) = found else {
        return Ok(false);
    };
    let (link, kind): (LinkId, String) = (found.take(0)?, found.take(1)?);
    if kind == "auto" {
        tx.execute(
            "UPDATE links SET ref = $2 WHERE id = $1",
            params![link, reference],
        )?;
        note_ref(tx, link, reference)?;
    }
    Ok(true)
}

fn note_ref(tx: &mut Tx<'_>, link: LinkId, reference: &str) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO link_refs (link_id, ref) VALUES ($1, $2) ON CONFLICT (link_id, ref) DO NOTHING",
        params![link, reference],
    )
    .map(drop)
}

fn insert(
    tx: &mut Tx<'_>,
    new: &NewLink,
    kind: &str,
    reference: &str,
    auto: bool,
) -> Result<bool, DbError> {
    debug_assert_eq!(auto, kind == "auto");
    let made = tx.execute(
        "INSERT INTO links (id, repository_id, rule_id, base_repository_id, base_tag, kind, active, problem, ref,
            created_by, created_at, maker)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
         ON CONFLICT (repository_id, rule_id, base_repository_id, base_tag) DO NOTHING",
        params![
            new.id,
            new.repository,
            rule_text(new.rule),
            new.base,
            new.base_tag,
            kind,
            new.problem.is_none(),
            new.problem,
            reference,
            new.created_by,
            new.at,
            new.maker
        ],
    )?;
    Ok(made == 1)
}

/// Forgets that FROM lines of this ref name what its newest build does not name. A link goes when no other ref names it
/// either; those that were switched off stay, so that they stay off.
pub fn forget_stale_links(
    tx: &mut Tx<'_>,
    rule: RuleId,
    reference: &str,
    named: &HashSet<(RepositoryId, String)>,
) -> Result<(), DbError> {
    let rows = tx.query(
        "SELECT l.id, l.base_repository_id, l.base_tag FROM links l JOIN link_refs f ON f.link_id = l.id
         WHERE l.rule_id = $1 AND f.ref = $2 AND l.kind = 'auto' AND (l.active OR l.problem IS NOT NULL)",
        params![rule, reference],
    )?;
    for mut row in rows {
        let (id, base): (LinkId, (RepositoryId, String)) =
            (row.take(0)?, (row.take(1)?, row.take(2)?));
        if !named.contains(&base) {
            forget_ref(tx, id, reference)?;
        }
    }
    Ok(())
}

fn forget_ref(tx: &mut Tx<'_>, id: LinkId, reference: &str) -> Result<(), DbError> {
    tx.execute(
        "DELETE FROM link_refs WHERE link_id = $1 AND ref = $2",
        params![id, reference],
    )?;
    let left = tx.query_first(
        "SELECT ref FROM link_refs WHERE link_id = $1 ORDER BY ref LIMIT 1",
        params![id],
    )?;
    let Some(mut left) = left else {
        let delete = tx.execute("DELETE FROM links WHERE id = $1", params![id]);
        return delete.map(drop);
    };
    let left: String = left.take(0)?;
    tx.execute(
        "UPDATE links SET ref = $3 WHERE id = $1 AND ref = $2",
        params![id, reference, left],
    )
    .map(drop)
}

/// Switches a link on or off.
pub fn switch_link(
    tx: &mut Tx<'_>,
    granted: &Granted<ManageRules>,
    id: LinkId,
    active: bool,
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE links SET active = $3, problem = NULL WHERE repository_id = $1 AND id = $2",
        params![granted.repository(), id, active],
    )
    .map(drop)
}

/// Removes a link.
pub fn delete_link(
    tx: &mut Tx<'_>,
    granted: &Granted<ManageRules>,
    id: LinkId,
) -> Result<(), DbError> {
    tx.execute(
        "DELETE FROM links WHERE repository_id = $1 AND id = $2",
        params![granted.repository(), id],
    )
    .map(drop)
}

/// How many links the repository has.
pub fn count_links(tx: &mut Tx<'_>, repository: RepositoryId) -> Result<u64, DbError> {
    let row = tx.query_first(
        "SELECT COUNT(*) FROM links WHERE repository_id = $1",
        params![repository],
    )?;
    row.map_or(Ok(0), |mut row| row.take(0))
}

/// Whether one of the repository's links to the base is active.
pub fn is_linked(
    tx: &mut Tx<'_>,
    repository: RepositoryId,
    base: RepositoryId,
) -> Result<bool, DbError> {
    let row = tx.query_first(
        "SELECT 1 FROM links WHERE repository_id = $1 AND base_repository_id = $2 AND active LIMIT 1",
        params![repository, base],
    )?;
    Ok(row.is_some())
}

/// What a repository stands on through active links, over any number of them, and itself: `limit` of those at most, for a
/// writer waits for this and anybody may make links. Nothing of other repositories is read.
pub fn list_foundations(
    tx: &mut Tx<'_>,
    repository: RepositoryId,
    limit: usize,
) -> Result<HashSet<RepositoryId>, DbError> {
    let rows = tx.query(
        "WITH RECURSIVE below (id) AS (SELECT id FROM repositories WHERE id = $1 UNION
            SELECT l.base_repository_id FROM below b JOIN links l ON l.repository_id = b.id WHERE l.active)
         SELECT id FROM below LIMIT $2",
        params![repository, limit],
    )?;
    rows.into_iter().map(|mut row| row.take(0)).collect()
}

/// What stands on what, through links that are active: the repositories linked to each base.
pub fn load_graph(
    tx: &mut Tx<'_>,
) -> Result<HashMap<RepositoryId, HashSet<RepositoryId>>, DbError> {
    let rows = tx.query(
        "SELECT DISTINCT base_repository_id, repository_id FROM links WHERE active",
        &[],
    )?;
    let mut graph: HashMap<RepositoryId, HashSet<RepositoryId>> = HashMap::new();
    for mut row in rows {
        graph.entry(row.take(0)?).or_default().insert(row.take(1)?);
    }
    Ok(graph)
}

/// The rules that are built again when this tag of the base changes. A link counts for as long as its base may be read: by
/// everybody, by the namespace whose builds stand on it, or by whoever made the link.
pub fn list_linked_rules(
    tx: &mut Tx<'_>,
    base: RepositoryId,
    tag: &str,
) -> Result<Vec<RuleId>, DbError> {
    let rows = tx.query(
        "SELECT DISTINCT u.id FROM links l
         JOIN rules u ON u.repository_id = l.repository_id AND (l.rule_id = '' OR l.rule_id = u.id)
         JOIN repositories r ON r.id = l.repository_id JOIN repositories b ON b.id = l.base_repository_id
         WHERE l.base_repository_id = $1 AND (l.base_tag = $2 OR l.base_tag = '') AND l.active
            AND (b.public OR b.namespace_id = r.namespace_id OR EXISTS (SELECT 1 FROM users a
                WHERE 'user:' || a.id = l.maker AND NOT a.disabled AND (a.admin OR EXISTS (SELECT 1 FROM members m
                    WHERE m.namespace_id = b.namespace_id AND m.user_id = a.id))))
         ORDER BY u.id",
        params![base, tag],
    )?;
    rows.into_iter().map(|mut row| row.take(0)).collect()
}
