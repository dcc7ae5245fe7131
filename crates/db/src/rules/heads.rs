//! What a rule knows of refs, moved only together with a decision: one row of `ref_decisions` for each update.

use crate::{DbError, Row, ToValue, Tx, Value, params};
use std::collections::HashMap;
use wharf_model::{
    BuildId, DecisionId, RuleId, Timestamp,
    builds::{CommitId, RefName},
};

/// What a rule knows of a ref.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The ref.
    pub reference: RefName,
    /// What it names; none once it was deleted.
    pub object: Option<CommitId>,
    /// The commit behind that, where it is known.
    pub commit: Option<CommitId>,
    /// Of the last decision about it.
    pub sequence: i64,
}

const COLUMNS: &str = "ref, object, commit_id, sequence";

fn read_head(mut row: Row) -> Result<Head, DbError> {
    Ok(Head {
        reference: row.take(0)?,
        object: row.take(1)?,
        commit: row.take(2)?,
        sequence: row.take(3)?,
    })
}

/// One head.
pub fn find_head(
    tx: &mut Tx<'_>,
    rule: RuleId,
    reference: &RefName,
) -> Result<Option<Head>, DbError> {
    let row = tx.query_first(
        &format!("SELECT {COLUMNS} FROM rule_heads WHERE rule_id = $1 AND ref = $2"),
        params![rule, reference],
    )?;
    row.map(read_head).transpose()
}

/// All that a rule knows.
pub fn list_heads(tx: &mut Tx<'_>, rule: RuleId) -> Result<HashMap<RefName, Head>, DbError> {
    let rows = tx.query(
        &format!("SELECT {COLUMNS} FROM rule_heads WHERE rule_id = $1"),
        params![rule],
    )?;
    rows.into_iter()
        .map(|row| read_head(row).map(|head| (head.reference.clone(), head)))
        .collect()
}

/// Tells two states of a rule's heads apart without reading them: each move raises a sequence, and no head goes while the
/// rule's own version stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeadsMark {
    count: u64,
    moves: u64,
}

impl HeadsMark {
    /// Of so many heads that moved so often together.
    pub fn of(count: u64, moves: u64) -> Self {
        Self { count, moves }
    }
}

/// The mark of a rule's heads as they are now.
pub fn mark_heads(tx: &mut Tx<'_>, rule: RuleId) -> Result<HeadsMark, DbError> {
    let row = tx.query_first(
        "SELECT COUNT(*), CAST(COALESCE(SUM(sequence), 0) AS BIGINT) FROM rule_heads WHERE rule_id = $1",
        params![rule],
    )?;
    row.map_or(Ok(HeadsMark::of(0, 0)), |mut row| {
        Ok(HeadsMark::of(row.take(0)?, row.take(1)?))
    })
}

/// Whether the ref is known to have left `object` before: something newer was decided then.
pub fn has_left(
    tx: &mut Tx<'_>,
    rule: RuleId,
    reference: &RefName,
    object: &CommitId,
) -> Result<bool, DbError> {
    let row = tx.query_first(
        "SELECT 1 FROM ref_decisions WHERE rule_id = $1 AND ref = $2 AND old_object = $3
            AND (new_object IS NULL OR new_object <> $3) LIMIT 1",
        params![rule, reference, object],
    )?;
    Ok(row.is_some())
}

/// Whether exactly this update was decided before.
pub fn is_decided(
    tx: &mut Tx<'_>,
    rule: RuleId,
    reference: &RefName,
    old: Option<&CommitId>,
    new: Option<&CommitId>,
) -> Result<bool, DbError> {
    let row = tx.query_first(
        "SELECT 1 FROM ref_decisions WHERE rule_id = $1 AND ref = $2
            AND COALESCE(old_object, '') = $3 AND COALESCE(new_object, '') = $4 LIMIT 1",
        params![
            rule,
            reference,
            old.map(CommitId::as_str).unwrap_or_default(),
            new.map(CommitId::as_str).unwrap_or_default()
        ],
    )?;
    Ok(row.is_some())
}

