//! Build trigger URLs: who knows one may have its rule build, and nothing else.

use crate::{
    DbError, Row, Tx,
    full_hosts::{leave_out, with_hosts},
    params,
};
use wharf_model::{Granted, RuleId, Timestamp, TriggerUrlId, builds::RefName, rights::ManageRules};

/// A trigger URL as its rule's page shows it. Its secret is nowhere.
#[derive(Debug, Clone)]
pub struct TriggerUrl {
    /// The id, a part of the address.
    pub id: TriggerUrlId,
    /// Whose build it starts.
    pub rule: RuleId,
    /// What it is for.
    pub name: String,
    /// Who made it.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
    /// When it last started something.
    pub last_used_at: Option<Timestamp>,
}

const COLUMNS: &str = "t.id, t.rule_id, t.name, t.created_by, t.created_at, t.last_used_at";

fn read_trigger(row: &mut Row) -> Result<TriggerUrl, DbError> {
    Ok(TriggerUrl {
        id: row.take(0)?,
        rule: row.take(1)?,
        name: row.take(2)?,
        created_by: row.take(3)?,
        created_at: row.take(4)?,
        last_used_at: row.take(5)?,
    })
}

/// Trigger URLs of a rule in the order of their names, after `after`.
pub fn list_triggers(
    tx: &mut Tx<'_>,
    granted: &Granted<ManageRules>,
    rule: RuleId,
    after: &str,
    limit: usize,
) -> Result<Vec<TriggerUrl>, DbError> {
    let rows = tx.query(
        &format!(
            "SELECT {COLUMNS} FROM trigger_urls t JOIN rules u ON u.id = t.rule_id
             WHERE t.rule_id = $1 AND u.repository_id = $2 AND t.name > $3 ORDER BY t.name LIMIT $4"
        ),
        params![rule, granted.repository(), after, limit],
    )?;
    rows.into_iter()
        .map(|mut row| read_trigger(&mut row))
        .collect()
}

/// A trigger URL with what is kept of its secret, for who calls it.
pub fn find_trigger(
    tx: &mut Tx<'_>,
    id: TriggerUrlId,
) -> Result<Option<(TriggerUrl, Vec<u8>)>, DbError> {
    let row = tx.query_first(
        &format!("SELECT {COLUMNS}, t.secret_hash FROM trigger_urls t WHERE t.id = $1"),
        params![id],
    )?;
    row.map(|mut row| Ok((read_trigger(&mut row)?, row.take(6)?)))
        .transpose()
}

/// How many the rule has.
pub fn count_triggers(tx: &mut Tx<'_>, rule: RuleId) -> Result<u64, DbError> {
    let row = tx.query_first(
        "SELECT COUNT(*) FROM trigger_urls WHERE rule_id = $1",
        params![rule],
    )?;
    row.map_or(Ok(0), |mut row| row.take(0))
}

/// Makes a trigger URL for a rule of the granted repository; answers whether its name was free.
pub fn insert_trigger(
    tx: &mut Tx<'_>,
    granted: &Granted<ManageRules>,
    new: &TriggerUrl,
    secret_hash: &[u8],
) -> Result<bool, DbError> {
    let made = tx.execute(
        "INSERT INTO trigger_urls (id, rule_id, name, secret_hash, created_by, created_at)
         SELECT CAST($1 AS TEXT), u.id, CAST($3 AS TEXT), $4, CAST($5 AS TEXT), CAST($6 AS BIGINT)
         FROM rules u WHERE u.id = $2 AND u.repository_id = $7
         ON CONFLICT (rule_id, name) DO NOTHING",
        params![
            new.id,
            new.rule,
            new.name,
            secret_hash,
            new.created_by,
            new.created_at,
            granted.repository()
        ],
    )?;
    Ok(made == 1)
}

/// Removes a trigger URL: nobody can call it any more. Answers its name.
pub fn delete_trigger(
    tx: &mut Tx<'_>,
    granted: &Granted<ManageRules>,
    rule: RuleId,
    id: TriggerUrlId,
) -> Result<Option<String>, DbError> {
    let row = tx.query_first(
        "SELECT t.name FROM trigger_urls t JOIN rules u ON u.id = t.rule_id
         WHERE t.id = $1 AND t.rule_id = $2 AND u.repository_id = $3",
        params![id, rule, granted.repository()],
    )?;
    let Some(mut row) = row else {
        return Ok(None);
    };
    tx.execute("DELETE FROM trigger_urls WHERE id = $1", params![id])?;
    row.take(0).map(Some)
}

/// Notes that it started something.
pub fn note_use(tx: &mut Tx<'_>, id: TriggerUrlId, at: Timestamp) -> Result<(), DbError> {
    tx.execute(
        "UPDATE trigger_urls SET last_used_at = $2 WHERE id = $1",
        params![id, at],
    )
    .map(drop)
}

/// When a call last had the code host asked.
pub fn find_asked(tx: &mut Tx<'_>, id: TriggerUrlId) -> Result<Option<Timestamp>, DbError> {
    let row = tx.query_first(
        "SELECT asked_at FROM trigger_urls WHERE id = $1",
        params![id],
    )?;
    row.map_or(Ok(None), |mut row| row.take(0))
}

/// Notes that a call has the code host asked.
pub fn note_asked(tx: &mut Tx<'_>, id: TriggerUrlId, at: Timestamp) -> Result<(), DbError> {
    tx.execute(
        "UPDATE trigger_urls SET asked_at = $2 WHERE id = $1",
        params![id, at],
    )
    .map(drop)
}

