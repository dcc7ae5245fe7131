//! What was stored when it was looked. A row stands until another one of its scope comes: most repositories do not change
//! from one hour to the next.

use super::{Recorded, Seen, own, write_rows};
use crate::{DbError, Row, Tx, params};
use std::collections::HashMap;
use wharf_model::{
    Timestamp,
    stats::{Grain, StatsScope, Stored},
};

/// The newest row of each scope (as text).
pub fn list_latest(tx: &mut Tx<'_>, grain: Grain) -> Result<HashMap<String, Stored>, DbError> {
    let rows = tx.query(
        "SELECT s.at, s.bytes, s.blobs, s.tags, s.scope FROM storage_stats s WHERE s.grain = $1
            AND s.at = (SELECT MAX(m.at) FROM storage_stats m WHERE m.scope = s.scope AND m.grain = $1)",
        params![grain],
    )?;
    rows.into_iter()
        .map(|mut row| Ok((row.take(4)?, read_row(row)?.1)))
        .collect()
}

/// The hour of the last look that was recorded as a whole.
pub fn find_last_look(tx: &mut Tx<'_>) -> Result<Option<Timestamp>, DbError> {
    let row = tx.query_first(
        "SELECT MAX(at) FROM storage_stats WHERE scope = $1 AND grain = $2",
        params![StatsScope::Server, Grain::Hour],
    )?;
    row.map_or(Ok(None), |mut row| row.take(0))
}

/// Writes what was found at `at`; a later look of the same hour or day takes the place of an earlier one.
pub fn put_stored(
    tx: &mut Tx<'_>,
    at: Timestamp,
    found: &[(StatsScope, Grain, Stored)],
) -> Result<(), DbError> {
    let rows: Vec<_> = found
        .iter()
        .map(|(scope, grain, stored)| {
            [
                own(scope),
                own(grain),
                own(&grain.start_of(at)),
                own(&stored.bytes),
                own(&stored.blobs),
                own(&stored.tags),
            ]
        })
        .collect();
    write_rows(
        tx,
        "INSERT INTO storage_stats (scope, grain, at, bytes, blobs, tags) VALUES {rows}
         ON CONFLICT (scope, grain, at) DO UPDATE SET
            bytes = excluded.bytes, blobs = excluded.blobs, tags = excluded.tags",
        &rows,
    )
}

/// What was stored since `from`, with the row before that where there is one.
pub fn read_storage(
    tx: &mut Tx<'_>,
    seen: &Seen,
    grain: Grain,
    from: Timestamp,
) -> Result<Recorded<Stored>, DbError> {
    let recorded = tx
        .query(
            "SELECT at FROM storage_stats WHERE scope = $1 AND grain = $2 AND at >= $3 ORDER BY at",
            params![StatsScope::Server, grain, from],
        )?
        .into_iter()
        .map(|mut row| row.take(0))
        .collect::<Result<_, _>>()?;
    let rows = tx.query(
        "SELECT at, bytes, blobs, tags FROM storage_stats WHERE scope = $1 AND grain = $2
            AND at >= COALESCE((SELECT MAX(at) FROM storage_stats WHERE scope = $1 AND grain = $2 AND at <= $3), $3)
         ORDER BY at",
        params![seen.scope(), grain, from],
    )?;
    let rows = rows.into_iter().map(read_row).collect::<Result<_, _>>()?;
    Ok(Recorded { recorded, rows })
}

fn read_row(mut row: Row) -> Result<(Timestamp, Stored), DbError> {
    let stored = Stored {
        bytes: row.take(1)?,
        blobs: row.take(2)?,
        tags: row.take(3)?,
    };
    Ok((row.take(0)?, stored))
}
