//! A new build, in the transaction that decided it.

use super::{
    columns::write_json,
    pushes::insert_pushes,
    record::{Build, RuleRef, find_build, write_tags},
    statuses::want_status,
    stop::record_state,
};
use crate::{DbError, DbErrorKind, Tx, params};
use wharf_model::{
    BuildId, NamespaceId, RepositoryId, Timestamp,
    builds::{
        BuildCause, BuildOrigin, BuildPhase, BuildSource, BuildSpec, BuildState, CommitId,
        LogState, RefName, TrustClass,
    },
};
use wharf_oci::Tag;

/// A build to be queued.
#[derive(Debug, Clone)]
pub struct NewBuild {
    /// Its id.
    pub id: BuildId,
    /// Whose image it makes.
    pub repository: RepositoryId,
    /// The repository's namespace.
    pub namespace: NamespaceId,
    /// The rule that it belongs to; none for a loose build that no rule asked for.
    pub rule: Option<RuleRef>,
    /// Whom it is trusted like.
    pub trust: TrustClass,
    /// Why it is started.
    pub cause: BuildCause,
    /// `refs/heads/…` or `refs/tags/…`; none for a bare commit or a Dockerfile.
    pub reference: Option<RefName>,
    /// The commit, in full.
    pub commit: Option<CommitId>,
    /// Who wrote it, where that is known already.
    pub author: String,
    /// What they said about it, where that is known already.
    pub message: String,
    /// Everything needed to run it.
    pub spec: BuildSpec,
    /// The tags that it sets.
    pub tags: Vec<Tag>,
    /// Whether somebody chose them, and not the rule.
    pub tags_by_hand: bool,
    /// Whether its state is shown on the code host.
    pub report_status: bool,
    /// Who started it: a login name, or `system`.
    pub started_by: String,
    /// Their account, if they have one (`Caller::principal`).
    pub starter: Option<String>,
    /// The build that it repeats.
    pub retry_of: Option<BuildId>,
    /// Now.
    pub at: Timestamp,
}

/// The number that the next build of the repository gets, if this transaction inserts it.
pub fn find_next_number(tx: &mut Tx<'_>, repository: RepositoryId) -> Result<u64, DbError> {
    let row = tx.query_first(
        "SELECT last FROM build_numbers WHERE repository_id = $1",
        params![repository],
    )?;
    let last: Option<u64> = row.map(|mut row| row.take(0)).transpose()?;
    Ok(last.unwrap_or_default() + 1)
}

/// How new a build is that is no newer than another: one by hand as the build that it repeats, one by a link as what its
/// ref had built last. None for a build of something new.
fn find_repeated(tx: &mut Tx<'_>, new: &NewBuild) -> Result<Option<u64>, DbError> {
    let rule = new.rule.as_ref().and_then(|rule| rule.id);
    let row = match (new.retry_of, rule, &new.reference) {
        (Some(first), _, _) => {
            tx.query_first("SELECT rank FROM builds WHERE id = $1", params![first])?
        }
        (None, Some(rule), Some(reference)) if new.cause == BuildCause::Link => tx.query_first(
            "SELECT COALESCE(MAX(rank), 0) FROM builds WHERE rule_id = $1 AND ref = $2",
            params![rule, reference],
        )?,
        _ => None,
    };
    row.map(|mut row| row.take(0)).transpose()
}

/// Queues a build. When the transaction commits, it will be run, or its record says why not.
///
/// Afterwards the queue has to be woken (`App::wake_builds`); it would notice by itself a few seconds later.
pub fn insert_build(tx: &mut Tx<'_>, new: &NewBuild) -> Result<Build, DbError> {
    tx.execute(
        "INSERT INTO build_numbers (repository_id, last) VALUES ($1, 1)
         ON CONFLICT (repository_id) DO UPDATE SET last = build_numbers.last + 1",
        params![new.repository],
    )?;
    let origin = match new.spec.source {
        BuildSource::Git { .. } => BuildOrigin::Code,
        BuildSource::Dockerfile { .. } => BuildOrigin::Dockerfile,
    };
    let (rule, repeated) = (new.rule.as_ref(), find_repeated(tx, new)?);
    tx.execute(
        "INSERT INTO builds (id, repository_id, namespace_id, number, rule_id, rule_name, trust, cause, source, ref,
            commit_id, author, message, tags, bases, state, phase, attempt, steps, cached_steps, started_by, retry_of,
            created_at, fence, log, spec, starter, tags_by_hand, rank)
         VALUES ($1, $2, $3, (SELECT last FROM build_numbers WHERE repository_id = $2), $4, $5, $6, $7, $8, $9, $10,
            $11, $12, $13, '[]', $14, $15, 0, 0, 0, $16, $17, $18, 0, $19, $20, $21, $22,
            COALESCE(CAST($23 AS BIGINT), (SELECT last FROM build_numbers WHERE repository_id = $2)))",
        params![
            new.id,
            new.repository,
            new.namespace,
            rule.and_then(|rule| rule.id),
            rule.map(|rule| rule.name.as_str()).unwrap_or_default(),
            new.trust,
            new.cause,
            origin,
            new.reference,
            new.commit,
            new.author,
            new.message,
            write_tags(&new.tags)?,
            BuildState::Queued,
            BuildPhase::Queued,
            new.started_by,
            new.retry_of,
            new.at,
            LogState::None,
            write_json(&new.spec)?,
            new.starter,
            new.tags_by_hand,
            repeated
        ],
    )?;
    insert_pushes(tx, new.id, &new.spec.push_also)?;
    if new.report_status {
        want_status(tx, new.id, BuildState::Queued, new.at)?;
    }
    let build = find_build(tx, new.id)?.ok_or_else(|| {
        DbError::new(
            DbErrorKind::Other,
            format!("the build {} is not there after it was made", new.id),
        )
    })?;
    record_state(tx, &build, new.at)?;
    Ok(build)
}
