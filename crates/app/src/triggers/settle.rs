//! What becomes of a claim, as values and as rows.

use super::{backoff::choose_next, reasons};
use std::time::Duration;
use wharf_db::{
    DbError, Tx,
    triggers::{
        actions::set_action_state,
        attempts::Attempt,
        deliveries::{self, Claimed, End},
    },
};
use wharf_model::{
    Timestamp,
    triggers::{ActionState, DeliveryState},
};

/// The longest detail that is kept, in bytes: what others say is shown with every attempt.
const LONGEST_DETAIL: usize = 1024;

/// A detail, cut where it is too long.
pub(super) fn clip_detail(text: &str) -> String {
    let mut end = text.len().min(LONGEST_DETAIL);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].to_owned()
}

/// Why, in a word and more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Why {
    pub(super) reason: String,
    pub(super) detail: String,
}

impl Why {
    pub(super) fn new(reason: impl Into<String>, detail: impl ToString) -> Self {
        Self {
            reason: reason.into(),
            detail: clip_detail(&detail.to_string()),
        }
    }
}

/// What is to become of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is over.
    End(DeliveryState, Option<Why>),
    /// The same may succeed later: after as long as the target asks for, or longer.
    Again(Why, Option<Duration>),
    /// The target is gone for good (410): the action is switched off, and what waits for it are dead letters.
    Gone(Why),
    /// The workload has the image since then; its rollout is looked at again.
    Follow {
        patched_at: Timestamp,
        progress: String,
        next_at: Timestamp,
    },
    /// A rollout is over, and looked like that.
    EndRollout {
        state: DeliveryState,
        why: Option<Why>,
        progress: String,
    },
    /// Somebody else has it, or it was called off: nothing is noted.
    Lost,
}

/// What an attempt or a look came to.
#[derive(Debug, Clone)]
pub(super) struct Settled {
    pub(super) verdict: Verdict,
    /// For the log; a look at a rollout is no attempt.
    pub(super) attempt: Option<Attempt>,
}

impl From<Verdict> for Settled {
    fn from(verdict: Verdict) -> Self {
        Self {
            verdict,
            attempt: None,
        }
    }
}

impl Verdict {
    /// It ended without success.
    pub(super) fn failed(reason: &str, detail: impl ToString) -> Self {
        Self::End(DeliveryState::Failed, Some(Why::new(reason, detail)))
    }

    /// It is old.
    pub(super) fn superseded(reason: &str, detail: impl ToString) -> Self {
        Self::End(DeliveryState::Superseded, Some(Why::new(reason, detail)))
    }

    /// Notes it, of a claim that still holds.
    pub(super) fn note(
        &self,
        tx: &mut Tx<'_>,
        claimed: &Claimed,
        chance: u32,
        now: Timestamp,
    ) -> Result<(), DbError> {
        let (claim, delivery) = (claimed.claim, &claimed.delivery);
        let end = |tx: &mut Tx<'_>, state, why: Option<&Why>| {
            let end = End {
                state,
                reason: why.map(|why| why.reason.clone()),
                detail: why.map(|why| why.detail.clone()).unwrap_or_default(),
                at: now,
            };
            deliveries::end_delivery(tx, claim, &end).map(drop)
        };
        match self {
            Self::End(state, why) => end(tx, *state, why.as_ref()),
            Self::Again(why, asked) => {
                let next = choose_next(delivery.tries, chance, *asked, now, delivery.give_up_at);
                match next {
                    Some(next) => {
                        let reason = Some(why.reason.as_str());
                        deliveries::wait_again(tx, claim, next, reason, &why.detail).map(drop)
                    }
                    None => {
                        let text = match why.detail.is_empty() {
                            true => why.reason.clone(),
                            false => format!("{}: {}", why.reason, why.detail),
                        };
                        let why = Why::new(reasons::GAVE_UP, text);
                        end(tx, DeliveryState::Failed, Some(&why))
                    }
                }
            }
            Self::Gone(why) => {
                end(tx, DeliveryState::Failed, Some(why))?;
                let (action, state) = (delivery.action, ActionState::Disabled);
                let (reason, detail) = (why.reason.as_str(), why.detail.as_str());
                set_action_state(tx, action, state, Some(reason), detail, now)?;
                let waiting = reasons::ACTION_DISABLED;
                deliveries::fail_waiting_of_action(tx, action, waiting, now).map(drop)
            }
            Self::Follow {
                patched_at,
                progress,
                next_at,
            } => deliveries::follow_rollout(tx, claim, *patched_at, progress, *next_at).map(drop),
            Self::EndRollout {
                state,
                why,
                progress,
            } => {
                deliveries::note_progress(tx, claim, progress)?;
                end(tx, *state, why.as_ref())
            }
            Self::Lost => Ok(()),
        }
    }
}
