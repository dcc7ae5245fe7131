//! Events: what happened, written in the transaction that made it happen.

use crate::{DbError, ToValue, Tx, params};
use wharf_model::{EventId, RepositoryId, Timestamp};

/// Writes an event; `payload` is JSON. Answers its id.
pub fn record_event(
    tx: &mut Tx<'_>,
    kind: &str,
    repository: RepositoryId,
    payload: &str,
    at: Timestamp,
) -> Result<EventId, DbError> {
    let id = EventId::new();
    tx.execute(
        "INSERT INTO events (id, kind, repository_id, payload, at) VALUES ($1, $2, $3, $4, $5)",
        params![id, kind, repository, payload, at],
    )?;
    Ok(id)
}

/// How far a reader has come; `None` before the first time.
pub fn find_cursor(tx: &mut Tx<'_>, consumer: &str) -> Result<Option<EventId>, DbError> {
    let row = tx.query_first(
        "SELECT event_id FROM event_cursors WHERE consumer = $1",
        params![consumer],
    )?;
    row.map(|mut row| row.take(0)).transpose()
}

/// Notes how far a reader has come.
pub fn keep_cursor(tx: &mut Tx<'_>, consumer: &str, event: EventId) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO event_cursors (consumer, event_id) VALUES ($1, $2)
         ON CONFLICT (consumer) DO UPDATE SET event_id = excluded.event_id",
        params![consumer, event],
    )
    .map(drop)
}

/// Removes events of before `before` that every reader has passed and no action of a trigger misses, the oldest first, at most
/// `limit`; answers how many. Where nobody reads, nobody is known to have passed them.
pub fn forget_events(tx: &mut Tx<'_>, before: Timestamp, limit: usize) -> Result<u64, DbError> {
    tx.execute(
        "DELETE FROM events WHERE id IN (SELECT id FROM events
            WHERE id < $1 AND id < (SELECT MIN(event_id) FROM event_cursors)
                AND id < COALESCE((SELECT MIN(backlog_from) FROM trigger_actions WHERE backlog_from IS NOT NULL), $1)
            ORDER BY id LIMIT $2)",
        params![first_id_at(before), limit],
    )
}

/// The newest event.
pub fn find_last_event(tx: &mut Tx<'_>) -> Result<Option<EventId>, DbError> {
    let row = tx.query_first("SELECT id FROM events ORDER BY id DESC LIMIT 1", &[])?;
    row.map(|mut row| row.take(0)).transpose()
}

/// Rows of one statement, the most first: few lengths, so that few statements are prepared.
const ROWS: [usize; 3] = [256, 16, 1];

/// Writes many events of one kind, in this order; each payload is JSON.
pub fn record_events(
    tx: &mut Tx<'_>,
    kind: &str,
    repository: RepositoryId,
    payloads: &[String],
    at: Timestamp,
) -> Result<(), DbError> {
    let mut rest = payloads;
    while !rest.is_empty() {
        let rows = ROWS.into_iter().find(|rows| *rows <= rest.len());
        let (now, later) = rest.split_at(rows.unwrap_or(1));
        let ids: Vec<_> = now.iter().map(|_| EventId::new()).collect();
        let mut parameters = params![kind, repository, at].to_vec();
        let mut values = Vec::with_capacity(now.len());
        for (id, payload) in ids.iter().zip(now) {
            let place = parameters.len() + 1;
            values.push(format!("(${place}, $1, $2, ${}, $3)", place + 1));
            parameters.extend([id.to_value(), payload.to_value()]);
        }
        let sql = format!(
            "INSERT INTO events (id, kind, repository_id, payload, at) VALUES {}",
            values.join(", ")
        );
        tx.execute(&sql, &parameters)?;
        rest = later;
    }
    Ok(())
}

/// The least id that an event of this moment can have (RFC 9562 section 5.7: the first 48 bits are milliseconds).
pub fn first_id_at(at: Timestamp) -> String {
    let millis = u64::try_from(at.as_micros() / 1000).unwrap_or_default();
    let digits = format!("{millis:012x}");
    format!("{}-{}-7000-8000-000000000000", &digits[..8], &digits[8..12])
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn ids_of_a_moment_come_after_the_first_and_before_those_of_a_later_one() {
        let id = EventId::new().to_string();
        let now = Timestamp::from(std::time::SystemTime::now());
        assert!(first_id_at(now.minus(Duration::from_secs(10))) < id);
        assert!(first_id_at(now.plus(Duration::from_secs(10))) > id);
        assert!(first_id_at(now).parse::<EventId>().is_ok());
    }
}
