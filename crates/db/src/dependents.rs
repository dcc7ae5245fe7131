//! What hangs on a person, a namespace or a repository and goes with it: counted, and named as far as a page holds it.

use crate::{DbError, Tx, Value, params};
use wharf_model::{NamespaceId, RepositoryId, UserId};

/// Names of one kind that are listed; the rest is a number.
pub const NAMED: usize = 50;

/// Things of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependents {
    /// What they are: `rule`, `webhook`, `source`, …
    pub kind: &'static str,
    /// How many.
    pub count: u64,
    /// The first [`NAMED`] of them.
    pub names: Vec<String>,
}

/// One question: its kind, and a query of names for `$1`.
type Question = (&'static str, &'static str);

const OF_USER: &[Question] = &[
    (
        "source",
        "SELECT kind || ' ' || address FROM sources WHERE user_id = $1",
    ),
    (
        "stopping_rule",
        "SELECT p.name || ' ' || r.name FROM rules r JOIN repositories p ON p.id = r.repository_id
         JOIN sources s ON s.id = r.source_id WHERE s.user_id = $1",
    ),
    (
        "webhook",
        "SELECT w.remote FROM webhooks w JOIN sources s ON s.id = w.source_id
         WHERE s.user_id = $1 AND w.host_id IS NOT NULL",
    ),
    (
        "deploy_key",
        "SELECT address FROM sources WHERE user_id = $1 AND public_key IS NOT NULL",
    ),
    ("token", "SELECT name FROM tokens WHERE user_id = $1"),
    (
        "membership",
        "SELECT n.name FROM members m JOIN namespaces n ON n.id = m.namespace_id WHERE m.user_id = $1",
    ),
];

const OF_NAMESPACE: &[Question] = &[
    (
        "credential",
        "SELECT host FROM registry_credentials WHERE namespace_id = $1",
    ),
    ("robot", "SELECT name FROM robots WHERE namespace_id = $1"),
    (
        "member",
        "SELECT u.username FROM members m JOIN users u ON u.id = m.user_id WHERE m.namespace_id = $1",
    ),
    (
        "trigger",
        "SELECT name FROM triggers WHERE namespace_id = $1 AND repository_id IS NULL",
    ),
    (
        "cluster_grant",
        "SELECT c.name || ' ' || g.kube_namespace FROM cluster_grants g JOIN clusters c ON c.id = g.cluster_id
         WHERE g.namespace_id = $1",
    ),
    (
        "repository",
        "SELECT name FROM repositories WHERE namespace_id = $1",
    ),
];

const OF_REPOSITORY: &[Question] = &[
    ("tag", "SELECT name FROM tags WHERE repository_id = $1"),
    ("rule", "SELECT name FROM rules WHERE repository_id = $1"),
    (
        "rule_secret",
        "SELECT r.name || ' ' || s.name FROM rule_secrets s JOIN rules r ON r.id = s.rule_id
         WHERE r.repository_id = $1",
    ),
    (
        "trigger_url",
        "SELECT r.name || ' ' || t.name FROM trigger_urls t JOIN rules r ON r.id = t.rule_id
         WHERE r.repository_id = $1",
    ),
    (
        "trigger",
        "SELECT name FROM triggers WHERE repository_id = $1",
    ),
    (
        "waiting_delivery",
        "SELECT trigger_name || ' ' || COALESCE(tag, event_kind) FROM trigger_deliveries
         WHERE repository_id = $1 AND next_at IS NOT NULL",
    ),
    (
        "build",
        "SELECT '#' || CAST(number AS TEXT) FROM builds WHERE repository_id = $1",
    ),
    (
        "link",
        "SELECT p.name FROM links l JOIN repositories p
            ON p.id = CASE WHEN l.repository_id = $1 THEN l.base_repository_id ELSE l.repository_id END
         WHERE l.repository_id = $1 OR l.base_repository_id = $1",
    ),
    (
        "webhook",
        // Those that no other rule keeps.
        "SELECT w.remote FROM webhooks w WHERE w.host_id IS NOT NULL
            AND EXISTS (SELECT 1 FROM rules r
                WHERE r.source_id = w.source_id AND r.remote = w.remote AND r.repository_id = $1)
            AND NOT EXISTS (SELECT 1 FROM rules r
                WHERE r.source_id = w.source_id AND r.remote = w.remote AND r.repository_id <> $1)",
    ),
];

/// What goes with a person.
pub fn list_of_user(tx: &mut Tx<'_>, id: UserId) -> Result<Vec<Dependents>, DbError> {
    ask(tx, OF_USER, params![id])
}

/// What goes with a namespace; repositories have to go before it.
pub fn list_of_namespace(tx: &mut Tx<'_>, id: NamespaceId) -> Result<Vec<Dependents>, DbError> {
    ask(tx, OF_NAMESPACE, params![id])
}

/// What goes with a repository.
pub fn list_of_repository(tx: &mut Tx<'_>, id: RepositoryId) -> Result<Vec<Dependents>, DbError> {
    ask(tx, OF_REPOSITORY, params![id])
}

/// Asks each question twice: how many, and the first names. Kinds of which there is nothing are left out.
fn ask(
    tx: &mut Tx<'_>,
    questions: &[Question],
    parameters: &[Value<'_>],
) -> Result<Vec<Dependents>, DbError> {
    let mut found = Vec::new();
    for (kind, query) in questions.iter().copied() {
        let counted = format!("SELECT COUNT(*) FROM ({query}) things");
        let row = tx.query_first(&counted, parameters)?;
        let count = row.map_or(Ok(0), |mut row| row.take(0))?;
        if count == 0 {
            continue;
        }
        let rows = tx.query(&format!("{query} ORDER BY 1 LIMIT {NAMED}"), parameters)?;
        let names = rows.into_iter().map(|mut row| row.take(0));
        found.push(Dependents {
            kind,
            count,
            names: names.collect::<Result<_, _>>()?,
        });
    }
    Ok(found)
}
