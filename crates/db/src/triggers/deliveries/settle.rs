//! What became of a claim. Each of these changes nothing and answers `false` when somebody else has the delivery by now, or
//! it was called off.

use super::{claim::Claim, line::wake_next};
use crate::{DbError, Tx, params};
use wharf_model::{Timestamp, triggers::DeliveryState};

/// The end of a delivery.
#[derive(Debug, Clone)]
pub struct End {
    /// How it ended.
    pub state: DeliveryState,
    /// Why: a key of the message catalogue.
    pub reason: Option<String>,
    /// More about that.
    pub detail: String,
    /// Now.
    pub at: Timestamp,
}

/// The delivery is over, and the next one of its order may go. One that its workload had already counts as having reached it.
pub fn end_delivery(tx: &mut Tx<'_>, claim: Claim, end: &End) -> Result<bool, DbError> {
    let ended = tx.execute(
        "UPDATE trigger_deliveries SET state = $3, reason = CAST($4 AS TEXT), detail = $5, ended_at = $6, next_at = NULL,
            due_at = NULL, lease_owner = NULL, lease_beat = NULL,
            reached_at = CASE WHEN CAST($3 AS TEXT) = 'unchanged' THEN COALESCE(reached_at, $6) ELSE reached_at END
         WHERE id = $1 AND fence = $2 AND lease_owner IS NOT NULL",
        params![
            claim.delivery,
            claim.fence,
            end.state,
            end.reason,
            end.detail,
            end.at
        ],
    )?;
    if ended == 1 {
        wake_next(tx, claim.delivery)?;
    }
    Ok(ended == 1)
}

/// The attempt failed; it is tried again at `next_at`.
pub fn wait_again(
    tx: &mut Tx<'_>,
    claim: Claim,
    next_at: Timestamp,
    reason: Option<&str>,
    detail: &str,
) -> Result<bool, DbError> {
    let waits = tx.execute(
        "UPDATE trigger_deliveries SET state = 'waiting', reason = CAST($4 AS TEXT), detail = $5, next_at = $3,
            due_at = $3, lease_owner = NULL, lease_beat = NULL
         WHERE id = $1 AND fence = $2 AND lease_owner IS NOT NULL",
        params![claim.delivery, claim.fence, next_at, reason, detail],
    )?;
    Ok(waits == 1)
}

/// The workload took the image at `patched_at`, and its rollout looks like `progress` (JSON); it is looked at again at
/// `next_at`. Nobody holds the delivery meanwhile. When it was patched is kept from the first time.
pub fn follow_rollout(
    tx: &mut Tx<'_>,
    claim: Claim,
    patched_at: Timestamp,
    progress: &str,
    next_at: Timestamp,
) -> Result<bool, DbError> {
    let followed = tx.execute(
        "UPDATE trigger_deliveries SET state = 'running', reason = NULL, detail = '', progress = $4, next_at = $5,
            due_at = $5, patched_at = COALESCE(patched_at, CAST($3 AS BIGINT)),
            reached_at = COALESCE(reached_at, CAST($3 AS BIGINT)), lease_owner = NULL, lease_beat = NULL
         WHERE id = $1 AND fence = $2 AND lease_owner IS NOT NULL",
        params![claim.delivery, claim.fence, patched_at, progress, next_at],
    )?;
    Ok(followed == 1)
}

/// Notes what a rollout looks like, or is about to, without letting go of it.
pub fn note_progress(tx: &mut Tx<'_>, claim: Claim, progress: &str) -> Result<bool, DbError> {
    let noted = tx.execute(
        "UPDATE trigger_deliveries SET progress = $3 WHERE id = $1 AND fence = $2 AND lease_owner IS NOT NULL",
        params![claim.delivery, claim.fence, progress],
    )?;
    Ok(noted == 1)
}
