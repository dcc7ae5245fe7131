//! How remote repositories tell us of pushes: one row for each repository of a source, whatever number of rules use it.
//! The secret that deliveries are signed with is in `secrets`.

use crate::{
    DbError, FromValue, Row, ToValue, Tx, Value,
    full_hosts::{leave_out, with_hosts},
    params,
};
use std::{fmt, str::FromStr};
use wharf_model::{RemotePath, SourceId, SourceKind, Timestamp, WebhookId};

/// The table's name, as secrets are bound to it.
pub const TABLE: &str = "webhooks";

/// How far a webhook has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebhookState {
    /// To be registered.
    Pending,
    /// The host delivers.
    Active,
    /// The host cannot reach us, so the repository is asked instead.
    Polling,
    /// Registering or delivering fails; the repository is asked meanwhile.
    Failing,
    /// Somebody may put one line into the repository's own hook.
    Manual,
}

impl WebhookState {
    const ALL: [Self; 5] = [
        Self::Pending,
        Self::Active,
        Self::Polling,
        Self::Failing,
        Self::Manual,
    ];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Polling => "polling",
            Self::Failing => "failing",
            Self::Manual => "manual",
        }
    }
}

impl fmt::Display for WebhookState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for WebhookState {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or(())
    }
}

impl ToValue for WebhookState {
    fn to_value(&self) -> Value<'_> {
        Value::Text(self.as_str().into())
    }
}

impl FromValue for WebhookState {
    fn from_value(value: Value<'static>) -> Option<Self> {
        String::from_value(value)?.parse().ok()
    }
}

/// A webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// The id, which is part of its URL.
    pub id: WebhookId,
    /// The account that registers it.
    pub source: SourceId,
    /// What software the host runs.
    pub kind: SourceKind,
    /// The repository there.
    pub remote: RemotePath,
    /// What the host calls it; none while it is not registered.
    pub host_id: Option<String>,
    /// Where the host was told to deliver.
    pub url: Option<String>,
    /// How far it has come.
    pub state: WebhookState,
    /// Why it is polling or failing, a word.
    pub problem: Option<String>,
    /// The cause, in a sentence.
    pub problem_detail: String,
    /// Since when it is as it is.
    pub state_since: Timestamp,
    /// When the host was last asked about it.
    pub checked_at: Option<Timestamp>,
    /// When the host is asked again.
    pub next_at: Timestamp,
    /// Failures in a row.
    pub attempts: u64,
    /// Deliveries with a wrong signature.
    pub rejected_count: u64,
    /// The last of them.
    pub rejected_at: Option<Timestamp>,
    /// The last delivery that was right.
    pub delivered_at: Option<Timestamp>,
    /// When something was last found that it had not told.
    pub missed_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
}

const SELECT: &str =
    "SELECT id, source_id, kind, remote, host_id, url, state, problem, problem_detail, state_since,
    checked_at, next_at, attempts, rejected_count, rejected_at, delivered_at, created_at, missed_at
    FROM webhooks";

fn read_webhook(mut row: Row) -> Result<Webhook, DbError> {
    Ok(Webhook {
        id: row.take(0)?,
        source: row.take(1)?,
        kind: row.take(2)?,
        remote: row.take(3)?,
        host_id: row.take(4)?,
        url: row.take(5)?,
        state: row.take(6)?,
        problem: row.take(7)?,
        problem_detail: row.take(8)?,
        state_since: row.take(9)?,
        checked_at: row.take(10)?,
        next_at: row.take(11)?,
        attempts: row.take(12)?,
        rejected_count: row.take(13)?,
        rejected_at: row.take(14)?,
        delivered_at: row.take(15)?,
        created_at: row.take(16)?,
        missed_at: row.take(17)?,
    })
}

impl Webhook {
    /// Whether the host tells us of pushes, as far as we know: it did, and nothing has been missed since. That it is
    /// registered says little: not every host tells how its deliveries went.
    pub fn tells(&self) -> bool {
        self.state == WebhookState::Active && self.delivered_at > self.missed_at
    }
}

