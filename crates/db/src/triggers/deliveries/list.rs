//! Deliveries found: the log, and what of it is counted.

use super::{
    super::TriggerView,
    change::within,
    row::{COLUMNS, Delivery, read_delivery},
};
use crate::{DbError, ToValue, Tx, Value, params};
use std::collections::HashMap;
use wharf_model::{
    ActionId, RepositoryId, Timestamp, TriggerDeliveryId, TriggerId, triggers::DeliveryState,
};
use wharf_oci::{Digest, Tag};

/// Which deliveries a list shows.
#[derive(Debug, Clone, Default)]
pub struct DeliveryFilter {
    /// Only of this trigger.
    pub trigger: Option<TriggerId>,
    /// Only of this action.
    pub action: Option<ActionId>,
    /// Only those that stand so.
    pub state: Option<DeliveryState>,
    /// Only about this tag.
    pub tag: Option<Tag>,
}

/// Deliveries of what the caller may see, the newest first, before `before` (an id; none for the first page).
pub fn list_deliveries(
    tx: &mut Tx<'_>,
    view: TriggerView,
    filter: &DeliveryFilter,
    before: Option<TriggerDeliveryId>,
    limit: usize,
) -> Result<Vec<Delivery>, DbError> {
    let (condition, owner) = within(view.owner());
    let mut values = vec![owner, limit.to_value()];
    let mut conditions = vec![format!("d.{condition}")];
    let mut ask = |column: &str, compare: &str, value: Option<Value<'static>>| {
        if let Some(value) = value {
            values.push(value);
            conditions.push(format!("d.{column} {compare} ${}", values.len()));
        }
    };
    let text = |text: String| Value::Text(text.into());
    ask("id", "<", before.map(|id| text(id.to_string())));
    ask(
        "trigger_id",
        "=",
        filter.trigger.map(|id| text(id.to_string())),
    );
    ask(
        "action_id",
        "=",
        filter.action.map(|id| text(id.to_string())),
    );
    ask(
        "state",
        "=",
        filter.state.map(|state| text(state.to_string())),
    );
    ask(
        "tag",
        "=",
        filter.tag.as_ref().map(|tag| text(tag.to_string())),
    );
    let rows = tx.query(
        &format!(
            "SELECT {COLUMNS} FROM trigger_deliveries d WHERE {} ORDER BY d.id DESC LIMIT $2",
            conditions.join(" AND ")
        ),
        &values,
    )?;
    rows.into_iter()
        .map(|mut row| read_delivery(&mut row))
        .collect()
}

/// Deliveries `d` that meet `conditions` over `values`, the newest first, for the list of all activity.
pub(crate) fn list_where(
    tx: &mut Tx<'_>,
    conditions: &str,
    values: &[Value<'_>],
    limit: usize,
) -> Result<Vec<Delivery>, DbError> {
    let rows = tx.query(
        &format!(
            "SELECT {COLUMNS} FROM trigger_deliveries d WHERE {conditions} ORDER BY d.id DESC LIMIT {limit}"
        ),
        values,
    )?;
    rows.into_iter()
        .map(|mut row| read_delivery(&mut row))
        .collect()
}

/// Deliveries that brought an image somewhere: of a digest of a repository, the newest first.
pub fn list_of_digest(
    tx: &mut Tx<'_>,
    view: TriggerView,
    repository: RepositoryId,
    digest: &Digest,
    limit: usize,
) -> Result<Vec<Delivery>, DbError> {
    let (condition, owner) = within(view.owner());
    let mut values = vec![owner];
    values.extend_from_slice(params![repository, digest, limit]);
    let rows = tx.query(
        &format!(
            "SELECT {COLUMNS} FROM trigger_deliveries d
             WHERE d.{condition} AND d.repository_id = $2 AND d.digest = $3 ORDER BY d.id DESC LIMIT $4"
        ),
        &values,
    )?;
    rows.into_iter()
        .map(|mut row| read_delivery(&mut row))
        .collect()
}

/// The newest delivery of each of these triggers, of the actions that they have now. One statement, whose index has the
/// newest of an action at its end: no log is read through.
pub fn list_last_deliveries(
    tx: &mut Tx<'_>,
    triggers: &[TriggerId],
) -> Result<HashMap<TriggerId, Delivery>, DbError> {
    let mut found: HashMap<TriggerId, Delivery> = HashMap::new();
    if triggers.is_empty() {
        return Ok(found);
    }
    let places: Vec<String> = (1..=triggers.len()).map(|at| format!("${at}")).collect();
    let values: Vec<Value<'_>> = triggers.iter().map(ToValue::to_value).collect();
    let rows = tx.query(
        &format!(
            "SELECT {COLUMNS} FROM trigger_actions a JOIN trigger_deliveries d ON d.id = (
                SELECT MAX(x.id) FROM trigger_deliveries x WHERE x.trigger_id = a.trigger_id AND x.action_id = a.id)
             WHERE a.trigger_id IN ({})",
            places.join(", ")
        ),
        &values,
    )?;
    for mut row in rows {
        let last = read_delivery(&mut row)?;
        // Of several actions the one that was last at work.
        let known = found.get(&last.trigger);
        if known.is_none_or(|known| known.id < last.id) {
            found.insert(last.trigger, last);
        }
    }
    Ok(found)
}

