//! The queue, and who runs what: a build is begun by one server, which says again and again that it is still at it.

use super::{
    record::{Build, find_build, read_build, select},
    statuses::follow_status,
    stop::record_state,
};
use crate::{DbError, Tx, params};
use std::{collections::HashMap, time::Duration};
use wharf_model::{
    BuildId, NamespaceId, Timestamp,
    builds::{BuildPhase, BuildState, Queue, Running, Waiting},
};

/// The right to run a build and to change its record, for as long as nobody took it over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Claim {
    /// Which.
    pub build: BuildId,
    /// Every change names it; one of a server that lost the build changes nothing.
    pub fence: i64,
}

/// How many past builds say how long one of a repository takes.
const PAST: i64 = 10;

/// The queue as it is.
pub fn load_queue(tx: &mut Tx<'_>) -> Result<Queue, DbError> {
    let rows = tx.query(
        "SELECT id, namespace_id, repository_id, state, started_at, number FROM builds
         WHERE state IN ('queued', 'running') ORDER BY id",
        &[],
    )?;
    let (mut queue, mut waiting) = (Queue::default(), Vec::new());
    let mut usual: HashMap<String, Option<Duration>> = HashMap::new();
    for mut row in rows {
        let repository: String = row.take(2)?;
        let took = match usual.get(&repository) {
            Some(known) => *known,
            None => {
                let found = find_usual(tx, &repository)?;
                usual.insert(repository.clone(), found);
                found
            }
        };
        let namespace = row.take(1)?;
        match row.take(3)? {
            BuildState::Queued => {
                let one = Waiting {
                    build: row.take(0)?,
                    namespace,
                    usual: took,
                };
                waiting.push((repository, row.take(5)?, one));
            }
            _ => queue.running.push(Running {
                namespace,
                since: row
                    .take::<Option<Timestamp>>(4)?
                    .unwrap_or(Timestamp::from_micros(0)),
                usual: took,
            }),
        }
    }
    queue.waiting = put_in_order(waiting);
    let namespaces: std::collections::BTreeSet<NamespaceId> =
        queue.waiting.iter().map(|it| it.namespace).collect();
    for namespace in namespaces {
        let row = tx.query_first(
            "SELECT MAX(started_at) FROM builds WHERE namespace_id = $1 AND started_at IS NOT NULL",
            params![namespace],
        )?;
        let last: Option<Timestamp> = row.map_or(Ok(None), |mut row| row.take(0))?;
        queue.last_turn.extend(last.map(|at| (namespace, at)));
    }
    Ok(queue)
}

/// Builds in the order of their ids, which a clock made, and those of a repository among each other by number: a clock may
/// be set back between two of them.
fn put_in_order(waiting: Vec<(String, u64, Waiting)>) -> Vec<Waiting> {
    let mut lines: HashMap<&str, Vec<(u64, Waiting)>> = HashMap::new();
    for (repository, number, one) in &waiting {
        lines.entry(repository).or_default().push((*number, *one));
    }
    for line in lines.values_mut() {
        line.sort_by_key(|(number, _)| std::cmp::Reverse(*number));
    }
    let mut next = |repository: &str| lines.get_mut(repository)?.pop();
    let places = waiting.iter();
    places
        .filter_map(|(repository, _, _)| next(repository))
        .map(|(_, one)| one)
        .collect()
}

/// How long builds of a repository took lately.
fn find_usual(tx: &mut Tx<'_>, repository: &str) -> Result<Option<Duration>, DbError> {
    let row = tx.query_first(
        "SELECT CAST(AVG(took) AS BIGINT) FROM (SELECT ended_at - started_at AS took FROM builds
            WHERE repository_id = $1 AND state = 'succeeded' ORDER BY id DESC LIMIT $2) past",
        params![repository, PAST],
    )?;
    let average: Option<i64> = row.map_or(Ok(None), |mut row| row.take(0))?;
    Ok(average.map(|micros| Duration::from_micros(micros.max(0).unsigned_abs())))
}

/// Takes a waiting build: it runs from now on, under `owner`, for as long as its lease is renewed. `None` when somebody
/// else was quicker or it no longer waits.
pub fn claim_build(
    tx: &mut Tx<'_>,
    id: BuildId,
    owner: &str,
    now: Timestamp,
) -> Result<Option<(Claim, Build)>, DbError> {
    let claimed = tx.execute(
        "UPDATE builds SET state = $2, phase = $3, attempt = attempt + 1, fence = fence + 1, started_at = $4,
            lease_owner = $5, lease_beat = 0, reason = NULL, detail = NULL, hint = NULL
         WHERE id = $1 AND state = 'queued'",
        params![id, BuildState::Running, BuildPhase::Starting, now, owner],
    )?;
    if claimed != 1 {
        return Ok(None);
    }
    let Some(build) = find_build(tx, id)? else {
        return Ok(None);
    };
    // An attempt that was given back counts once.
    tx.execute(
        "DELETE FROM build_phases WHERE build_id = $1 AND attempt = $2",
        params![id, build.attempt],
    )?;
    record_state(tx, &build, now)?;
    follow_status(tx, id, BuildState::Running, now)?;
    let claim = Claim {
        build: id,
        fence: build.fence,
    };
    Ok(Some((claim, build)))
}

