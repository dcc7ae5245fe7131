//! Phases and steps of a build with their times.

use super::claim::Claim;
use crate::{DbError, Tx, params};
use wharf_model::{BuildId, Timestamp};

/// A phase or step that began.
#[derive(Debug, Clone)]
pub struct NewPhase {
    /// In which attempt.
    pub attempt: u32,
    /// Its place in the attempt.
    pub position: u64,
    /// The phase's word, or `step`.
    pub kind: &'static str,
    /// The step as people know it; empty for phases.
    pub name: String,
    /// When.
    pub at: Timestamp,
}

/// A phase or step as the record shows it.
#[derive(Debug, Clone)]
pub struct PhaseRow {
    /// In which attempt.
    pub attempt: u32,
    /// The phase's word, or `step`.
    pub kind: String,
    /// The step as people know it; empty for phases.
    pub name: String,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Whether its result was there already.
    pub cached: bool,
    /// Why it failed.
    pub error: Option<String>,
}

/// Notes that a phase or step began.
pub fn start_phase(tx: &mut Tx<'_>, claim: Claim, new: &NewPhase) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO build_phases (build_id, attempt, position, kind, name, started_at, cached)
         SELECT b.id, CAST($3 AS BIGINT), CAST($4 AS BIGINT), CAST($5 AS TEXT), CAST($6 AS TEXT), CAST($7 AS BIGINT), FALSE
         FROM builds b WHERE b.id = $1 AND b.fence = $2
         ON CONFLICT (build_id, attempt, position) DO NOTHING",
        params![
            claim.build,
            claim.fence,
            new.attempt,
            new.position,
            new.kind,
            new.name,
            new.at
        ],
    )
    .map(drop)
}

/// Notes that a phase or step ended.
pub fn end_phase(
    tx: &mut Tx<'_>,
    build: BuildId,
    attempt: u32,
    position: u64,
    at: Timestamp,
    cached: bool,
    error: Option<&str>,
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE build_phases SET ended_at = $4, cached = $5, error = $6
         WHERE build_id = $1 AND attempt = $2 AND position = $3 AND ended_at IS NULL",
        params![build, attempt, position, at, cached, error],
    )
    .map(drop)
}

/// Phases and steps in the order in which they began.
pub fn list_phases(tx: &mut Tx<'_>, build: BuildId) -> Result<Vec<PhaseRow>, DbError> {
    let rows = tx.query(
        "SELECT attempt, kind, name, started_at, ended_at, cached, error FROM build_phases
         WHERE build_id = $1 ORDER BY attempt, position",
        params![build],
    )?;
    rows.into_iter()
        .map(|mut row| {
            Ok(PhaseRow {
                attempt: row.take(0)?,
                kind: row.take(1)?,
                name: row.take(2)?,
                started_at: row.take(3)?,
                ended_at: row.take(4)?,
                cached: row.take(5)?,
                error: row.take(6)?,
            })
        })
        .collect()
}
