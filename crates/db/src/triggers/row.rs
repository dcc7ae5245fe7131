//! Triggers as rows.

use super::{TriggerEdit, TriggerOwner, TriggerView};
use crate::{DbError, DbErrorKind, Row, ToValue, Tx, Value, params};
use wharf_model::{
    NamespaceId, RepositoryId, Timestamp, TriggerId,
    triggers::{ConditionKind, EventKind, TriggerName},
};
use wharf_oci::RepositoryName;

/// A trigger.
#[derive(Debug, Clone)]
pub struct Trigger {
    /// The id.
    pub id: TriggerId,
    /// The namespace that it is in.
    pub namespace: NamespaceId,
    /// That namespace's name.
    pub namespace_name: String,
    /// The repository it is about; none of a namespace's own, which is about all of its repositories.
    pub repository: Option<RepositoryId>,
    /// That repository's name.
    pub repository_name: Option<RepositoryName>,
    /// Its name, unique in the repository, or among the namespace's own.
    pub name: TriggerName,
    /// What it listens to.
    pub events: Vec<EventKind>,
    /// Of events of builds: only those of these rules; all when there is none.
    pub rules: Vec<String>,
    /// How tags are chosen.
    pub condition_kind: ConditionKind,
    /// Which.
    pub condition_text: String,
    /// Whether events reach it.
    pub enabled: bool,
    /// What happened earlier does not concern it.
    pub active_since: Timestamp,
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
}

impl Trigger {
    /// Whose it is.
    pub fn owner(&self) -> TriggerOwner {
        match self.repository {
            Some(repository) => TriggerOwner::Repository {
                namespace: self.namespace,
                repository,
            },
            None => TriggerOwner::Namespace(self.namespace),
        }
    }
}

const SELECT: &str = "SELECT t.id, t.namespace_id, n.name, t.repository_id, r.name, t.name, t.events, t.rules,
    t.condition_kind, t.condition_text, t.enabled, t.active_since, t.version, t.created_by, t.created_at, t.changed_by,
    t.changed_at
    FROM triggers t JOIN namespaces n ON n.id = t.namespace_id LEFT JOIN repositories r ON r.id = t.repository_id WHERE ";

fn read_trigger(mut row: Row) -> Result<Trigger, DbError> {
    let events: Vec<String> = read_texts(&row.take::<String>(6)?)?;
    // One of a newer program is none that this one can hear of.
    let events = events.iter().filter_map(|event| event.parse().ok());
    Ok(Trigger {
        id: row.take(0)?,
        namespace: row.take(1)?,
        namespace_name: row.take(2)?,
        repository: row.take(3)?,
        repository_name: row.take(4)?,
        name: row.take(5)?,
        events: events.collect(),
        rules: read_texts(&row.take::<String>(7)?)?,
        condition_kind: row.take(8)?,
        condition_text: row.take(9)?,
        enabled: row.take(10)?,
        active_since: row.take(11)?,
        version: row.take(12)?,
        created_by: row.take(13)?,
        created_at: row.take(14)?,
        changed_by: row.take(15)?,
        changed_at: row.take(16)?,
    })
}

fn read_texts(json: &str) -> Result<Vec<String>, DbError> {
    serde_json::from_str(json)
        .map_err(|error| DbError::new(DbErrorKind::Other, format!("read a list of texts: {error}")))
}

fn write_events(events: &[EventKind]) -> String {
    let words: Vec<_> = events.iter().map(|event| event.as_str()).collect();
    serde_json::json!(words).to_string()
}

fn list(tx: &mut Tx<'_>, rest: &str, values: &[Value<'_>]) -> Result<Vec<Trigger>, DbError> {
    let rows = tx.query(&format!("{SELECT}{rest}"), values)?;
    rows.into_iter().map(read_trigger).collect()
}

/// The condition that chooses an owner's triggers, with `$1` for its id.
fn of_owner(owner: TriggerOwner) -> (&'static str, Value<'static>) {
    match owner {
        TriggerOwner::Repository { repository, .. } => (
            "t.repository_id = $1",
            Value::Text(repository.to_string().into()),
        ),
        TriggerOwner::Namespace(namespace) => (
            "t.namespace_id = $1 AND t.repository_id IS NULL",
            Value::Text(namespace.to_string().into()),
        ),
    }
}

/// Triggers of a repository, or a namespace's own, in the order of their names, after `after`.
pub fn list_triggers(
    tx: &mut Tx<'_>,
    view: TriggerView,
    after: &str,
    limit: usize,
) -> Result<Vec<Trigger>, DbError> {
    let (condition, id) = of_owner(view.owner());
    list(
        tx,
        &format!("{condition} AND t.name > $2 ORDER BY t.name LIMIT $3"),
        &[id, after.to_value(), limit.to_value()],
    )
}

/// One of them by its name.
pub fn find_trigger(
    tx: &mut Tx<'_>,
    view: TriggerView,
    name: &str,
) -> Result<Option<Trigger>, DbError> {
    let (condition, id) = of_owner(view.owner());
    let found = list(
        tx,
        &format!("{condition} AND t.name = $2"),
        &[id, name.to_value()],
    )?;
    Ok(found.into_iter().next())
}

