//! What hangs on a person, a namespace or a repository and goes with it: counted, and named as far as a page holds it.

use crate::{DbError, Tx, Value, params};
use wharf_model::{NamespaceId, RepositoryId, UserId};

/// Names of one kind that are listed; the rest is a number.
pub const NAMED: usize = 50;

/// What goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DependentKind {
    /// A repository with all that is in it.
    Repository,
    /// A tag.
    Tag,
    /// A build rule.
    Rule,
    /// A rule that stays where it is, and stops: its source goes.
    StoppingRule,
    /// A secret of a rule.
    RuleSecret,
    /// An address that starts builds.
    TriggerUrl,
    /// A build with its log.
    Build,
    /// A link between repositories; its name is of one that others may not read.
    Link,
    /// A webhook on the code host.
    Webhook,
    /// A deploy key on the code host.
    DeployKey,
    /// A trigger.
    Trigger,
    /// What a trigger was going to send.
    WaitingDelivery,
    /// Somebody's role in the namespace.
    Member,
    /// A robot.
    Robot,
    /// A password for another registry.
    Credential,
    /// The leave to roll out to a cluster.
    ClusterGrant,
    /// A token of the person.
    Token,
    /// A source of the person.
    Source,
    /// The person's role in somebody's namespace.
    Membership,
}

/// Things of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependents {
    /// What they are.
    pub kind: DependentKind,
    /// How many.
    pub count: u64,
    /// The first [`NAMED`] of them, as far as whoever asks may know them.
    pub names: Vec<String>,
}

