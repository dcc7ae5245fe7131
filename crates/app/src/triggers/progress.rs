//! A rollout as the log shows it, live and afterwards; and how it goes on after the server's end.

use serde::{Deserialize, Serialize};
use std::time::Duration;
use wharf_integrations::target::kubernetes::RolloutProgress;
use wharf_model::Timestamp;

/// Where a rollout is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RolloutPhase {
    /// The workload is about to get the image: noted before, so that what was done under a dead server is known as ours.
    Patching,
    /// It has it, and its pods follow.
    RollingOut,
    /// That failed, and the earlier image is put back.
    RollingBack,
    /// Nothing is followed any more.
    Over,
}

/// A rollout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Where it is.
    pub phase: RolloutPhase,
    /// `HOST/repository:tag@sha256:…`: what the container gets.
    pub image: String,
    /// What it had before; what a rollback puts back.
    pub previous: Option<String>,
    /// When the phase began, in microseconds.
    pub since: i64,
    /// When it is given up, in microseconds.
    pub deadline: i64,
    /// When it was last looked at, in microseconds.
    pub looked_at: i64,
    /// Numbers of pods, what is in their way, and the last events about it.
    pub rollout: RolloutProgress,
    /// Why it is rolled back: a word and the cluster's own sentence.
    #[serde(default)]
    pub failure: Option<(String, String)>,
    /// Why the last look saw nothing: a word and a sentence.
    #[serde(default)]
    pub blind: Option<(String, String)>,
}

impl Progress {
    /// A rollout that is about to begin.
    pub(super) fn start(image: String, previous: Option<String>, now: Timestamp) -> Self {
        Self {
            phase: RolloutPhase::Patching,
            image,
            previous,
            since: now.as_micros(),
            deadline: now.as_micros(),
            looked_at: now.as_micros(),
            rollout: RolloutProgress::default(),
            failure: None,
            blind: None,
        }
    }

    /// Enters a phase that has `limit` of time.
    pub(super) fn enter(&mut self, phase: RolloutPhase, limit: Duration, now: Timestamp) {
        self.phase = phase;
        self.since = now.as_micros();
        self.deadline = now.plus(limit).as_micros();
        self.looked_at = now.as_micros();
        self.blind = None;
    }

    /// Whether its time is over.
    pub(super) fn is_late(&self, now: Timestamp) -> bool {
        now.as_micros() >= self.deadline
    }

    /// When to look again: often at first, when much happens and somebody may be watching; then seldom, for the cluster's
    /// sake, and once it hangs hardly at all. Never after the deadline by more than a moment.
    pub(super) fn next_look(&self, now: Timestamp) -> Timestamp {
        let since = Timestamp::from_micros(self.since).until(now);
        let wait = match since.as_secs() {
            0..10 => Duration::from_secs(1),
            10..60 => Duration::from_secs(2),
            60..600 => Duration::from_secs(5),
            _ => Duration::from_secs(30),
        };
        let deadline = Timestamp::from_micros(self.deadline);
        let soonest = now.plus(Duration::from_secs(1));
        now.plus(wait).min(deadline.max(soonest))
    }

    /// The digest of the image.
    pub(super) fn digest(&self) -> Option<wharf_oci::Digest> {
        let (_, digest) = self.image.rsplit_once('@')?;
        digest.parse().ok()
    }

    /// As the delivery's row keeps it.
    pub(super) fn to_text(&self) -> String {
        super::exchange::to_json(self)
    }

    /// What [`Progress::to_text`] wrote.
    pub fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rollout_survives_its_row_and_is_looked_at_less_and_less_often() {
        let now = Timestamp::from_seconds(1_900_000_000);
        let mut progress = Progress::start("h/a:v1@d".into(), Some("h/a:v0".into()), now);
        progress.enter(RolloutPhase::RollingOut, Duration::from_secs(1200), now);
        assert_eq!(Progress::read(&progress.to_text()), Some(progress.clone()));
        let wait = |seconds| {
            let at = now.plus(Duration::from_secs(seconds));
            at.until(progress.next_look(at)).as_secs()
        };
        assert_eq!([wait(0), wait(30), wait(300), wait(900)], [1, 2, 5, 30]);
        assert_eq!([wait(1190), wait(1200)], [10, 1], "at the deadline");
        assert!(!progress.is_late(now.plus(Duration::from_secs(1199))));
        assert!(progress.is_late(now.plus(Duration::from_secs(1200))));
    }
}