/// Says that the server is still at it. Answers whether the build is still its own.
pub fn renew_lease(tx: &mut Tx<'_>, claim: Claim) -> Result<bool, DbError> {
    let renewed = tx.execute(
        "UPDATE builds SET lease_beat = lease_beat + 1 WHERE id = $1 AND fence = $2 AND state = 'running'",
        params![claim.build, claim.fence],
    )?;
    Ok(renewed == 1)
}

/// Running builds, each with how often its lease was renewed.
pub fn list_leases(tx: &mut Tx<'_>) -> Result<Vec<(Claim, i64)>, DbError> {
    let rows = tx.query(
        "SELECT id, fence, COALESCE(lease_beat, 0) FROM builds WHERE state = 'running' ORDER BY id",
        &[],
    )?;
    rows.into_iter()
        .map(|mut row| {
            let claim = Claim {
                build: row.take(0)?,
                fence: row.take(1)?,
            };
            Ok((claim, row.take(2)?))
        })
        .collect()
}

/// Running builds of servers whose names begin so.
pub fn list_owned_builds(tx: &mut Tx<'_>, owner_prefix: &str) -> Result<Vec<Build>, DbError> {
    let rows = tx.query(
        &select("b.state = 'running' AND b.lease_owner LIKE CAST($1 AS TEXT) || '%' ORDER BY b.id"),
        params![owner_prefix],
    )?;
    rows.into_iter().map(read_build).collect()
}

/// Puts a build whose server died back into the queue, at its old place.
pub fn release_build(tx: &mut Tx<'_>, claim: Claim) -> Result<bool, DbError> {
    let released = tx.execute(
        "UPDATE builds SET state = $3, phase = $4, fence = fence + 1, lease_owner = NULL, lease_beat = NULL
         WHERE id = $1 AND fence = $2 AND state = 'running'",
        params![
            claim.build,
            claim.fence,
            BuildState::Queued,
            BuildPhase::Queued
        ],
    )?;
    Ok(released == 1)
}

/// Puts everything back into the queue that `owner` is at, as if it had not begun.
pub fn release_owned(tx: &mut Tx<'_>, owner: &str) -> Result<(), DbError> {
    tx.execute(
        "UPDATE builds SET state = $2, phase = $3, fence = fence + 1, attempt = attempt - 1, lease_owner = NULL,
            lease_beat = NULL
         WHERE lease_owner = $1 AND state = 'running' AND stop IS NULL",
        params![owner, BuildState::Queued, BuildPhase::Queued],
    )
    .map(drop)
}

/// Notes where a running build is.
pub fn note_phase(tx: &mut Tx<'_>, claim: Claim, phase: BuildPhase) -> Result<bool, DbError> {
    let noted = tx.execute(
        "UPDATE builds SET phase = $3 WHERE id = $1 AND fence = $2 AND state = 'running'",
        params![claim.build, claim.fence, phase],
    )?;
    Ok(noted == 1)
}

/// Says at every waiting build what keeps it from being begun; `None` when nothing does any more.
pub fn explain_waiting(
    tx: &mut Tx<'_>,
    reason: Option<&str>,
    detail: Option<&str>,
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE builds SET reason = CAST($1 AS TEXT), detail = CAST($2 AS TEXT) WHERE state = 'queued'
         AND COALESCE(reason, '') <> COALESCE(CAST($1 AS TEXT), '')",
        params![reason, detail],
    )
    .map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn builds_of_a_repository_wait_by_number_in_the_places_that_their_times_give_them() {
        let one = |repository: &str, number| {
            let waiting = Waiting {
                build: BuildId::new(),
                namespace: NamespaceId::new(),
                usual: None,
            };
            (repository.to_owned(), number, waiting)
        };
        // The clock was set back before the second and third of `a`.
        let rows = vec![one("a", 8), one("a", 9), one("b", 3), one("a", 7)];
        let builds: Vec<_> = rows.iter().map(|(_, _, it)| it.build).collect();
        let order: Vec<_> = put_in_order(rows).iter().map(|it| it.build).collect();
        assert_eq!(order, [builds[3], builds[0], builds[2], builds[1]]);
    }
}
