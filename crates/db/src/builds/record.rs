//! The record of a build.

use super::columns::{read_json, write_json};
use crate::{DbError, Row, Tx, params};
use wharf_model::{
    BuildId, NamespaceId, RepositoryId, RuleId, Timestamp,
    builds::{
        BuildCause, BuildOrigin, BuildPhase, BuildSpec, BuildState, CommitId, LogState, RefName,
        TrustClass,
    },
};
use wharf_oci::{Digest, RepositoryName, Tag};

/// The rule that a build belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleRef {
    /// None once the rule is gone.
    pub id: Option<RuleId>,
    /// Its name when the build was decided.
    pub name: String,
}

/// Why a build failed, or what it waits for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Failure {
    /// A key of the message catalogue (`build.…`).
    pub reason: String,
    /// What it was about, as the worker or the machine said it.
    pub detail: Option<String>,
    /// What to do about it.
    pub hint: Option<String>,
    /// The step that failed.
    pub step: Option<String>,
    /// What its command answered.
    pub exit_code: Option<i64>,
    /// The last lines that it wrote.
    pub last_lines: Option<String>,
}

/// A build as its page shows it.
#[derive(Debug, Clone)]
pub struct Build {
    /// The build.
    pub id: BuildId,
    /// Whose image it makes.
    pub repository: RepositoryId,
    /// Whose turn it takes.
    pub namespace: NamespaceId,
    /// The repository's name.
    pub repository_name: RepositoryName,
    /// Counted in the repository.
    pub number: u64,
    /// How new it is among the repository's: its number, or that of the build that it repeats.
    pub rank: u64,
    /// The rule that it belongs to.
    pub rule: Option<RuleRef>,
    /// Whom it is trusted like.
    pub trust: TrustClass,
    /// Why it was started.
    pub cause: BuildCause,
    /// What it is made from.
    pub origin: BuildOrigin,
    /// `refs/heads/…`, `refs/tags/…`.
    pub reference: Option<RefName>,
    /// The commit.
    pub commit: Option<CommitId>,
    /// Who wrote the commit.
    pub author: String,
    /// The first line of what they said about it.
    pub message: String,
    /// The tags that it sets.
    pub tags: Vec<Tag>,
    /// Whether somebody chose them, and not the rule.
    pub tags_by_hand: bool,
    /// Those that it was to set and that a newer build of another ref had set.
    pub overtaken: Vec<Tag>,
    /// The images of its FROM lines.
    pub bases: Vec<String>,
    /// Where it stands.
    pub state: BuildState,
    /// Where it is while it runs; where it was when it ended.
    pub phase: BuildPhase,
    /// Why it failed, or what it waits for.
    pub failure: Option<Failure>,
    /// How often a worker began it.
    pub attempt: u32,
    /// Steps of its Dockerfile.
    pub steps: u64,
    /// Those whose result was there already.
    pub cached_steps: u64,
    /// What its tags name.
    pub digest: Option<Digest>,
    /// Bytes of everything that this needs.
    pub size: Option<u64>,
    /// Who started it: a login name, or `system`.
    pub started_by: String,
    /// Their account (`Caller::principal`), which is theirs alone whatever becomes of the name.
    pub starter: Option<String>,
    /// The build that it repeats.
    pub retry_of: Option<BuildId>,
    /// When it was decided.
    pub created_at: Timestamp,
    /// When a worker last began it.
    pub started_at: Option<Timestamp>,
    /// When it was over.
    pub ended_at: Option<Timestamp>,
    /// What shall become of it, while it still runs.
    pub stop: Option<BuildState>,
    /// Who wants that.
    pub stopped_by: Option<String>,
    /// Another number for each server that began it.
    pub fence: i64,
    /// Where its log is.
    pub log: LogState,
}

impl Build {
    /// Whether another one like it is as good as a push: what it is made of or what it is called is not its rule's.
    pub fn is_push(&self) -> bool {
        self.trust == TrustClass::Loose || self.tags_by_hand
    }
}

pub(super) const COLUMNS: &str = "b.id, b.repository_id, b.namespace_id, r.name, b.number, b.rule_id, b.rule_name, b.trust,
    b.cause, b.source, b.ref, b.commit_id, b.author, b.message, b.tags, b.bases, b.state, b.phase, b.reason, b.detail,
    b.hint, b.failing_step, b.exit_code, b.last_lines, b.attempt, b.steps, b.cached_steps, b.digest, b.size,
    b.started_by, b.retry_of, b.created_at, b.started_at, b.ended_at, b.stop, b.stopped_by, b.fence, b.log,
    b.rank, b.overtaken, b.starter, b.tags_by_hand";

pub(super) fn select(condition: &str) -> String {
    format!(
        "SELECT {COLUMNS} FROM builds b JOIN repositories r ON r.id = b.repository_id WHERE {condition}"
    )
}

