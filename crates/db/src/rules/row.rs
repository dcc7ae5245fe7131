//! Rules as rows.

use crate::{DbError, Row, Tx, params};
use wharf_model::{
    Facts, Granted, NamespaceId, RemotePath, RepositoryId, RuleId, SourceAddress, SourceId,
    SourceKind, Timestamp, UserId, rights::ViewBuilds,
};
use wharf_oci::RepositoryName;

/// Whether a rule's source may still be used for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceState {
    /// Its owner is a member of the rule's namespace, or an administrator.
    Usable,
    /// It was disconnected, or its owner's account is gone.
    Gone,
    /// Its owner's account is disabled.
    OwnerDisabled,
    /// Its owner left the namespace.
    OwnerLeft,
}

/// A rule.
#[derive(Debug, Clone)]
pub struct Rule {
    /// The id.
    pub id: RuleId,
    /// The repository whose images it makes.
    pub repository: RepositoryId,
    /// Its namespace.
    pub namespace: NamespaceId,
    /// Its name.
    pub repository_name: RepositoryName,
    /// The rule's name, unique in the repository.
    pub name: String,
    /// The account that it fetches with; none when that is gone.
    pub source: Option<SourceId>,
    /// Whose account that is.
    pub source_user: Option<UserId>,
    /// What software the code host runs.
    pub source_kind: SourceKind,
    /// Where it is.
    pub source_address: SourceAddress,
    /// The login name of the account's owner, kept for when they are gone.
    pub source_owner: String,
    /// Whether the account may still be used for this.
    pub source_state: SourceState,
    /// The repository's path on its host.
    pub remote: RemotePath,
    /// Whether it builds by itself.
    pub enabled: bool,
    /// Whether the refs that were there when it began are taken as seen.
    pub caught_up: bool,
    /// Counts its changes.
    pub version: i64,
    /// Who made it.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
    /// Who changed it last.
    pub changed_by: String,
    /// When.
    pub changed_at: Timestamp,
    /// JSON.
    pub definition: String,
}

const SELECT: &str =
    "SELECT u.id, u.repository_id, r.namespace_id, r.name, u.name, u.source_id, s.user_id, u.source_kind,
    u.source_address, u.source_owner,
    CASE WHEN s.id IS NULL THEN 'gone' WHEN p.disabled THEN 'disabled'
        WHEN p.admin OR EXISTS (SELECT 1 FROM members m WHERE m.namespace_id = r.namespace_id AND m.user_id = p.id)
        THEN 'usable' ELSE 'left' END,
    u.remote, u.enabled, u.caught_up, u.version, u.created_by, u.created_at, u.changed_by, u.changed_at, u.definition
    FROM rules u JOIN repositories r ON r.id = u.repository_id
    LEFT JOIN sources s ON s.id = u.source_id LEFT JOIN users p ON p.id = s.user_id WHERE ";

fn read_rule(mut row: Row) -> Result<Rule, DbError> {
    let state: String = row.take(10)?;
    Ok(Rule {
        id: row.take(0)?,
        repository: row.take(1)?,
        namespace: row.take(2)?,
        repository_name: row.take(3)?,
        name: row.take(4)?,
        source: row.take(5)?,
        source_user: row.take(6)?,
        source_kind: row.take(7)?,
        source_address: row.take(8)?,
        source_owner: row.take(9)?,
        source_state: match state.as_str() {
            "usable" => SourceState::Usable,
            "disabled" => SourceState::OwnerDisabled,
            "left" => SourceState::OwnerLeft,
            _ => SourceState::Gone,
        },
        remote: row.take(11)?,
        enabled: row.take(12)?,
        caught_up: row.take(13)?,
        version: row.take(14)?,
        created_by: row.take(15)?,
        created_at: row.take(16)?,
        changed_by: row.take(17)?,
        changed_at: row.take(18)?,
        definition: row.take(19)?,
    })
}

impl Rule {
    /// What decisions about access need of its repository; `public` is left out on purpose: nothing of a rule is public.
    pub fn facts(&self) -> Facts {
        Facts {
            repository: self.repository,
            namespace: self.namespace,
            name: self.repository_name.clone(),
            public: false,
        }
    }
}

fn list(tx: &mut Tx<'_>, rest: &str, values: &[crate::Value<'_>]) -> Result<Vec<Rule>, DbError> {
    let rows = tx.query(&format!("{SELECT}{rest}"), values)?;
    rows.into_iter().map(read_rule).collect()
}

/// Rules of a repository in the order of their names, after `after`.
pub fn list_rules(
    tx: &mut Tx<'_>,
    granted: &Granted<ViewBuilds>,
    after: &str,
    limit: usize,
) -> Result<Vec<Rule>, DbError> {
    list(
        tx,
        "u.repository_id = $1 AND u.name > $2 ORDER BY u.name LIMIT $3",
        params![granted.repository(), after, limit],
    )
}

/// One rule of a repository.
pub fn find_rule(
    tx: &mut Tx<'_>,
    granted: &Granted<ViewBuilds>,
    name: &str,
) -> Result<Option<Rule>, DbError> {
    let found = list(
        tx,
        "u.repository_id = $1 AND u.name = $2",
        params![granted.repository(), name],
    )?;
    Ok(found.into_iter().next())
}

/// A rule, for what follows events.
pub fn find_rule_by_id(tx: &mut Tx<'_>, id: RuleId) -> Result<Option<Rule>, DbError> {
    Ok(list(tx, "u.id = $1", params![id])?.into_iter().next())
}

/// All rules of a repository, for what follows events.
pub fn list_rules_of_repository(
    tx: &mut Tx<'_>,
    repository: RepositoryId,
) -> Result<Vec<Rule>, DbError> {
    list(
        tx,
        "u.repository_id = $1 ORDER BY u.id",
        params![repository],
    )
}

/// All rules that build from a repository on a code host through a source.
pub fn list_rules_of_remote(
    tx: &mut Tx<'_>,
    source: SourceId,
    remote: &RemotePath,
) -> Result<Vec<Rule>, DbError> {
    list(
        tx,
        "u.source_id = $1 AND u.remote = $2 ORDER BY u.id",
        params![source, remote],
    )
}

/// All rules that use a source: shown before it is disconnected.
pub fn list_rules_of_source(tx: &mut Tx<'_>, source: SourceId) -> Result<Vec<Rule>, DbError> {
    list(
        tx,
        "u.source_id = $1 ORDER BY r.name, u.name",
        params![source],
    )
}

/// How many rules the repository has.
pub fn count_rules(tx: &mut Tx<'_>, repository: RepositoryId) -> Result<u64, DbError> {
    let row = tx.query_first(
        "SELECT COUNT(*) FROM rules WHERE repository_id = $1",
        params![repository],
    )?;
    row.map_or(Ok(0), |mut row| row.take(0))
}
