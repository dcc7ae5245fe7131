//! What went in and out: amounts are added to the rows of their hour and day.

use super::{Recorded, Seen, own, write_rows};
use crate::{DbError, Row, Tx, params};
use wharf_model::{
    Timestamp,
    stats::{Grain, StatsScope, Traffic},
};

/// Adds what happened since the last time to the hour and the day of `at`; each scope stands in `amounts` once. An
/// amount of nothing for the server says that the hour was recorded.
pub fn add_traffic(
    tx: &mut Tx<'_>,
    at: Timestamp,
    amounts: &[(StatsScope, Traffic)],
) -> Result<(), DbError> {
    let rows: Vec<_> = amounts
        .iter()
        .flat_map(|(scope, amount)| {
            Grain::ALL.map(|grain| {
                [
                    own(scope),
                    own(&grain),
                    own(&grain.start_of(at)),
                    own(&amount.pulls),
                    own(&amount.pushes),
                    own(&amount.bytes_out),
                    own(&amount.bytes_in),
                ]
            })
        })
        .collect();
    write_rows(
        tx,
        "INSERT INTO traffic_stats (scope, grain, at, pulls, pushes, bytes_out, bytes_in) VALUES {rows}
         ON CONFLICT (scope, grain, at) DO UPDATE SET
            pulls = traffic_stats.pulls + excluded.pulls,
            pushes = traffic_stats.pushes + excluded.pushes,
            bytes_out = traffic_stats.bytes_out + excluded.bytes_out,
            bytes_in = traffic_stats.bytes_in + excluded.bytes_in",
        &rows,
    )
}

/// What went in and out since `from`.
pub fn read_traffic(
    tx: &mut Tx<'_>,
    seen: &Seen,
    grain: Grain,
    from: Timestamp,
) -> Result<Recorded<Traffic>, DbError> {
    let recorded = tx
        .query(
            "SELECT at FROM traffic_stats WHERE scope = $1 AND grain = $2 AND at >= $3 ORDER BY at",
            params![StatsScope::Server, grain, from],
        )?
        .into_iter()
        .map(|mut row| row.take(0))
        .collect::<Result<_, _>>()?;
    let rows = tx.query(
        "SELECT at, pulls, pushes, bytes_out, bytes_in FROM traffic_stats
         WHERE scope = $1 AND grain = $2 AND at >= $3 ORDER BY at",
        params![seen.scope(), grain, from],
    )?;
    let rows = rows.into_iter().map(read_row).collect::<Result<_, _>>()?;
    Ok(Recorded { recorded, rows })
}

fn read_row(mut row: Row) -> Result<(Timestamp, Traffic), DbError> {
    let amount = Traffic {
        pulls: row.take(1)?,
        pushes: row.take(2)?,
        bytes_out: row.take(3)?,
        bytes_in: row.take(4)?,
    };
    Ok((row.take(0)?, amount))
}
