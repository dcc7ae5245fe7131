//! Ending builds before their time: canceled by somebody, or overtaken by a newer commit.
//!
//! What waits ends at once. What runs is asked to stop; its server ends it, and it can no longer set tags.

use super::{
    claim::Claim,
    owned_tags::release_tags,
    record::{Build, find_build, read_build, select},
    statuses::follow_status,
};
use crate::{DbError, Tx, events::record_event, params};
use wharf_model::{
    BuildId, RepositoryId, RuleId, Timestamp,
    builds::{BuildState, CommitId, RefKind, RefName},
};

/// Ends a build as canceled or superseded, or asks its server to. Answers whether it was still open.
pub fn stop_build(
    tx: &mut Tx<'_>,
    id: BuildId,
    as_state: BuildState,
    by: &str,
    at: Timestamp,
) -> Result<bool, DbError> {
    let ended = tx.execute(
        "UPDATE builds SET state = $2, stopped_by = $3, ended_at = $4, reason = NULL, fence = fence + 1
         WHERE id = $1 AND state = 'queued'",
        params![id, as_state, by, at],
    )?;
    if ended == 1 {
        if let Some(build) = find_build(tx, id)? {
            record_state(tx, &build, at)?;
        }
        follow_status(tx, id, as_state, at)?;
        return Ok(true);
    }
    // The first one who asked is named.
    let asked = tx.execute(
        "UPDATE builds SET stop = $2, stopped_by = $3 WHERE id = $1 AND state = 'running' AND stop IS NULL",
        params![id, as_state, by],
    )?;
    if asked == 1 {
        return Ok(true);
    }
    Ok(find_build(tx, id)?.is_some_and(|build| !build.state.is_over()))
}

/// Ends what older builds of the same rule and branch wait or run, older by number: a clock may be set back; `newer` itself stays. Of a tag nothing is superseded.
/// Answers the builds that were ended or asked to end.
pub fn supersede_builds(
    tx: &mut Tx<'_>,
    rule: RuleId,
    reference: &RefName,
    newer: BuildId,
    at: Timestamp,
) -> Result<Vec<BuildId>, DbError> {
    if reference.kind() != RefKind::Branch {
        return Ok(Vec::new());
    }
    let rows = tx.query(
        "SELECT id FROM builds WHERE rule_id = $1 AND ref = $2 AND state IN ('queued', 'running')
            AND number < (SELECT number FROM builds WHERE id = $3) ORDER BY number",
        params![rule, reference, newer],
    )?;
    let older: Result<Vec<BuildId>, DbError> =
        rows.into_iter().map(|mut row| row.take(0)).collect();
    let older = older?;
    for build in &older {
        stop_build(tx, *build, BuildState::Superseded, "system", at)?;
    }
    Ok(older)
}

/// Lets go of a rule that is being removed: its open builds are canceled, its tags become free, its records stay and
/// keep its name. Answers the builds that were ended or asked to end.
pub fn detach_rule(
    tx: &mut Tx<'_>,
    rule: RuleId,
    by: &str,
    at: Timestamp,
) -> Result<Vec<BuildId>, DbError> {
    let rows = tx.query(
        "SELECT id FROM builds WHERE rule_id = $1 AND state IN ('queued', 'running') ORDER BY id",
        params![rule],
    )?;
    let open: Result<Vec<BuildId>, DbError> = rows.into_iter().map(|mut row| row.take(0)).collect();
    let open = open?;
    for build in &open {
        stop_build(tx, *build, BuildState::Canceled, by, at)?;
    }
    tx.execute(
        "UPDATE builds SET rule_id = NULL WHERE rule_id = $1",
        params![rule],
    )?;
    release_tags(tx, rule)?;
    Ok(open)
}

/// What shall become of a running build, as its server asks: `None` when it may go on. A build that is gone, with its
/// repository, is canceled.
pub fn find_stop(tx: &mut Tx<'_>, claim: Claim) -> Result<Option<BuildState>, DbError> {
    let row = tx.query_first(
        "SELECT stop FROM builds WHERE id = $1 AND fence = $2 AND state = 'running'",
        params![claim.build, claim.fence],
    )?;
    match row {
        Some(mut row) => row.take(0),
        None => Ok(Some(BuildState::Canceled)),
    }
}

/// Builds of a repository that are not over.
pub fn list_open_builds(tx: &mut Tx<'_>, repository: RepositoryId) -> Result<Vec<Build>, DbError> {
    let rows = tx.query(
        &select("b.repository_id = $1 AND b.state IN ('queued', 'running') ORDER BY b.id"),
        params![repository],
    )?;
    rows.into_iter().map(read_build).collect()
}

/// Writes the event of a build's present state.
pub(super) fn record_state(tx: &mut Tx<'_>, build: &Build, at: Timestamp) -> Result<(), DbError> {
    let kind = match build.state {
        BuildState::Queued => "build.queued",
        BuildState::Running => "build.started",
        BuildState::Succeeded => "build.succeeded",
        BuildState::Failed => "build.failed",
        BuildState::Canceled => "build.canceled",
        BuildState::Superseded => "build.superseded",
        BuildState::Skipped => "build.skipped",
    };
    let payload = serde_json::json!({
        "build": build.id.to_string(), "number": build.number, "attempt": build.attempt,
        "rule": build.rule.as_ref().map(|rule| rule.name.as_str()),
        "ref": build.reference.as_ref().map(RefName::as_str),
        "commit": build.commit.as_ref().map(CommitId::as_str),
        "tags": build.tags.iter().map(wharf_oci::Tag::as_str).collect::<Vec<_>>(),
        "digest": build.digest.map(|digest| digest.to_string()),
        "reason": build.failure.as_ref().map(|failure| failure.reason.as_str()),
    });
    record_event(tx, kind, build.repository, &payload.to_string(), at).map(drop)
}
