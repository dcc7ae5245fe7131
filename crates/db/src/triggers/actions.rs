//! What triggers do, as rows. Secrets of an action (address, values of headers, signing key) are one sealed JSON text at
//! [`SECRET_TABLE`], the action's id and [`SECRET_COLUMN`].

use super::backlog::count_waiting;
use crate::{DbError, Row, Tx, Value, params, secrets};
use wharf_model::{
    ActionId, ClusterId, EventId, Granted, Timestamp, TriggerId,
    rights::Administer,
    triggers::{ActionKind, ActionState},
};

/// The table in whose name secrets of actions are sealed.
pub const SECRET_TABLE: &str = "trigger_actions";

/// The column in whose name they are.
pub const SECRET_COLUMN: &str = "secret";

/// One action of a trigger.
#[derive(Debug, Clone)]
pub struct TriggerAction {
    /// The id: the same for as long as the action is edited and not replaced.
    pub id: ActionId,
    /// Whose it is.
    pub trigger: TriggerId,
    /// Its place among the trigger's actions, from 0.
    pub position: i64,
    /// What it does.
    pub kind: ActionKind,
    /// What may be shown of where it goes: a host, a workload and container, recipients.
    pub label: String,
    /// Whose places it takes while it is sent: a host, a cluster.
    pub lane: String,
    /// What is kept in order: the container of a workload, else the action itself.
    pub target: String,
    /// The cluster, of workloads; none once that is gone.
    pub cluster: Option<ClusterId>,
    /// Whether events reach it.
    pub state: ActionState,
    /// Why not: a key of the message catalogue.
    pub problem: Option<String>,
    /// More about that.
    pub problem_detail: String,
    /// Since when.
    pub state_since: Timestamp,
    /// JSON.
    pub definition: String,
    /// The first event that it is to hear of later, as it takes what waits for it ([`super::backlog`]); read only.
    pub backlog_from: Option<EventId>,
}

const COLUMNS: &str = "a.id, a.trigger_id, a.position, a.kind, a.label, a.lane, a.target, a.cluster_id, a.state, a.problem,
    a.problem_detail, a.state_since, a.definition, a.backlog_from";

fn read_action(mut row: Row) -> Result<TriggerAction, DbError> {
    Ok(TriggerAction {
        id: row.take(0)?,
        trigger: row.take(1)?,
        position: row.take(2)?,
        kind: row.take(3)?,
        label: row.take(4)?,
        lane: row.take(5)?,
        target: row.take(6)?,
        cluster: row.take(7)?,
        state: row.take(8)?,
        problem: row.take(9)?,
        problem_detail: row.take(10)?,
        state_since: row.take(11)?,
        definition: row.take(12)?,
        backlog_from: row.take(13)?,
    })
}

/// A trigger's actions in their order.
pub fn list_actions(tx: &mut Tx<'_>, trigger: TriggerId) -> Result<Vec<TriggerAction>, DbError> {
    let rows = tx.query(
        &format!(
            "SELECT {COLUMNS} FROM trigger_actions a WHERE a.trigger_id = $1 ORDER BY a.position"
        ),
        params![trigger],
    )?;
    rows.into_iter().map(read_action).collect()
}

/// What is asked of an action to make a delivery for it. Its definition may be long, and there may be many.
#[derive(Debug, Clone, Copy)]
pub struct ListeningAction {
    /// The id.
    pub id: ActionId,
    /// What it does.
    pub kind: ActionKind,
    /// Whether events reach it.
    pub state: ActionState,
    /// Whether somebody switched it off, and not its target.
    pub switched_off: bool,
    /// The first event that it will hear of later, with all that come behind it.
    pub backlog_from: Option<EventId>,
    /// Deliveries that wait for their first try, at most [`super::backlog::ENOUGH`].
    pub waiting: u64,
}

/// A trigger's actions in their order, without what is long.
pub fn list_listening(
    tx: &mut Tx<'_>,
    trigger: TriggerId,
) -> Result<Vec<ListeningAction>, DbError> {
    list_listening_where(
        tx,
        "a.trigger_id = $1 ORDER BY a.position",
        params![trigger],
    )
}

/// One action, without what is long.
pub fn find_listening(
    tx: &mut Tx<'_>,
    action: ActionId,
) -> Result<Option<ListeningAction>, DbError> {
    let found = list_listening_where(tx, "a.id = $1", params![action])?;
    Ok(found.into_iter().next())
}