/// A decision to be written.
#[derive(Debug, Clone)]
pub struct NewDecision {
    /// Whose.
    pub rule: RuleId,
    /// About which ref.
    pub reference: RefName,
    /// What it named.
    pub old: Option<CommitId>,
    /// What it names.
    pub new: Option<CommitId>,
    /// The commit behind that, where it is known.
    pub commit: Option<CommitId>,
    /// `built`, `skipped`, `superseded`, `seen`.
    pub decision: &'static str,
    /// A key of the message catalogue.
    pub reason: Option<String>,
    /// What the reason is about.
    pub detail: String,
    /// What was queued.
    pub build: Option<BuildId>,
    /// How it came to our ears.
    pub cause: &'static str,
    /// The delivery, or who asked.
    pub origin: String,
    /// Now.
    pub at: Timestamp,
}

/// Writes a decision, and with `moves` the head that it leaves. Answers its id.
pub fn record_decision(
    tx: &mut Tx<'_>,
    new: &NewDecision,
    moves: bool,
) -> Result<DecisionId, DbError> {
    let last = find_head(tx, new.rule, &new.reference)?.map_or(0, |head| head.sequence);
    let (id, sequence) = (DecisionId::new(), last + 1);
    tx.execute(
        &format!("{INSERT} ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"),
        params![
            id,
            new.rule,
            new.reference,
            sequence,
            new.old,
            new.new,
            new.decision,
            new.reason,
            new.detail,
            new.build,
            new.cause,
            new.origin,
            new.at
        ],
    )?;
    if moves {
        tx.execute(
            "INSERT INTO rule_heads (rule_id, ref, object, commit_id, sequence) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (rule_id, ref) DO UPDATE SET object = excluded.object, commit_id = excluded.commit_id,
                sequence = excluded.sequence",
            params![new.rule, new.reference, new.new, new.commit, sequence],
        )?;
    } else {
        // The sequence never repeats, wherever the head is.
        tx.execute(
            "INSERT INTO rule_heads (rule_id, ref, object, commit_id, sequence) VALUES ($1, $2, NULL, NULL, $3)
             ON CONFLICT (rule_id, ref) DO UPDATE SET sequence = excluded.sequence",
            params![new.rule, new.reference, sequence],
        )?;
    }
    Ok(id)
}

const INSERT: &str =
    "INSERT INTO ref_decisions (id, rule_id, ref, sequence, old_object, new_object, decision,
    reason, detail, build_id, cause, origin, at) VALUES";

/// Rows of one statement: few lengths, so that few statements are prepared.
const ROWS: [usize; 3] = [256, 16, 1];

/// Takes refs that were there when a rule began as seen. None of them may have a head yet.
pub fn record_seen(
    tx: &mut Tx<'_>,
    rule: RuleId,
    seen: &[(RefName, CommitId, CommitId)],
    cause: &str,
    origin: &str,
    at: Timestamp,
) -> Result<(), DbError> {
    let mut rest = seen;
    while !rest.is_empty() {
        let rows = ROWS.into_iter().find(|rows| *rows <= rest.len());
        let (now, later) = rest.split_at(rows.unwrap_or(1));
        let ids: Vec<_> = now.iter().map(|_| DecisionId::new()).collect();
        let mut values = params![rule, cause, origin, at].to_vec();
        let mut decisions = Vec::new();
        for (id, (reference, object, _)) in ids.iter().zip(now) {
            let place = values.len() + 1;
            decisions.push(format!(
                "(${place}, $1, ${}, 1, NULL, ${}, 'seen', NULL, '', NULL, $2, $3, $4)",
                place + 1,
                place + 2
            ));
            values.extend([id.to_value(), reference.to_value(), object.to_value()]);
        }
        tx.execute(&format!("{INSERT} {}", decisions.join(", ")), &values)?;
        let mut values: Vec<Value<'_>> = params![rule].to_vec();
        let mut heads = Vec::new();
        for (reference, object, commit) in now {
            let place = values.len() + 1;
            heads.push(format!("($1, ${place}, ${}, ${}, 1)", place + 1, place + 2));
            values.extend([reference.to_value(), object.to_value(), commit.to_value()]);
        }
        tx.execute(
            &format!(
                "INSERT INTO rule_heads (rule_id, ref, object, commit_id, sequence) VALUES {}",
                heads.join(", ")
            ),
            &values,
        )?;
        rest = later;
    }
    Ok(())
}
