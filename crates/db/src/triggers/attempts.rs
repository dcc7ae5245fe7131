//! Attempts of deliveries: what was sent, what came back, how long it took. Bodies go after the log's days; rows go with their
//! delivery.

use crate::{DbError, Row, Tx, params};
use wharf_model::{Timestamp, TriggerDeliveryId};

/// One attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Of which delivery.
    pub delivery: TriggerDeliveryId,
    /// Counted from 1.
    pub number: u32,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Timestamp,
    /// A word: `delivered`, `retry`, `refused`, `gone`, `patched`, `rolled_back`, `interrupted`, …
    pub outcome: String,
    /// The status of the answer, where there was one.
    pub status: Option<u32>,
    /// Why it did not succeed: a key of the message catalogue.
    pub reason: Option<String>,
    /// More about that.
    pub detail: String,
    /// JSON: how long each part took.
    pub timings: String,
    /// JSON: what was sent, secrets masked; none once the log's days are over.
    pub request: Option<String>,
    /// JSON: what came back.
    pub response: Option<String>,
}

const COLUMNS: &str =
    "delivery_id, number, started_at, ended_at, outcome, status, reason, detail, timings, request,
    response";

fn read_attempt(mut row: Row) -> Result<Attempt, DbError> {
    Ok(Attempt {
        delivery: row.take(0)?,
        number: row.take(1)?,
        started_at: row.take(2)?,
        ended_at: row.take(3)?,
        outcome: row.take(4)?,
        status: row.take(5)?,
        reason: row.take(6)?,
        detail: row.take(7)?,
        timings: row.take(8)?,
        request: row.take(9)?,
        response: row.take(10)?,
    })
}

/// The last attempts whose bodies are kept beside the first one's. With more, a receiver that answers much for a day fills the
/// database; with fewer, it is not seen whether the last answers differ.
const LAST_BODIES: u32 = 3;

/// Keeps an attempt; one of this number that is there already stays. The delivery counts it where it did not yet: what a look
/// at a rollout did, the claim did not count. Of those between the first and the last ones the bodies go.
pub fn insert_attempt(tx: &mut Tx<'_>, attempt: &Attempt) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO trigger_attempts (delivery_id, number, started_at, ended_at, outcome, status, reason, detail,
            timings, request, response)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (delivery_id, number) DO NOTHING",
        params![
            attempt.delivery,
            attempt.number,
            attempt.started_at,
            attempt.ended_at,
            attempt.outcome,
            attempt.status,
            attempt.reason,
            attempt.detail,
            attempt.timings,
            attempt.request,
            attempt.response
        ],
    )?;
    tx.execute(
        "UPDATE trigger_deliveries SET attempts = $2 WHERE id = $1 AND attempts < $2",
        params![attempt.delivery, attempt.number],
    )?;
    tx.execute(
        "UPDATE trigger_attempts SET request = NULL, response = NULL
         WHERE delivery_id = $1 AND number > 1 AND number <= $2 AND (request IS NOT NULL OR response IS NOT NULL)",
        params![attempt.delivery, attempt.number.saturating_sub(LAST_BODIES)],
    )
    .map(drop)
}

/// The last `limit` attempts of a delivery, the newest first. Whoever asks has found the delivery by a proof.
pub fn list_attempts(
    tx: &mut Tx<'_>,
    delivery: TriggerDeliveryId,
    limit: usize,
) -> Result<Vec<Attempt>, DbError> {
    let rows = tx.query(
        &format!(
            "SELECT {COLUMNS} FROM trigger_attempts WHERE delivery_id = $1 ORDER BY number DESC LIMIT $2"
        ),
        params![delivery, limit],
    )?;
    rows.into_iter().map(read_attempt).collect()
}

/// Takes the bodies of attempts away that began before `before`, at most `limit`; answers of how many.
pub fn forget_bodies(tx: &mut Tx<'_>, before: Timestamp, limit: usize) -> Result<u64, DbError> {
    tx.execute(
        "UPDATE trigger_attempts SET request = NULL, response = NULL WHERE (delivery_id, number) IN
            (SELECT delivery_id, number FROM trigger_attempts
             WHERE started_at < $1 AND request IS NOT NULL ORDER BY started_at LIMIT $2)",
        params![before, limit],
    )
}
