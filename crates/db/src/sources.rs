//! Accounts of people on code hosts. Tokens and keys are in `secrets`; functions for people take the owner, so that nobody
//! reaches another's, and those for rules and builds take the id alone.

use crate::{DbError, Row, Tx, params};
use wharf_model::{
    HostKeyOrigin, SourceAddress, SourceId, SourceKind, SourceMethod, Timestamp, UserId, Username,
};

/// The table's name, as secrets are bound to it.
pub const TABLE: &str = "sources";

/// An account on a code host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The id.
    pub id: SourceId,
    /// Whose it is.
    pub owner: UserId,
    /// The owner's login name.
    pub owner_name: Username,
    /// Whether the owner may not sign in: then nothing uses the source.
    pub owner_disabled: bool,
    /// What software the host runs.
    pub kind: SourceKind,
    /// Where it is.
    pub address: SourceAddress,
    /// Who the host says it is; for plain git the user name.
    pub account: String,
    /// How wharf signs in.
    pub method: SourceMethod,
    /// PEM: authorities that are believed for this host beside the system's.
    pub ca: Option<String>,
    /// Lines of known_hosts.
    pub host_keys: Option<String>,
    /// Where those are from.
    pub host_keys_origin: Option<HostKeyOrigin>,
    /// The public part of the deploy key.
    pub public_key: Option<String>,
    /// What is wrong with it; none when it works.
    pub problem: Option<String>,
    /// The cause, in a sentence.
    pub problem_detail: String,
    /// Since when it is as it is.
    pub state_since: Timestamp,
    /// When the host was last asked.
    pub checked_at: Option<Timestamp>,
    /// When the token ends by itself; then there is a secret to renew it with.
    pub token_expires_at: Option<Timestamp>,
    /// When it was connected.
    pub created_at: Timestamp,
}

const SELECT: &str = "SELECT s.id, s.user_id, u.username, u.disabled, s.kind, s.address, s.account,
    s.method, s.ca, s.host_keys, s.host_keys_origin, s.public_key, s.problem, s.problem_detail,
    s.state_since, s.checked_at, s.token_expires_at, s.created_at
    FROM sources s JOIN users u ON u.id = s.user_id";

fn read_source(mut row: Row) -> Result<Source, DbError> {
    Ok(Source {
        id: row.take(0)?,
        owner: row.take(1)?,
        owner_name: row.take(2)?,
        owner_disabled: row.take(3)?,
        kind: row.take(4)?,
        address: row.take(5)?,
        account: row.take(6)?,
        method: row.take(7)?,
        ca: row.take(8)?,
        host_keys: row.take(9)?,
        host_keys_origin: row.take(10)?,
        public_key: row.take(11)?,
        problem: row.take(12)?,
        problem_detail: row.take(13)?,
        state_since: row.take(14)?,
        checked_at: row.take(15)?,
        token_expires_at: row.take(16)?,
        created_at: row.take(17)?,
    })
}

/// The owner's sources in the order in which they were connected, after `after`.
pub fn list_sources(
    tx: &mut Tx<'_>,
    owner: UserId,
    after: &str,
    limit: usize,
) -> Result<Vec<Source>, DbError> {
    let rows = tx.query(
        &format!("{SELECT} WHERE s.user_id = $1 AND s.id > $2 ORDER BY s.id LIMIT $3"),
        params![owner, after, limit],
    )?;
    rows.into_iter().map(read_source).collect()
}

/// One of the owner's sources.
pub fn find_own_source(
    tx: &mut Tx<'_>,
    owner: UserId,
    id: SourceId,
) -> Result<Option<Source>, DbError> {
    let row = tx.query_first(
        &format!("{SELECT} WHERE s.user_id = $1 AND s.id = $2"),
        params![owner, id],
    )?;
    row.map(read_source).transpose()
}

/// The owner's source at exactly this address.
pub fn find_source_at(
    tx: &mut Tx<'_>,
    owner: UserId,
    kind: SourceKind,
    address: &SourceAddress,
) -> Result<Option<Source>, DbError> {
    let row = tx.query_first(
        &format!("{SELECT} WHERE s.user_id = $1 AND s.kind = $2 AND s.address = $3"),
        params![owner, kind, address],
    )?;
    row.map(read_source).transpose()
}

/// A source, whoever owns it: for rules and builds that use it.
pub fn find_source(tx: &mut Tx<'_>, id: SourceId) -> Result<Option<Source>, DbError> {
    let row = tx.query_first(&format!("{SELECT} WHERE s.id = $1"), params![id])?;
    row.map(read_source).transpose()
}

/// How many sources a person has.
pub fn count_sources(tx: &mut Tx<'_>, owner: UserId) -> Result<u64, DbError> {
    let row = tx.query_first(
        "SELECT COUNT(*) FROM sources WHERE user_id = $1",
        params![owner],
    )?;
    row.map_or(Ok(0), |mut row| row.take(0))
}

/// Where the owner's other accounts on hosts of this kind are.
fn list_other_addresses(tx: &mut Tx<'_>, source: &Source) -> Result<Vec<SourceAddress>, DbError> {
    let rows = tx.query(
        "SELECT address FROM sources WHERE user_id = $1 AND kind = $2 AND id <> $3",
        params![source.owner, source.kind, source.id],
    )?;
    rows.into_iter().map(|mut row| row.take(0)).collect()
}

