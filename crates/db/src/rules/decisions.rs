//! Decisions as people read them, newest first.

use crate::{DbError, Row, Tx, params};
use wharf_model::{
    BuildId, DecisionId, Granted, RuleId, Timestamp,
    builds::{CommitId, RefName},
    rights::ViewBuilds,
};

/// A decision.
#[derive(Debug, Clone)]
pub struct Decision {
    /// The id.
    pub id: DecisionId,
    /// About which ref.
    pub reference: RefName,
    /// Counted in the ref.
    pub sequence: i64,
    /// What the ref named.
    pub old: Option<CommitId>,
    /// What it names.
    pub new: Option<CommitId>,
    /// `built`, `skipped`, `superseded`, `seen`.
    pub decision: String,
    /// A key of the message catalogue.
    pub reason: Option<String>,
    /// What the reason is about.
    pub detail: String,
    /// What was queued.
    pub build: Option<BuildId>,
    /// Its number, while it is there.
    pub build_number: Option<u64>,
    /// How it came to our ears.
    pub cause: String,
    /// The delivery, or who asked.
    pub origin: String,
    /// When.
    pub at: Timestamp,
    /// The rule's name.
    pub rule: String,
}

/// Which decisions are wanted.
#[derive(Debug, Clone, Default)]
pub struct DecisionFilter {
    /// Of this rule; of all rules of the repository when there is none.
    pub rule: Option<RuleId>,
    /// About this ref, by its full name; about any when it is empty.
    pub reference: String,
    /// `built`, `skipped`, `superseded`, `seen`; any when it is empty.
    pub decision: String,
}

fn read_decision(mut row: Row) -> Result<Decision, DbError> {
    Ok(Decision {
        id: row.take(0)?,
        reference: row.take(1)?,
        sequence: row.take(2)?,
        old: row.take(3)?,
        new: row.take(4)?,
        decision: row.take(5)?,
        reason: row.take(6)?,
        detail: row.take(7)?,
        build: row.take(8)?,
        build_number: row.take(9)?,
        cause: row.take(10)?,
        origin: row.take(11)?,
        at: row.take(12)?,
        rule: row.take(13)?,
    })
}

/// What was decided for a repository's rules before `before`, newest first.
pub fn list_decisions(
    tx: &mut Tx<'_>,
    granted: &Granted<ViewBuilds>,
    filter: &DecisionFilter,
    before: Option<DecisionId>,
    limit: usize,
) -> Result<Vec<Decision>, DbError> {
    let rule = filter.rule.map(|id| id.to_string()).unwrap_or_default();
    let rows = tx.query(
        "SELECT d.id, d.ref, d.sequence, d.old_object, d.new_object, d.decision, d.reason, d.detail, d.build_id,
            b.number, d.cause, d.origin, d.at, u.name
         FROM ref_decisions d JOIN rules u ON u.id = d.rule_id LEFT JOIN builds b ON b.id = d.build_id
         WHERE (d.rule_id = $1 OR $1 = '') AND u.repository_id = $2 AND (d.ref = $3 OR $3 = '')
            AND (d.decision = $6 OR $6 = '') AND (d.id < $4 OR $4 = '') ORDER BY d.id DESC LIMIT $5",
        params![
            rule,
            granted.repository(),
            filter.reference,
            before.map(|id| id.to_string()).unwrap_or_default(),
            limit,
            filter.decision
        ],
    )?;
    rows.into_iter().map(read_decision).collect()
}

/// How often links built something of a rule since `since`.
pub fn count_link_builds(
    tx: &mut Tx<'_>,
    rule: RuleId,
    since: Timestamp,
) -> Result<(u64, Option<Timestamp>), DbError> {
    // One change builds several heads: all of one moment count once.
    let row = tx.query_first(
        "SELECT COUNT(DISTINCT at), MIN(at) FROM ref_decisions
         WHERE rule_id = $1 AND cause = 'link' AND decision = 'built' AND at > $2",
        params![rule, since],
    )?;
    row.map_or(Ok((0, None)), |mut row| Ok((row.take(0)?, row.take(1)?)))
}

/// Notes that what was decided to be built was not, because of what the clone showed: the decision stays the one about its
/// update.
pub fn skip_built(tx: &mut Tx<'_>, build: BuildId, reason: &str) -> Result<(), DbError> {
    tx.execute(
        "UPDATE ref_decisions SET decision = 'skipped', reason = $2 WHERE build_id = $1 AND decision = 'built'",
        params![build, reason],
    )
    .map(drop)
}

/// The last build of a ref when the ref moved on to `head`, which the rule decided not to build for one of these reasons;
/// none when the rule does not know that head, or builds it.
pub fn find_built_before_skip(
    tx: &mut Tx<'_>,
    rule: RuleId,
    reference: &RefName,
    head: &CommitId,
    reasons: &[&str],
) -> Result<Option<BuildId>, DbError> {
    let last = tx.query_first(
        "SELECT d.decision, d.reason FROM ref_decisions d
         JOIN rule_heads h ON h.rule_id = d.rule_id AND h.ref = d.ref AND h.sequence = d.sequence
         WHERE d.rule_id = $1 AND d.ref = $2 AND h.commit_id = $3",
        params![rule, reference, head],
    )?;
    let Some(mut last) = last else {
        return Ok(None);
    };
    let (decision, reason): (String, Option<String>) = (last.take(0)?, last.take(1)?);
    let skipped = decision == "skipped" && reason.is_some_and(|it| reasons.contains(&&*it));
    if !skipped {
        return Ok(None);
    }
    let built = tx.query_first(
        "SELECT build_id FROM ref_decisions WHERE rule_id = $1 AND ref = $2 AND decision = 'built'
         ORDER BY sequence DESC LIMIT 1",
        params![rule, reference],
    )?;
    built.map_or(Ok(None), |mut row| row.take(0))
}

/// Removes decisions from before `before`, at most `limit` of them, but for the last about each ref of a rule; answers how
/// many.
pub fn prune_decisions(tx: &mut Tx<'_>, before: Timestamp, limit: usize) -> Result<u64, DbError> {
    tx.execute(
        "DELETE FROM ref_decisions WHERE id IN (SELECT d.id FROM ref_decisions d WHERE d.at < $1
            AND EXISTS (SELECT 1 FROM ref_decisions later WHERE later.rule_id = d.rule_id AND later.ref = d.ref
                AND later.sequence > d.sequence)
            ORDER BY d.at LIMIT $2)",
        params![before, limit],
    )
}