/// The webhook of a remote repository; it is made when there is none. The second value tells whether it was.
pub fn find_or_insert_webhook(tx: &mut Tx<'_>, new: &Webhook) -> Result<(Webhook, bool), DbError> {
    let made = tx.execute(
        "INSERT INTO webhooks (id, source_id, kind, remote, state, problem_detail, state_since, next_at, attempts,
            rejected_count, created_at)
         VALUES ($1, $2, $3, $4, $5, '', $6, $7, 0, 0, $6) ON CONFLICT (source_id, remote) DO NOTHING",
        params![
            new.id,
            new.source,
            new.kind,
            new.remote,
            new.state,
            new.created_at,
            new.next_at
        ],
    )?;
    let found = find_by_remote(tx, new.source, &new.remote)?;
    Ok((found.unwrap_or_else(|| new.clone()), made == 1))
}

/// A webhook by its id.
pub fn find_webhook(tx: &mut Tx<'_>, id: WebhookId) -> Result<Option<Webhook>, DbError> {
    let row = tx.query_first(&format!("{SELECT} WHERE id = $1"), params![id])?;
    row.map(read_webhook).transpose()
}

/// The webhook of a remote repository.
pub fn find_by_remote(
    tx: &mut Tx<'_>,
    source: SourceId,
    remote: &RemotePath,
) -> Result<Option<Webhook>, DbError> {
    let row = tx.query_first(
        &format!("{SELECT} WHERE source_id = $1 AND remote = $2"),
        params![source, remote],
    )?;
    row.map(read_webhook).transpose()
}

/// The webhooks of a source by repository, after `after`.
pub fn list_webhooks(
    tx: &mut Tx<'_>,
    source: SourceId,
    after: &str,
    limit: usize,
) -> Result<Vec<Webhook>, DbError> {
    let rows = tx.query(
        &format!("{SELECT} WHERE source_id = $1 AND remote > $2 ORDER BY remote LIMIT $3"),
        params![source, after, limit],
    )?;
    rows.into_iter().map(read_webhook).collect()
}

/// All webhooks of a source: few enough to be walked over when it goes.
pub fn list_all_of_source(tx: &mut Tx<'_>, source: SourceId) -> Result<Vec<Webhook>, DbError> {
    let rows = tx.query(
        &format!("{SELECT} WHERE source_id = $1 ORDER BY remote"),
        params![source],
    )?;
    rows.into_iter().map(read_webhook).collect()
}

/// Webhooks of repositories that no rule builds from.
pub fn list_unused_webhooks(tx: &mut Tx<'_>) -> Result<Vec<Webhook>, DbError> {
    let rows = tx.query(
        &format!(
            "{SELECT} WHERE NOT EXISTS (
                SELECT 1 FROM rules r WHERE r.source_id = webhooks.source_id AND r.remote = webhooks.remote)"
        ),
        params![],
    )?;
    rows.into_iter().map(read_webhook).collect()
}

/// The webhooks that are to be looked after by `now`, the longest waiting first, but for those of hosts that are `full`;
/// each with its host's address.
pub fn list_due_webhooks(
    tx: &mut Tx<'_>,
    now: Timestamp,
    full: &[String],
    limit: usize,
) -> Result<Vec<(String, Webhook)>, DbError> {
    let address = "(SELECT s.address FROM sources s WHERE s.id = webhooks.source_id)";
    let left_out = leave_out(address, 3, full);
    let rows = tx.query(
        &format!("SELECT id, {address} FROM webhooks WHERE next_at <= $1{left_out} ORDER BY next_at, id LIMIT $2"),
        &with_hosts(params![now, limit], full),
    )?;
    let mut due = Vec::new();
    for mut row in rows {
        let (id, address): (WebhookId, String) = (row.take(0)?, row.take(1)?);
        due.extend(find_webhook(tx, id)?.map(|webhook| (address, webhook)));
    }
    Ok(due)
}

/// Takes the turn to look after a webhook, until `next`; answers whether nobody else has it.
pub fn claim_webhook(
    tx: &mut Tx<'_>,
    id: WebhookId,
    seen: Timestamp,
    next: Timestamp,
) -> Result<bool, DbError> {
    let claimed = tx.execute(
        "UPDATE webhooks SET next_at = $3 WHERE id = $1 AND next_at = $2",
        params![id, seen, next],
    )?;
    Ok(claimed == 1)
}