/// Keeps a source; answers whether its owner had none of this kind on the same server.
pub fn insert_source(tx: &mut Tx<'_>, new: &Source) -> Result<bool, DbError> {
    let others = list_other_addresses(tx, new)?;
    if others
        .iter()
        .any(|other| other.is_same_server(&new.address))
    {
        return Ok(false);
    }
    let made = tx.execute(
        "INSERT INTO sources (id, user_id, kind, address, account, method, ca, host_keys, host_keys_origin,
            public_key, problem, problem_detail, state_since, checked_at, token_expires_at, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
         ON CONFLICT (user_id, kind, address) DO NOTHING",
        params![
            new.id,
            new.owner,
            new.kind,
            new.address,
            new.account,
            new.method,
            new.ca,
            new.host_keys,
            new.host_keys_origin,
            new.public_key,
            new.problem,
            new.problem_detail,
            new.state_since,
            new.checked_at,
            new.token_expires_at,
            new.created_at
        ],
    )?;
    Ok(made == 1)
}

/// Writes everything of a source that an edit may change, so `source` is made of the row that this transaction read; answers whether its owner has no other on the same server.
pub fn replace_source(tx: &mut Tx<'_>, source: &Source) -> Result<bool, DbError> {
    let before = find_source(tx, source.id)?.map(|before| before.address);
    // Two that were there before this was a rule stay usable where they are.
    let stays = before.is_some_and(|before| before.is_same_server(&source.address));
    let others = list_other_addresses(tx, source)?;
    let is_taken = |other: &SourceAddress| match stays {
        true => *other == source.address,
        false => other.is_same_server(&source.address),
    };
    if others.iter().any(is_taken) {
        return Ok(false);
    }
    tx.execute(
        "UPDATE sources SET address = $2, account = $3, method = $4, ca = $5, host_keys = $6,
            host_keys_origin = $7, public_key = $8, problem = $9, problem_detail = $10, state_since = $11,
            checked_at = $12, token_expires_at = $13
         WHERE id = $1",
        params![
            source.id,
            source.address,
            source.account,
            source.method,
            source.ca,
            source.host_keys,
            source.host_keys_origin,
            source.public_key,
            source.problem,
            source.problem_detail,
            source.state_since,
            source.checked_at,
            source.token_expires_at
        ],
    )?;
    Ok(true)
}

/// Notes how a source was found; since when it is so changes only when it is another state than before.
pub fn record_state(
    tx: &mut Tx<'_>,
    id: SourceId,
    problem: Option<&str>,
    detail: &str,
    now: Timestamp,
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE sources SET
            state_since = CASE WHEN COALESCE(problem, '') = COALESCE(CAST($2 AS TEXT), '') THEN state_since ELSE $4 END,
            problem = $2, problem_detail = $3, checked_at = $4
         WHERE id = $1",
        params![id, problem, detail, now],
    )
    .map(drop)
}

/// Notes when the renewed token ends.
pub fn record_renewal(
    tx: &mut Tx<'_>,
    id: SourceId,
    token_expires_at: Option<Timestamp>,
) -> Result<bool, DbError> {
    let changed = tx.execute(
        "UPDATE sources SET token_expires_at = $2 WHERE id = $1",
        params![id, token_expires_at],
    )?;
    Ok(changed == 1)
}

/// Pins the host keys that a server showed, unless there are some already; answers whether they were pinned.
pub fn pin_host_keys(tx: &mut Tx<'_>, id: SourceId, keys: &str) -> Result<bool, DbError> {
    let pinned = tx.execute(
        "UPDATE sources SET host_keys = $2, host_keys_origin = $3 WHERE id = $1 AND host_keys IS NULL",
        params![id, keys, HostKeyOrigin::Pinned],
    )?;
    Ok(pinned == 1)
}

/// Removes a source with its webhooks' rows and its secrets. What those are at the host is the caller's business.
pub fn delete_source(tx: &mut Tx<'_>, id: SourceId) -> Result<bool, DbError> {
    crate::secrets::forget_secrets(tx, TABLE, id)?;
    let removed = tx.execute("DELETE FROM sources WHERE id = $1", params![id])?;
    Ok(removed == 1)
}

/// The sources of a person, as their ids.
pub fn list_ids(tx: &mut Tx<'_>, owner: UserId) -> Result<Vec<SourceId>, DbError> {
    let rows = tx.query(
        "SELECT id FROM sources WHERE user_id = $1 ORDER BY id",
        params![owner],
    )?;
    rows.into_iter().map(|mut row| row.take(0)).collect()
}

/// A rule that uses a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// The image repository that it builds.
    pub repository: String,
    /// The rule's name there.
    pub rule: String,
    /// The repository on the code host.
    pub remote: String,
}

/// The rules that use a source, by repository and name.
pub fn list_uses(tx: &mut Tx<'_>, id: SourceId) -> Result<Vec<Use>, DbError> {
    let rows = tx.query(
        "SELECT p.name, r.name, r.remote FROM rules r JOIN repositories p ON p.id = r.repository_id
         WHERE r.source_id = $1 ORDER BY p.name, r.name",
        params![id],
    )?;
    rows.into_iter()
        .map(|mut row| {
            Ok(Use {
                repository: row.take(0)?,
                rule: row.take(1)?,
                remote: row.take(2)?,
            })
        })
        .collect()
}