pub(super) fn read_build(mut row: Row) -> Result<Build, DbError> {
    let rule_name: String = row.take(6)?;
    let reason: Option<String> = row.take(18)?;
    let failure = match reason {
        None => None,
        Some(reason) => Some(Failure {
            reason,
            detail: row.take(19)?,
            hint: row.take(20)?,
            step: row.take(21)?,
            exit_code: row.take(22)?,
            last_lines: row.take(23)?,
        }),
    };
    let rule_id = row.take(5)?;
    Ok(Build {
        id: row.take(0)?,
        repository: row.take(1)?,
        namespace: row.take(2)?,
        repository_name: row.take(3)?,
        number: row.take(4)?,
        rank: row.take(38)?,
        rule: (!rule_name.is_empty()).then_some(RuleRef {
            id: rule_id,
            name: rule_name,
        }),
        trust: row.take(7)?,
        cause: row.take(8)?,
        origin: row.take(9)?,
        reference: row.take(10)?,
        commit: row.take(11)?,
        author: row.take(12)?,
        message: row.take(13)?,
        tags: read_tags(&row.take::<String>(14)?)?,
        tags_by_hand: row.take(41)?,
        overtaken: read_tags(&row.take::<String>(39)?)?,
        bases: read_json(&row.take::<String>(15)?)?,
        state: row.take(16)?,
        phase: row.take(17)?,
        failure,
        attempt: row.take(24)?,
        steps: row.take(25)?,
        cached_steps: row.take(26)?,
        digest: row.take(27)?,
        size: row.take(28)?,
        started_by: row.take(29)?,
        starter: row.take(40)?,
        retry_of: row.take(30)?,
        created_at: row.take(31)?,
        started_at: row.take(32)?,
        ended_at: row.take(33)?,
        stop: row.take(34)?,
        stopped_by: row.take(35)?,
        fence: row.take(36)?,
        log: row.take(37)?,
    })
}

pub(super) fn read_tags(text: &str) -> Result<Vec<Tag>, DbError> {
    let names: Vec<String> = read_json(text)?;
    // Written by us from tags.
    Ok(names.iter().filter_map(|name| name.parse().ok()).collect())
}

/// Notes which tags a build sets in the end, and which it leaves to newer builds.
pub fn choose_tags(
    tx: &mut Tx<'_>,
    id: BuildId,
    tags: &[Tag],
    overtaken: &[Tag],
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE builds SET tags = $2, overtaken = $3 WHERE id = $1",
        params![id, write_tags(tags)?, write_tags(overtaken)?],
    )
    .map(drop)
}

pub(super) fn write_tags(tags: &[Tag]) -> Result<String, DbError> {
    write_json(&tags.iter().map(Tag::as_str).collect::<Vec<_>>())
}

/// One build by its id.
pub fn find_build(tx: &mut Tx<'_>, id: BuildId) -> Result<Option<Build>, DbError> {
    let row = tx.query_first(&select("b.id = $1"), params![id])?;
    row.map(read_build).transpose()
}

/// One build by its number in its repository.
pub fn find_build_number(
    tx: &mut Tx<'_>,
    repository: RepositoryId,
    number: u64,
) -> Result<Option<Build>, DbError> {
    let row = tx.query_first(
        &select("b.repository_id = $1 AND b.number = $2"),
        params![repository, number],
    )?;
    row.map(read_build).transpose()
}

/// Everything needed to run a build.
pub fn load_spec(tx: &mut Tx<'_>, id: BuildId) -> Result<Option<BuildSpec>, DbError> {
    let row = tx.query_first("SELECT spec FROM builds WHERE id = $1", params![id])?;
    row.map(|mut row| read_json(&row.take::<String>(0)?))
        .transpose()
}

/// Notes where a build's log is.
pub fn set_log(tx: &mut Tx<'_>, id: BuildId, log: LogState) -> Result<(), DbError> {
    tx.execute("UPDATE builds SET log = $2 WHERE id = $1", params![id, log])
        .map(drop)
}

/// Builds that ended before `before` and whose logs are still kept, at most `limit`.
pub fn list_expired_logs(
    tx: &mut Tx<'_>,
    before: Timestamp,
    limit: usize,
) -> Result<Vec<BuildId>, DbError> {
    let rows = tx.query(
        "SELECT id FROM builds WHERE log = 'kept' AND ended_at < $1 ORDER BY ended_at LIMIT $2",
        params![before, limit],
    )?;
    rows.into_iter().map(|mut row| row.take(0)).collect()
}

/// Whether a newer build of a branch of the same repository succeeded.
pub fn has_newer(tx: &mut Tx<'_>, build: &Build) -> Result<bool, DbError> {
    let row = tx.query_first(
        "SELECT 1 FROM builds WHERE repository_id = $1 AND number > $2 AND rank > $2 AND state = 'succeeded'
            AND ref LIKE 'refs/heads/%' AND id <> $3 LIMIT 1",
        params![build.repository, build.rank, build.id],
    )?;
    Ok(row.is_some())
}

/// Whether a build exists: files of those that do not are swept.
pub fn exists(tx: &mut Tx<'_>, id: BuildId) -> Result<bool, DbError> {
    let row = tx.query_first("SELECT 1 FROM builds WHERE id = $1", params![id])?;
    Ok(row.is_some())
}
