//! Further registries: each with its own state, tried again later and later, never losing the local image.

use super::{
    columns::{read_json, write_json},
    record::{Build, read_tags, write_tags},
};
use crate::{
    DbError, Row, Tx,
    full_hosts::{leave_out, with_hosts},
    params,
};
use std::collections::HashSet;
use wharf_model::{
    BuildId, BuildPushId, NamespaceId, Timestamp,
    builds::{PushState, PushTarget, RefName},
};
use wharf_oci::Tag;

/// A further registry of a build.
#[derive(Debug, Clone)]
pub struct PushRow {
    /// The delivery.
    pub id: BuildPushId,
    /// Of which build.
    pub build: BuildId,
    /// `HOST/PATH`.
    pub image: String,
    /// Its tags there; empty means the build's own.
    pub tags: Vec<String>,
    /// Those that a newer build brought there, or will.
    pub overtaken: Vec<Tag>,
    /// How it stands.
    pub state: PushState,
    /// How often it was tried.
    pub attempts: u32,
    /// Why it last failed.
    pub error: Option<String>,
    /// When it is tried next.
    pub next_at: Option<Timestamp>,
    /// When it succeeded or was given up.
    pub ended_at: Option<Timestamp>,
}

/// Notes where a build's image is to go as well, once it is there.
pub(super) fn insert_pushes(
    tx: &mut Tx<'_>,
    build: BuildId,
    targets: &[PushTarget],
) -> Result<(), DbError> {
    for (position, target) in targets.iter().enumerate() {
        tx.execute(
            "INSERT INTO build_pushes (id, build_id, position, image, tags, state, attempts)
             VALUES ($1, $2, $3, $4, $5, $6, 0)",
            params![
                BuildPushId::new(),
                build,
                position,
                target.image,
                write_json(&target.tags)?,
                PushState::Waiting
            ],
        )?;
    }
    Ok(())
}

/// Lets the deliveries of a build begin.
pub(super) fn start_pushes(tx: &mut Tx<'_>, build: BuildId, at: Timestamp) -> Result<(), DbError> {
    tx.execute(
        "UPDATE build_pushes SET next_at = $2 WHERE build_id = $1 AND state = 'waiting'",
        params![build, at],
    )
    .map(drop)
}

const COLUMNS: &str =
    "id, build_id, image, tags, state, attempts, error, next_at, ended_at, overtaken";

/// The same of a delivery that is due, and whose build it is.
const DUE_COLUMNS: &str =
    "p.id, p.build_id, p.image, p.tags, p.state, p.attempts, p.error, p.next_at, p.ended_at,
    p.overtaken, b.namespace_id";

fn read_push(mut row: Row) -> Result<PushRow, DbError> {
    Ok(PushRow {
        id: row.take(0)?,
        build: row.take(1)?,
        image: row.take(2)?,
        tags: read_json(&row.take::<String>(3)?)?,
        state: row.take(4)?,
        attempts: row.take(5)?,
        error: row.take(6)?,
        next_at: row.take(7)?,
        ended_at: row.take(8)?,
        overtaken: read_tags(&row.take::<String>(9)?)?,
    })
}

/// The further registries of a build.
pub fn list_pushes(tx: &mut Tx<'_>, build: BuildId) -> Result<Vec<PushRow>, DbError> {
    let rows = tx.query(
        &format!("SELECT {COLUMNS} FROM build_pushes WHERE build_id = $1 ORDER BY position"),
        params![build],
    )?;
    rows.into_iter().map(read_push).collect()
}

/// Deliveries that are due, at most `limit`, but for those to registries that are `full` and of namespaces that are `busy`;
/// each with its build's namespace. Of a namespace one goes to an image at a time, so that the newest is the last.
pub fn list_due_pushes(
    tx: &mut Tx<'_>,
    now: Timestamp,
    full: &[String],
    busy: &[NamespaceId],
    limit: usize,
) -> Result<Vec<(NamespaceId, PushRow)>, DbError> {
    let left_out: String = (3..3 + full.len())
        .map(|number| format!(" AND substr(p.image, 1, length(CAST(${number} AS TEXT)) + 1) <> CAST(${number} AS TEXT) || '/'"))
        .collect();
    let mut others = full.to_vec();
    others.extend(busy.iter().map(NamespaceId::to_string));
    let of_others = leave_out("b.namespace_id", 3 + full.len(), &others[full.len()..]);
    let rows = tx.query(
        &format!(
            "SELECT {DUE_COLUMNS} FROM build_pushes p JOIN builds b ON b.id = p.build_id
             WHERE p.next_at <= $1 AND p.state = 'waiting'{left_out}{of_others}
                AND NOT EXISTS (SELECT 1 FROM build_pushes o JOIN builds ob ON ob.id = o.build_id
                    WHERE o.image = p.image AND o.state = 'running' AND ob.namespace_id = b.namespace_id)
             ORDER BY p.next_at LIMIT $2"
        ),
        &with_hosts(params![now, limit], &others),
    )?;
    rows.into_iter()
        .map(|mut row| {
            let namespace = row.take(10)?;
            Ok((namespace, read_push(row)?))
        })
        .collect()
}