/// A trigger, for what follows events.
pub fn find_trigger_by_id(tx: &mut Tx<'_>, id: TriggerId) -> Result<Option<Trigger>, DbError> {
    Ok(list(tx, "t.id = $1", params![id])?.into_iter().next())
}

/// All triggers of an owner, for what ends with it.
pub fn list_triggers_of(tx: &mut Tx<'_>, owner: TriggerOwner) -> Result<Vec<Trigger>, DbError> {
    let (condition, id) = of_owner(owner);
    list(tx, &format!("{condition} ORDER BY t.id"), &[id])
}

/// All triggers that are switched on and may concern a repository: its own, and its namespace's.
pub fn list_triggers_within(
    tx: &mut Tx<'_>,
    repository: RepositoryId,
    namespace: NamespaceId,
) -> Result<Vec<Trigger>, DbError> {
    list(
        tx,
        "t.enabled AND (t.repository_id = $1 OR (t.repository_id IS NULL AND t.namespace_id = $2)) ORDER BY t.id",
        params![repository, namespace],
    )
}

/// How many triggers the owner has.
pub fn count_triggers(tx: &mut Tx<'_>, owner: TriggerOwner) -> Result<u64, DbError> {
    let (condition, id) = of_owner(owner);
    let row = tx.query_first(
        &format!("SELECT COUNT(*) FROM triggers t WHERE {condition}"),
        &[id],
    )?;
    row.map_or(Ok(0), |mut row| row.take(0))
}

/// A trigger to be made.
#[derive(Debug, Clone)]
pub struct NewTrigger {
    /// The id.
    pub id: TriggerId,
    /// As it shall be.
    pub change: TriggerChange,
}

/// A trigger as it shall be.
#[derive(Debug, Clone)]
pub struct TriggerChange {
    /// Its name.
    pub name: TriggerName,
    /// What it listens to.
    pub events: Vec<EventKind>,
    /// Of events of builds: only those of these rules; all when there is none.
    pub rules: Vec<String>,
    /// How tags are chosen.
    pub condition_kind: ConditionKind,
    /// Which.
    pub condition_text: String,
    /// Whether events reach it.
    pub enabled: bool,
    /// What happened earlier does not concern it: now, when it is made or switched on.
    pub active_since: Timestamp,
    /// Who makes or changes it.
    pub by: String,
    /// Now.
    pub at: Timestamp,
}

/// Makes a trigger; answers whether the name was free.
pub fn insert_trigger(
    tx: &mut Tx<'_>,
    edit: TriggerEdit,
    new: &NewTrigger,
) -> Result<bool, DbError> {
    let (owner, change) = (edit.owner(), &new.change);
    let made = tx.execute(
        "INSERT INTO triggers (id, namespace_id, repository_id, name, events, rules, condition_kind, condition_text,
            enabled, active_since, version, created_by, created_at, changed_by, changed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, $11, $12, $11, $12) ON CONFLICT DO NOTHING",
        params![
            new.id,
            owner.namespace(),
            owner.repository(),
            change.name,
            write_events(&change.events),
            serde_json::json!(change.rules).to_string(),
            change.condition_kind,
            change.condition_text,
            change.enabled,
            change.active_since,
            change.by,
            change.at
        ],
    )?;
    Ok(made == 1)
}

/// Changes a trigger of the owner that still has `version`; answers whether it had. A name that is taken is a constraint's
/// error.
pub fn change_trigger(
    tx: &mut Tx<'_>,
    edit: TriggerEdit,
    id: TriggerId,
    version: i64,
    change: &TriggerChange,
) -> Result<bool, DbError> {
    let (condition, owner) = of_owner(edit.owner());
    let condition = condition.replace("t.", "");
    let events = write_events(&change.events);
    let rules = serde_json::json!(change.rules).to_string();
    let mut values = vec![owner];
    values.extend_from_slice(params![
        id,
        version,
        change.name,
        events,
        rules,
        change.condition_kind,
        change.condition_text,
        change.enabled,
        change.active_since,
        change.by,
        change.at
    ]);
    let changed = tx.execute(
        &format!(
            "UPDATE triggers SET name = $4, events = $5, rules = $6, condition_kind = $7, condition_text = $8,
                enabled = $9, active_since = $10, changed_by = $11, changed_at = $12, version = version + 1
             WHERE {condition} AND id = $2 AND version = $3"
        ),
        &values,
    )?;
    Ok(changed == 1)
}

/// Removes a trigger with its actions; answers whether it was there. Call
/// [`super::deliveries::cancel_deliveries`] and forget the actions' secrets in the same transaction.
pub fn delete_trigger(tx: &mut Tx<'_>, edit: TriggerEdit, id: TriggerId) -> Result<bool, DbError> {
    let (condition, owner) = of_owner(edit.owner());
    let condition = condition.replace("t.", "");
    let removed = tx.execute(
        &format!("DELETE FROM triggers WHERE {condition} AND id = $2"),
        &[owner, id.to_value()],
    )?;
    Ok(removed == 1)
}
