//! What a build came to. Success is written in the transaction that sets its tags.

use super::{
    claim::Claim,
    columns::write_json,
    owned_tags::own_tags,
    pushes::start_pushes,
    record::{Build, Failure, find_build},
    statuses::follow_status,
    stop::record_state,
};
use crate::{DbError, Tx, params};
use wharf_model::{
    Timestamp,
    builds::{BuildState, CommitId},
};
use wharf_oci::Digest;

/// How a build ended.
#[derive(Debug, Clone)]
pub struct BuildEnd {
    /// Not queued or running.
    pub state: BuildState,
    /// What its tags name.
    pub digest: Option<Digest>,
    /// Why it failed.
    pub failure: Option<Failure>,
    /// Now.
    pub at: Timestamp,
}

/// Ends a build that runs under `claim`, with its event. `None`, and nothing changed, when it is not its own any more,
/// or when it is to succeed although somebody stopped it.
pub fn end_build(tx: &mut Tx<'_>, claim: Claim, end: &BuildEnd) -> Result<Option<Build>, DbError> {
    let failure = end.failure.clone().unwrap_or_default();
    let ended = tx.execute(
        "UPDATE builds SET state = $3, ended_at = $4, digest = CAST($5 AS TEXT),
            size = (SELECT m.total_size FROM repository_manifests m
                WHERE m.repository_id = builds.repository_id AND m.digest = CAST($5 AS TEXT)),
            reason = CAST($6 AS TEXT), detail = CAST($7 AS TEXT), hint = CAST($8 AS TEXT),
            failing_step = CAST($9 AS TEXT), exit_code = CAST($10 AS BIGINT), last_lines = CAST($11 AS TEXT),
            lease_owner = NULL, lease_beat = NULL
         WHERE id = $1 AND fence = $2 AND state = 'running' AND (stop IS NULL OR $3 <> 'succeeded')",
        params![
            claim.build,
            claim.fence,
            end.state,
            end.at,
            end.digest,
            end.failure.as_ref().map(|failure| failure.reason.as_str()),
            failure.detail,
            failure.hint,
            failure.step,
            failure.exit_code,
            failure.last_lines
        ],
    )?;
    if ended != 1 {
        return Ok(None);
    }
    let Some(build) = find_build(tx, claim.build)? else {
        return Ok(None);
    };
    if build.state == BuildState::Succeeded {
        if let Some(rule) = build.rule.as_ref().and_then(|rule| rule.id)
            && build.trust == wharf_model::builds::TrustClass::Rule
        {
            own_tags(tx, &build, rule)?;
        }
        start_pushes(tx, build.id, end.at)?;
    }
    record_state(tx, &build, end.at)?;
    follow_status(tx, build.id, build.state, end.at)?;
    Ok(Some(build))
}

/// Notes what the clone told of the commit.
pub fn note_commit(
    tx: &mut Tx<'_>,
    claim: Claim,
    commit: &CommitId,
    author: &str,
    message: &str,
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE builds SET commit_id = $3, author = $4, message = $5 WHERE id = $1 AND fence = $2",
        params![claim.build, claim.fence, commit, author, message],
    )
    .map(drop)
}

/// Notes the images of the FROM lines.
pub fn note_bases(tx: &mut Tx<'_>, claim: Claim, bases: &[String]) -> Result<(), DbError> {
    tx.execute(
        "UPDATE builds SET bases = $3 WHERE id = $1 AND fence = $2",
        params![claim.build, claim.fence, write_json(&bases)?],
    )
    .map(drop)
}

/// Notes how many steps there were.
pub fn note_steps(
    tx: &mut Tx<'_>,
    claim: Claim,
    steps: u64,
    cached_steps: u64,
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE builds SET steps = $3, cached_steps = $4 WHERE id = $1 AND fence = $2",
        params![claim.build, claim.fence, steps, cached_steps],
    )
    .map(drop)
}
