//! How many there are of what follows code hosts, for metrics.

use crate::{DbError, Tx, params};
use wharf_model::Timestamp;

/// How many there are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Rules: switched on, switched off, stopped because nothing may fetch for them any more.
    pub rules: [(&'static str, u64); 3],
    /// Webhooks by their state.
    pub webhooks: Vec<(String, u64)>,
    /// Remote repositories that answered when they were last asked, and those that did not.
    pub remotes: [(&'static str, u64); 2],
    /// What is still to be removed at code hosts.
    pub removals: u64,
    /// Commit statuses that are still to be told.
    pub statuses: u64,
    /// Images that are still to be pushed on.
    pub pushes: u64,
    /// Builds that wait.
    pub queued: u64,
    /// Since when the oldest of them does.
    pub queued_since: Option<Timestamp>,
}

/// Counts everything.
pub fn load_counts(tx: &mut Tx<'_>) -> Result<Counts, DbError> {
    let mut counts = Counts {
        rules: [("enabled", 0), ("disabled", 0), ("stopped", 0)],
        remotes: [("answering", 0), ("failing", 0)],
        ..Counts::default()
    };
    let one = |tx: &mut Tx<'_>, sql: &str| -> Result<u64, DbError> {
        let row = tx.query_first(sql, params![])?;
        Ok(row.map(|mut row| row.take(0)).transpose()?.unwrap_or(0))
    };
    counts.rules[0].1 = one(
        tx,
        "SELECT COUNT(*) FROM rules WHERE enabled AND source_id IS NOT NULL",
    )?;
    counts.rules[1].1 = one(tx, "SELECT COUNT(*) FROM rules WHERE NOT enabled")?;
    counts.rules[2].1 = one(
        tx,
        "SELECT COUNT(*) FROM rules WHERE enabled AND source_id IS NULL",
    )?;
    for mut row in tx.query(
        "SELECT state, COUNT(*) FROM webhooks GROUP BY state",
        params![],
    )? {
        counts.webhooks.push((row.take(0)?, row.take(1)?));
    }
    counts.remotes[0].1 = one(
        tx,
        "SELECT COUNT(*) FROM watched_remotes WHERE problem IS NULL",
    )?;
    counts.remotes[1].1 = one(
        tx,
        "SELECT COUNT(*) FROM watched_remotes WHERE problem IS NOT NULL",
    )?;
    counts.removals = one(tx, "SELECT COUNT(*) FROM host_removals WHERE NOT given_up")?;
    counts.statuses = one(
        tx,
        "SELECT COUNT(*) FROM build_statuses WHERE next_at IS NOT NULL",
    )?;
    counts.pushes = one(
        tx,
        "SELECT COUNT(*) FROM build_pushes WHERE next_at IS NOT NULL",
    )?;
    let row = tx.query_first(
        "SELECT COUNT(*), MIN(created_at) FROM builds WHERE state = 'queued'",
        params![],
    )?;
    if let Some(mut row) = row {
        counts.queued = row.take(0)?;
        counts.queued_since = row.take(1)?;
    }
    Ok(counts)
}
