//! What code hosts delivered: each delivery once, the last ones of each webhook.

use crate::{DbError, Row, Tx, params};
use std::time::Duration;
use wharf_model::{DeliveryId, Timestamp, WebhookId};

/// Deliveries that are remembered of one webhook. Fewer, and a host that sends an old one again after a busy day is not
/// recognized; more, and a busy repository fills the table.
pub const KEPT: usize = 500;

/// A delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The id.
    pub id: DeliveryId,
    /// What the host calls it.
    pub delivery: String,
    /// The host's word for what happened.
    pub event: String,
    /// `received`, `taken`, `ignored` or `failed`.
    pub outcome: String,
    /// How many refs it told of, or why it was ignored.
    pub detail: String,
    /// When it came.
    pub at: Timestamp,
}

/// Whether a delivery is to be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// It is the first of its name, or the one before was never finished.
    New,
    /// It came before.
    Repeated,
}

/// Notes a delivery, and the webhook as heard of. Of several of one name that come at once, one is new.
///
/// One that failed, or that was begun longer than `unfinished` ago and never finished, may come again.
pub fn insert_delivery(
    tx: &mut Tx<'_>,
    webhook: WebhookId,
    new: &Delivery,
    unfinished: Duration,
) -> Result<Arrival, DbError> {
    let micros = i64::try_from(unfinished.as_micros()).unwrap_or(i64::MAX);
    let before = Timestamp::from_micros(new.at.as_micros().saturating_sub(micros));
    let made = tx.execute(
        "INSERT INTO hook_deliveries (webhook_id, delivery, id, event, outcome, detail, at)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (webhook_id, delivery) DO UPDATE SET
            outcome = excluded.outcome, detail = excluded.detail, at = excluded.at
         WHERE hook_deliveries.outcome = 'failed'
            OR hook_deliveries.outcome = 'received' AND hook_deliveries.at < $8",
        params![
            webhook,
            new.delivery,
            new.id,
            new.event,
            new.outcome,
            new.detail,
            new.at,
            before
        ],
    )?;
    if made == 0 {
        return Ok(Arrival::Repeated);
    }
    tx.execute(
        "UPDATE webhooks SET delivered_at = $2 WHERE id = $1",
        params![webhook, new.at],
    )?;
    forget_older(tx, webhook)?;
    Ok(Arrival::New)
}

/// Notes what became of a delivery.
pub fn finish_delivery(
    tx: &mut Tx<'_>,
    webhook: WebhookId,
    delivery: &str,
    outcome: &str,
    detail: &str,
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE hook_deliveries SET outcome = $3, detail = $4 WHERE webhook_id = $1 AND delivery = $2",
        params![webhook, delivery, outcome, detail],
    )
    .map(drop)
}

fn forget_older(tx: &mut Tx<'_>, webhook: WebhookId) -> Result<(), DbError> {
    tx.execute(
        "DELETE FROM hook_deliveries WHERE webhook_id = $1 AND id <= (
            SELECT id FROM hook_deliveries WHERE webhook_id = $1 ORDER BY id DESC LIMIT 1 OFFSET $2)",
        params![webhook, KEPT],
    )
    .map(drop)
}

/// The last deliveries, newest first, before `before`; an empty one is after all.
pub fn list_deliveries(
    tx: &mut Tx<'_>,
    webhook: WebhookId,
    before: &str,
    limit: usize,
) -> Result<Vec<Delivery>, DbError> {
    let rows = tx.query(
        "SELECT id, delivery, event, outcome, detail, at FROM hook_deliveries
         WHERE webhook_id = $1 AND ($2 = '' OR id < $2) ORDER BY id DESC LIMIT $3",
        params![webhook, before, limit],
    )?;
    rows.into_iter().map(read_delivery).collect()
}

fn read_delivery(mut row: Row) -> Result<Delivery, DbError> {
    Ok(Delivery {
        id: row.take(0)?,
        delivery: row.take(1)?,
        event: row.take(2)?,
        outcome: row.take(3)?,
        detail: row.take(4)?,
        at: row.take(5)?,
    })
}