/// Calls that wait for one build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingTrigger {
    /// Which URL.
    pub trigger: TriggerUrlId,
    /// What they are about, as the caller writes it: a whole ref, `refs/heads/` or `refs/tags/`, or nothing.
    pub target: String,
    /// How many calls.
    pub calls: u64,
    /// Not before.
    pub not_before: Timestamp,
    /// When the first of them came.
    pub since: Timestamp,
}

const WAITING: &str = "trigger_id, ref, calls, not_before, since";

fn read_waiting(mut row: Row) -> Result<WaitingTrigger, DbError> {
    Ok(WaitingTrigger {
        trigger: row.take(0)?,
        target: row.take(1)?,
        calls: row.take(2)?,
        not_before: row.take(3)?,
        since: row.take(4)?,
    })
}

/// Lets a call wait with others about the same; answers when their time comes and how many they are.
pub fn wait_for_trigger(
    tx: &mut Tx<'_>,
    id: TriggerUrlId,
    target: &str,
    not_before: Timestamp,
    since: Timestamp,
) -> Result<WaitingTrigger, DbError> {
    tx.execute(
        "INSERT INTO waiting_triggers (trigger_id, ref, calls, not_before, since) VALUES ($1, $2, 1, $3, $4)
         ON CONFLICT (trigger_id, ref) DO UPDATE SET calls = waiting_triggers.calls + 1",
        params![id, target, not_before, since],
    )?;
    Ok(find_waiting(tx, id, target)?.unwrap_or(WaitingTrigger {
        trigger: id,
        target: target.to_owned(),
        calls: 1,
        not_before,
        since,
    }))
}

/// The calls about this that wait.
pub fn find_waiting(
    tx: &mut Tx<'_>,
    id: TriggerUrlId,
    target: &str,
) -> Result<Option<WaitingTrigger>, DbError> {
    let row = tx.query_first(
        &format!("SELECT {WAITING} FROM waiting_triggers WHERE trigger_id = $1 AND ref = $2"),
        params![id, target],
    )?;
    row.map(read_waiting).transpose()
}

/// How many different things calls of a trigger URL wait for.
pub fn count_waiting(tx: &mut Tx<'_>, id: TriggerUrlId) -> Result<u64, DbError> {
    let row = tx.query_first(
        "SELECT COUNT(*) FROM waiting_triggers WHERE trigger_id = $1",
        params![id],
    )?;
    row.map_or(Ok(0), |mut row| row.take(0))
}

/// Calls whose time has come, but for those of rules whose code hosts are `full`; each with its host's address.
pub fn list_due_triggers(
    tx: &mut Tx<'_>,
    now: Timestamp,
    full: &[String],
    limit: usize,
) -> Result<Vec<(String, WaitingTrigger)>, DbError> {
    let left_out = leave_out("u.source_address", 3, full);
    let rows = tx.query(
        &format!(
            "SELECT w.trigger_id, w.ref, w.calls, w.not_before, w.since, u.source_address FROM waiting_triggers w
             JOIN trigger_urls t ON t.id = w.trigger_id JOIN rules u ON u.id = t.rule_id
             WHERE w.not_before <= $1{left_out} ORDER BY w.not_before LIMIT $2"
        ),
        &with_hosts(params![now, limit], full),
    )?;
    rows.into_iter()
        .map(|mut row| {
            let host = row.take(5)?;
            Ok((host, read_waiting(row)?))
        })
        .collect()
}

/// The calls that were read wait no more; answers whether they did. Those that came since, at `now` at the latest, wait for
/// a build of their own, until `again`.
pub fn end_waiting(
    tx: &mut Tx<'_>,
    read: &WaitingTrigger,
    now: Timestamp,
    again: Timestamp,
) -> Result<bool, DbError> {
    let ended = tx.execute(
        "DELETE FROM waiting_triggers WHERE trigger_id = $1 AND ref = $2 AND calls <= $3",
        params![read.trigger, read.target, read.calls],
    )?;
    if ended == 1 {
        return Ok(true);
    }
    let left = tx.execute(
        "UPDATE waiting_triggers SET calls = calls - $3, since = $4, not_before = $5
         WHERE trigger_id = $1 AND ref = $2",
        params![read.trigger, read.target, read.calls, now, again],
    )?;
    Ok(left == 1)
}

/// Lets calls wait longer.
pub fn delay_waiting(
    tx: &mut Tx<'_>,
    id: TriggerUrlId,
    target: &str,
    until: Timestamp,
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE waiting_triggers SET not_before = $3 WHERE trigger_id = $1 AND ref = $2",
        params![id, target, until],
    )
    .map(drop)
}

/// A build of the rule and ref that waits in the queue, and its commit: another call adds nothing to it.
pub fn find_queued_build(
    tx: &mut Tx<'_>,
    rule: RuleId,
    reference: &RefName,
) -> Result<Option<(u64, Option<String>)>, DbError> {
    let row = tx.query_first(
        "SELECT number, commit_id FROM builds WHERE rule_id = $1 AND ref = $2 AND state = 'queued'
         ORDER BY id DESC LIMIT 1",
        params![rule, reference],
    )?;
    row.map(|mut row| Ok((row.take(0)?, row.take(1)?)))
        .transpose()
}

/// When trigger URLs last started a build of the rule and ref.
pub fn find_last_start(
    tx: &mut Tx<'_>,
    rule: RuleId,
    reference: &RefName,
) -> Result<Option<Timestamp>, DbError> {
    let row = tx.query_first(
        "SELECT created_at FROM builds WHERE rule_id = $1 AND ref = $2 AND cause = 'trigger_url'
         ORDER BY id DESC LIMIT 1",
        params![rule, reference],
    )?;
    row.map(|mut row| row.take(0)).transpose()
}