/// One delivery of what the caller may see.
pub fn find_delivery(
    tx: &mut Tx<'_>,
    view: TriggerView,
    id: TriggerDeliveryId,
) -> Result<Option<Delivery>, DbError> {
    let (condition, owner) = within(view.owner());
    let row = tx.query_first(
        &format!("SELECT {COLUMNS} FROM trigger_deliveries d WHERE d.{condition} AND d.id = $2"),
        &[owner, id.to_value()],
    )?;
    row.map(|mut row| read_delivery(&mut row)).transpose()
}

/// A delivery, for whoever is at it.
pub fn find_delivery_by_id(
    tx: &mut Tx<'_>,
    id: TriggerDeliveryId,
) -> Result<Option<Delivery>, DbError> {
    let row = tx.query_first(
        &format!("SELECT {COLUMNS} FROM trigger_deliveries d WHERE d.id = $1"),
        params![id],
    )?;
    row.map(|mut row| read_delivery(&mut row)).transpose()
}

/// What is long of a delivery that was found: the event and what the rollout looked like, both JSON.
pub fn find_details(
    tx: &mut Tx<'_>,
    id: TriggerDeliveryId,
) -> Result<Option<(String, Option<String>)>, DbError> {
    let row = tx.query_first(
        "SELECT facts, progress FROM trigger_deliveries WHERE id = $1",
        params![id],
    )?;
    row.map(|mut row| Ok((row.take(0)?, row.take(1)?)))
        .transpose()
}

/// How much is not over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OpenCounts {
    /// Waiting, or between two looks at a rollout.
    pub open: u64,
    /// Since when the oldest of them waits.
    pub oldest: Option<Timestamp>,
    /// Of those, the rollouts that are followed.
    pub rollouts: u64,
    /// Actions that their targets switched off.
    pub disabled_actions: u64,
}

/// How much is not over, for the metrics.
pub fn count_open(tx: &mut Tx<'_>) -> Result<OpenCounts, DbError> {
    let row = tx.query_first(
        "SELECT COUNT(*), MIN(created_at), COUNT(patched_at),
            (SELECT COUNT(*) FROM trigger_actions WHERE state = 'disabled')
         FROM trigger_deliveries WHERE next_at IS NOT NULL",
        &[],
    )?;
    let Some(mut row) = row else {
        return Ok(OpenCounts::default());
    };
    Ok(OpenCounts {
        open: row.take(0)?,
        oldest: row.take(1)?,
        rollouts: row.take(2)?,
        disabled_actions: row.take(3)?,
    })
}