fn list_listening_where(
    tx: &mut Tx<'_>,
    condition: &str,
    parameters: &[Value<'_>],
) -> Result<Vec<ListeningAction>, DbError> {
    let rows = tx.query(
        &format!(
            "SELECT a.id, a.kind, a.state, a.problem, a.backlog_from, {} FROM trigger_actions a
             WHERE {condition}",
            count_waiting()
        ),
        parameters,
    )?;
    rows.into_iter()
        .map(|mut row| {
            Ok(ListeningAction {
                id: row.take(0)?,
                kind: row.take(1)?,
                state: row.take(2)?,
                switched_off: row.take::<Option<String>>(3)?.as_deref() == Some("switched_off"),
                backlog_from: row.take(4)?,
                waiting: row.take(5)?,
            })
        })
        .collect()
}

/// One action.
pub fn find_action(tx: &mut Tx<'_>, id: ActionId) -> Result<Option<TriggerAction>, DbError> {
    let row = tx.query_first(
        &format!("SELECT {COLUMNS} FROM trigger_actions a WHERE a.id = $1"),
        params![id],
    )?;
    row.map(read_action).transpose()
}

/// Actions that go to a cluster, for whoever renames it.
pub fn list_actions_of_cluster(
    tx: &mut Tx<'_>,
    _granted: &Granted<Administer>,
    cluster: ClusterId,
) -> Result<Vec<TriggerAction>, DbError> {
    let rows = tx.query(
        &format!("SELECT {COLUMNS} FROM trigger_actions a WHERE a.cluster_id = $1 ORDER BY a.id"),
        params![cluster],
    )?;
    rows.into_iter().map(read_action).collect()
}

/// Actions that go to a cluster: listed before it is removed, as `repository trigger label`.
pub fn list_names_of_cluster(
    tx: &mut Tx<'_>,
    cluster: ClusterId,
    limit: usize,
) -> Result<Vec<String>, DbError> {
    let rows = tx.query(
        "SELECT COALESCE(r.name, n.name) || ' ' || t.name || ' ' || a.label
         FROM trigger_actions a JOIN triggers t ON t.id = a.trigger_id JOIN namespaces n ON n.id = t.namespace_id
         LEFT JOIN repositories r ON r.id = t.repository_id
         WHERE a.cluster_id = $1 ORDER BY 1 LIMIT $2",
        params![cluster, limit],
    )?;
    rows.into_iter().map(|mut row| row.take(0)).collect()
}

/// Makes an action, or changes the one of this id: it keeps its id, its waiting deliveries follow it to its new lane, and it
/// is switched on again when `action.state` says so.
pub fn put_action(tx: &mut Tx<'_>, action: &TriggerAction) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO trigger_actions (id, trigger_id, position, kind, label, lane, target, cluster_id, state, problem,
            problem_detail, state_since, definition)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
         ON CONFLICT (id) DO UPDATE SET position = excluded.position, kind = excluded.kind, label = excluded.label,
            lane = excluded.lane, target = excluded.target, cluster_id = excluded.cluster_id, state = excluded.state,
            problem = excluded.problem, problem_detail = excluded.problem_detail, state_since = excluded.state_since,
            definition = excluded.definition",
        params![
            action.id,
            action.trigger,
            action.position,
            action.kind,
            action.label,
            action.lane,
            action.target,
            action.cluster,
            action.state,
            action.problem,
            action.problem_detail,
            action.state_since,
            action.definition
        ],
    )?;
    tx.execute(
        "UPDATE trigger_deliveries SET action_label = $3,
            lane = CASE action_kind WHEN 'mail' THEN CAST($2 AS TEXT) || ' ' || namespace_id ELSE CAST($2 AS TEXT) END
         WHERE action_id = $1 AND next_at IS NOT NULL",
        params![action.id, action.lane, action.label],
    )
    .map(drop)
}

/// Removes an action with its secret. Call [`super::deliveries::cancel_deliveries`] in the same transaction.
pub fn delete_action(tx: &mut Tx<'_>, id: ActionId) -> Result<(), DbError> {
    secrets::forget_secrets(tx, SECRET_TABLE, id)?;
    tx.execute("DELETE FROM trigger_actions WHERE id = $1", params![id])
        .map(drop)
}

/// Switches an action off, or on again; answers whether that changed anything.
pub fn set_action_state(
    tx: &mut Tx<'_>,
    id: ActionId,
    state: ActionState,
    problem: Option<&str>,
    detail: &str,
    at: Timestamp,
) -> Result<bool, DbError> {
    let changed = tx.execute(
        "UPDATE trigger_actions SET state = $2, problem = $3, problem_detail = $4, state_since = $5
         WHERE id = $1 AND state <> $2",
        params![id, state, problem, detail, at],
    )?;
    Ok(changed == 1)
}