/// One question: its kind, and a query of names for `$1`. `{repositories}` in it are the ids of the repositories that go, and
/// `{name}` begins the name of what is in repository `p`.
type Question = (DependentKind, &'static str);

/// Which repositories go, and how what is in them is named.
struct Scope {
    repositories: &'static str,
    name: &'static str,
}

const ONE: Scope = Scope {
    repositories: "SELECT id FROM repositories WHERE id = $1",
    name: "",
};

const OF_ITS_NAMESPACE: Scope = Scope {
    repositories: "SELECT id FROM repositories WHERE namespace_id = $1",
    name: "p.name || ' ' || ",
};

/// A person's own namespace, which goes with them.
const OF_OWN_NAMESPACE: Scope = Scope {
    repositories: "SELECT q.id FROM repositories q JOIN namespaces n ON n.id = q.namespace_id
        JOIN users u ON u.username = n.name WHERE u.id = $1",
    name: "p.name || ' ' || ",
};

const OF_USER: &[Question] = &[
    (
        DependentKind::Source,
        "SELECT kind || ' ' || address FROM sources WHERE user_id = $1",
    ),
    (
        DependentKind::StoppingRule,
        "SELECT p.name || ' ' || r.name FROM rules r JOIN repositories p ON p.id = r.repository_id
         JOIN sources s ON s.id = r.source_id WHERE s.user_id = $1 AND p.id NOT IN ({repositories})",
    ),
    (
        DependentKind::Webhook,
        "SELECT w.remote FROM webhooks w JOIN sources s ON s.id = w.source_id
         WHERE w.host_id IS NOT NULL AND (s.user_id = $1 OR EXISTS (SELECT 1 FROM rules r
                WHERE r.source_id = w.source_id AND r.remote = w.remote AND r.repository_id IN ({repositories}))
            AND NOT EXISTS (SELECT 1 FROM rules r
                WHERE r.source_id = w.source_id AND r.remote = w.remote AND r.repository_id NOT IN ({repositories})))",
    ),
    (
        DependentKind::DeployKey,
        "SELECT address FROM sources WHERE user_id = $1 AND public_key IS NOT NULL",
    ),
    (DependentKind::Token, "SELECT name FROM tokens WHERE user_id = $1"),
    (
        DependentKind::Membership,
        "SELECT n.name FROM members m JOIN namespaces n ON n.id = m.namespace_id WHERE m.user_id = $1",
    ),
    (
        DependentKind::Credential,
        "SELECT c.host FROM registry_credentials c JOIN namespaces n ON n.id = c.namespace_id
         JOIN users u ON u.username = n.name WHERE u.id = $1",
    ),
    (
        DependentKind::Robot,
        "SELECT r.name FROM robots r JOIN namespaces n ON n.id = r.namespace_id
         JOIN users u ON u.username = n.name WHERE u.id = $1",
    ),
    (
        DependentKind::Repository,
        "SELECT p.name FROM repositories p WHERE p.id IN ({repositories})",
    ),
];

const OF_NAMESPACE: &[Question] = &[
    (
        DependentKind::Credential,
        "SELECT host FROM registry_credentials WHERE namespace_id = $1",
    ),
    (DependentKind::Robot, "SELECT name FROM robots WHERE namespace_id = $1"),
    (
        DependentKind::Member,
        "SELECT u.username FROM members m JOIN users u ON u.id = m.user_id WHERE m.namespace_id = $1",
    ),
    (
        DependentKind::Trigger,
        "SELECT name FROM triggers WHERE namespace_id = $1 AND repository_id IS NULL",
    ),
    (
        DependentKind::ClusterGrant,
        "SELECT c.name || ' ' || g.kube_namespace FROM cluster_grants g JOIN clusters c ON c.id = g.cluster_id
         WHERE g.namespace_id = $1",
    ),
    (
        DependentKind::Repository,
        "SELECT p.name FROM repositories p WHERE p.id IN ({repositories})",
    ),
    WEBHOOK,
];

/// Those that no other rule keeps.
const WEBHOOK: Question = (
    DependentKind::Webhook,
    "SELECT w.remote FROM webhooks w WHERE w.host_id IS NOT NULL
        AND EXISTS (SELECT 1 FROM rules r
            WHERE r.source_id = w.source_id AND r.remote = w.remote AND r.repository_id IN ({repositories}))
        AND NOT EXISTS (SELECT 1 FROM rules r
            WHERE r.source_id = w.source_id AND r.remote = w.remote AND r.repository_id NOT IN ({repositories}))",
);

/// What is in the repositories that go.
const IN_REPOSITORIES: &[Question] = &[
    (
        DependentKind::Tag,
        "SELECT {name}t.name FROM tags t JOIN repositories p ON p.id = t.repository_id
         WHERE p.id IN ({repositories})",
    ),
    (
        DependentKind::Rule,
        "SELECT {name}r.name FROM rules r JOIN repositories p ON p.id = r.repository_id
         WHERE p.id IN ({repositories})",
    ),
    (
        DependentKind::RuleSecret,
        "SELECT {name}r.name || ' ' || s.name FROM rule_secrets s JOIN rules r ON r.id = s.rule_id
         JOIN repositories p ON p.id = r.repository_id WHERE p.id IN ({repositories})",
    ),
    (
        DependentKind::TriggerUrl,
        "SELECT {name}r.name || ' ' || t.name FROM trigger_urls t JOIN rules r ON r.id = t.rule_id
         JOIN repositories p ON p.id = r.repository_id WHERE p.id IN ({repositories})",
    ),
    (
        DependentKind::Trigger,
        "SELECT {name}t.name FROM triggers t JOIN repositories p ON p.id = t.repository_id
         WHERE p.id IN ({repositories})",
    ),
    (
        DependentKind::WaitingDelivery,
        "SELECT {name}d.trigger_name || ' ' || COALESCE(d.tag, d.event_kind)
         FROM trigger_deliveries d JOIN repositories p ON p.id = d.repository_id
         WHERE d.next_at IS NOT NULL AND p.id IN ({repositories})",
    ),
    (
        DependentKind::Build,
        "SELECT {name}'#' || CAST(b.number AS TEXT) FROM builds b JOIN repositories p ON p.id = b.repository_id
         WHERE p.id IN ({repositories})",
    ),
    (
        DependentKind::Link,
        "SELECT p.name FROM links l JOIN repositories p
            ON p.id = CASE WHEN l.repository_id IN ({repositories}) THEN l.base_repository_id ELSE l.repository_id END
         WHERE l.repository_id IN ({repositories}) OR l.base_repository_id IN ({repositories})",
    ),
];

/// What goes with a person.
pub fn list_of_user(tx: &mut Tx<'_>, id: UserId) -> Result<Vec<Dependents>, DbError> {
    let questions = [OF_USER, IN_REPOSITORIES].concat();
    ask(tx, &questions, &OF_OWN_NAMESPACE, params![id])
}

/// What goes with a namespace; repositories go only when whoever deletes it says so.
pub fn list_of_namespace(tx: &mut Tx<'_>, id: NamespaceId) -> Result<Vec<Dependents>, DbError> {
    let questions = [OF_NAMESPACE, IN_REPOSITORIES].concat();
    ask(tx, &questions, &OF_ITS_NAMESPACE, params![id])
}

/// What goes with a repository.
pub fn list_of_repository(tx: &mut Tx<'_>, id: RepositoryId) -> Result<Vec<Dependents>, DbError> {
    let questions = [IN_REPOSITORIES, &[WEBHOOK]].concat();
    ask(tx, &questions, &ONE, params![id])
}

/// Asks each question twice: how many, and the first names. Kinds of which there is nothing are left out.
fn ask(
    tx: &mut Tx<'_>,
    questions: &[Question],
    scope: &Scope,
    parameters: &[Value<'_>],
) -> Result<Vec<Dependents>, DbError> {
    let mut found = Vec::new();
    for (kind, query) in questions.iter().copied() {
        let query = query.replace("{repositories}", scope.repositories);
        let query = query.replace("{name}", scope.name);
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