/// Takes a delivery that waits. Answers whether nobody else did.
pub fn claim_push(tx: &mut Tx<'_>, id: BuildPushId) -> Result<bool, DbError> {
    let claimed = tx.execute(
        "UPDATE build_pushes SET state = 'running', attempts = attempts + 1 WHERE id = $1 AND state = 'waiting'",
        params![id],
    )?;
    Ok(claimed == 1)
}

/// Those of `tags` that a newer build of the same repository brought to this image, or will: this build leaves them alone.
/// What was given up counts as not brought.
pub fn list_overtaken_at(
    tx: &mut Tx<'_>,
    build: &Build,
    image: &str,
    tags: &[Tag],
) -> Result<Vec<Tag>, DbError> {
    let rule = build.rule.as_ref().and_then(|rule| rule.id);
    let rule = rule.map(|rule| rule.to_string()).unwrap_or_default();
    let reference = build.reference.as_ref().map_or("", RefName::as_str);
    let rows = tx.query(
        "SELECT p.tags, b.tags FROM builds b JOIN build_pushes p ON p.build_id = b.id
         WHERE b.repository_id = $1 AND b.number > $2 AND b.state = 'succeeded' AND p.image = $3 AND p.state <> 'failed'
            AND CASE WHEN COALESCE(b.rule_id, '') = $4 AND COALESCE(b.ref, '') = $5 THEN b.number > $6
                ELSE b.rank > $2 END",
        params![
            build.repository,
            build.rank,
            image,
            rule,
            reference,
            build.number
        ],
    )?;
    let mut newer = HashSet::new();
    for mut row in rows {
        let own: Vec<String> = read_json(&row.take::<String>(0)?)?;
        match own.is_empty() {
            true => newer.extend(read_tags(&row.take::<String>(1)?)?),
            false => newer.extend(own.iter().filter_map(|tag| tag.parse().ok())),
        }
    }
    Ok(tags
        .iter()
        .filter(|tag| newer.contains(*tag))
        .cloned()
        .collect())
}

/// Notes which tags newer builds bring; with `all` nothing is left, and the delivery is over.
pub fn note_overtaken(
    tx: &mut Tx<'_>,
    id: BuildPushId,
    overtaken: &[Tag],
    all: bool,
    at: Timestamp,
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE build_pushes SET overtaken = $2 WHERE id = $1 AND state = 'running'",
        params![id, write_tags(overtaken)?],
    )?;
    if all {
        tx.execute(
            "UPDATE build_pushes SET state = $2, error = NULL, next_at = NULL, ended_at = $3
             WHERE id = $1 AND state = 'running'",
            params![id, PushState::Overtaken, at],
        )?;
    }
    Ok(())
}

/// Notes what became of a delivery: there, to be tried again at `next_at`, or given up.
pub fn end_push(
    tx: &mut Tx<'_>,
    id: BuildPushId,
    error: Option<&str>,
    next_at: Option<Timestamp>,
    at: Timestamp,
) -> Result<(), DbError> {
    let state = match (error, next_at) {
        (None, _) => PushState::Succeeded,
        (Some(_), Some(_)) => PushState::Waiting,
        (Some(_), None) => PushState::Failed,
    };
    let ended = (state != PushState::Waiting).then_some(at);
    tx.execute(
        "UPDATE build_pushes SET state = $2, error = $3, next_at = $4, ended_at = $5 WHERE id = $1 AND state = 'running'",
        params![id, state, error, next_at, ended],
    )
    .map(drop)
}

/// Tries a delivery again, from the first attempt on. Answers whether it was one that failed or waits.
pub fn reset_push(
    tx: &mut Tx<'_>,
    build: BuildId,
    id: BuildPushId,
    at: Timestamp,
) -> Result<bool, DbError> {
    let reset = tx.execute(
        "UPDATE build_pushes SET state = 'waiting', attempts = 0, next_at = $3, ended_at = NULL
         WHERE id = $1 AND build_id = $2 AND state IN ('waiting', 'failed')",
        params![id, build, at],
    )?;
    Ok(reset == 1)
}

/// Deliveries that a server which is gone was at begin again.
pub fn reset_running_pushes(tx: &mut Tx<'_>, at: Timestamp) -> Result<(), DbError> {
    tx.execute(
        "UPDATE build_pushes SET state = 'waiting', next_at = $1 WHERE state = 'running'",
        params![at],
    )
    .map(drop)
}