/// Notes that the webhook of a repository did not tell something, and has it looked after soon, when it is said to work;
/// answers whether that is new.
pub fn doubt_webhook(
    tx: &mut Tx<'_>,
    source: SourceId,
    remote: &RemotePath,
    now: Timestamp,
) -> Result<bool, DbError> {
    tx.execute(
        "UPDATE webhooks SET missed_at = $3 WHERE source_id = $1 AND remote = $2",
        params![source, remote, now],
    )?;
    let doubted = tx.execute(
        "UPDATE webhooks SET next_at = $4 WHERE source_id = $1 AND remote = $2 AND state = $3 AND next_at > $4",
        params![source, remote, WebhookState::Active, now],
    )?;
    Ok(doubted == 1)
}

/// Has all webhooks of an account looked after soon.
pub fn hurry_webhooks(tx: &mut Tx<'_>, source: SourceId, now: Timestamp) -> Result<(), DbError> {
    tx.execute(
        "UPDATE webhooks SET next_at = $2 WHERE source_id = $1 AND next_at > $2",
        params![source, now],
    )
    .map(drop)
}

/// What was found out about a webhook.
#[derive(Debug, Clone)]
pub struct WebhookFinding {
    /// What the host calls it.
    pub host_id: Option<String>,
    /// Where the host was told to deliver.
    pub url: Option<String>,
    /// How far it has come.
    pub state: WebhookState,
    /// Why, a word.
    pub problem: Option<String>,
    /// The cause, in a sentence.
    pub problem_detail: String,
    /// Failures in a row.
    pub attempts: u64,
    /// When the host is asked again.
    pub next_at: Timestamp,
}

/// Notes what was found out; since when it is so changes only with state or problem. Answers whether it is still there.
/// Who asked meanwhile that it be looked after soon is not forgotten: the next look is put off only when it still was to be
/// at `claimed`.
pub fn record_finding(
    tx: &mut Tx<'_>,
    id: WebhookId,
    claimed: Timestamp,
    found: &WebhookFinding,
    now: Timestamp,
) -> Result<bool, DbError> {
    let changed = tx.execute(
        "UPDATE webhooks SET host_id = $2, url = $3,
            state_since = CASE WHEN state = $4 AND COALESCE(problem, '') = COALESCE(CAST($5 AS TEXT), '')
                THEN state_since ELSE $9 END,
            state = $4, problem = $5, problem_detail = $6, attempts = $7,
            next_at = CASE WHEN next_at = $10 THEN $8 ELSE next_at END, checked_at = $9
         WHERE id = $1",
        params![
            id,
            found.host_id,
            found.url,
            found.state,
            found.problem,
            found.problem_detail,
            found.attempts,
            found.next_at,
            now,
            claimed
        ],
    )?;
    Ok(changed == 1)
}

/// Begins anew with a webhook whose host is another one now.
pub fn restart_webhook(tx: &mut Tx<'_>, id: WebhookId, now: Timestamp) -> Result<(), DbError> {
    tx.execute(
        "UPDATE webhooks SET host_id = NULL, url = NULL, problem = NULL, problem_detail = '', attempts = 0,
            state = CASE WHEN state = $2 THEN state ELSE $3 END, state_since = $4, next_at = $4
         WHERE id = $1",
        params![id, WebhookState::Manual, WebhookState::Pending, now],
    )
    .map(drop)
}

/// Has a webhook written at its host again, whatever the host says it is: its secret is another one now.
pub fn forget_url(tx: &mut Tx<'_>, id: WebhookId, now: Timestamp) -> Result<(), DbError> {
    tx.execute(
        "UPDATE webhooks SET url = NULL, next_at = $2 WHERE id = $1",
        params![id, now],
    )
    .map(drop)
}

/// Counts a delivery whose signature was wrong.
pub fn count_rejection(tx: &mut Tx<'_>, id: WebhookId, now: Timestamp) -> Result<(), DbError> {
    tx.execute(
        "UPDATE webhooks SET rejected_count = rejected_count + 1, rejected_at = $2 WHERE id = $1",
        params![id, now],
    )
    .map(drop)
}

/// Removes a webhook with its deliveries and its secret. What it is at the host is the caller's business.
pub fn delete_webhook(tx: &mut Tx<'_>, id: WebhookId) -> Result<bool, DbError> {
    crate::secrets::forget_secrets(tx, TABLE, id)?;
    let removed = tx.execute("DELETE FROM webhooks WHERE id = $1", params![id])?;
    Ok(removed == 1)
}
