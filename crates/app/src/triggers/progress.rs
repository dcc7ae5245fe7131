//! A rollout as the log shows it, live and afterwards; and how it goes on after the server's end.

use serde::{Deserialize, Serialize};
use std::time::Duration;
use wharf_integrations::target::kubernetes::{RolloutNote, RolloutProgress};
use wharf_model::Timestamp;

/// How long after a Deployment's own deadline its controller may take to say so. Shorter, and a rollout fails without the
/// controller's reason; longer, and people wait.
const GRACE: Duration = Duration::from_secs(60);

/// How long a paused Deployment is followed. Shorter, and what somebody holds back overnight fails; longer, and forgotten
/// ones are looked at for ever.
const LONGEST_PAUSE: Duration = Duration::from_secs(24 * 60 * 60);

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
    /// Whether the image is private and nothing was found to pull it with.
    #[serde(default)]
    pub no_pull_secret: bool,
    /// How far its pods ever came, by [`Progress::advance`].
    #[serde(default)]
    pub furthest: Option<i64>,
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
            no_pull_secret: false,
            furthest: None,
        }
    }

    /// Enters a phase that has `limit` of time.
    pub(super) fn enter(&mut self, phase: RolloutPhase, limit: Duration, now: Timestamp) {
        self.phase = phase;
        self.since = now.as_micros();
        self.deadline = now.plus(limit).as_micros();
        self.looked_at = now.as_micros();
        self.blind = None;
        self.furthest = None;
    }

    /// Takes in what a look saw.
    pub(super) fn see(&mut self, mut found: RolloutProgress) {
        if self.no_pull_secret && found.note.is_none() {
            found.note = Some(RolloutNote::NoPullSecret);
        }
        self.rollout = found;
    }

    /// Gives a Deployment its time anew when its pods came further than ever, or while somebody keeps it paused: not the
    /// whole rollout has a deadline, each step has. The controller's own is waited for.
    pub(super) fn advance(&mut self, limit: Duration, now: Timestamp) {
        let pods = &self.rollout;
        // Each step of a rolling update adds one, whether a pod is made, becomes available or goes.
        let come = pods.updated + pods.available - 2 * pods.old;
        let is_first = self.furthest.is_none();
        let is_further = self.furthest.is_none_or(|furthest| come > furthest);
        let is_paused = pods.note == Some(RolloutNote::Paused)
            && Timestamp::from_micros(self.since).until(now) < LONGEST_PAUSE;
        if !is_further && !is_paused {
            return;
        }
        if is_further {
            self.furthest = Some(come);
        }
        let own = pods
            .deadline_seconds
            .and_then(|own| u64::try_from(own).ok());
        let own = own.map_or(limit, |own| Duration::from_secs(own) + GRACE);
        // What the first look sees is where it began.
        let from = match is_first {
            true => Timestamp::from_micros(self.since),
            false => now,
        };
        self.deadline = from.plus(limit.max(own)).as_micros();
    }

    /// Whether the Deployment's own deadline cannot be over since the phase began.
    pub(super) fn is_before_own_deadline(&self, now: Timestamp) -> bool {
        let own = self.rollout.deadline_seconds;
        let own = own.and_then(|own| u64::try_from(own).ok());
        own.is_some_and(|own| {
            Timestamp::from_micros(self.since).until(now) < Duration::from_secs(own)
        })
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

    #[test]
    fn a_deployment_has_its_time_for_each_step_and_not_for_going_back_and_forth() {
        let now = Timestamp::from_seconds(1_900_000_000);
        let limit = Duration::from_secs(600);
        let after = |seconds| now.plus(Duration::from_secs(seconds));
        let mut progress = Progress::start("h/a:v1@d".into(), None, now);
        progress.enter(RolloutPhase::RollingOut, limit, now);
        let mut look = |updated, available, note, seconds| {
            progress.see(RolloutProgress {
                desired: 5,
                updated,
                available,
                old: 5 - updated,
                note,
                deadline_seconds: Some(900),
                ..RolloutProgress::default()
            });
            progress.advance(limit, after(seconds));
            (progress.deadline - now.as_micros()) / 1_000_000
        };
        assert_eq!(look(0, 5, None, 0), 960);
        assert_eq!(look(1, 5, None, 500), 1460);
        assert_eq!(look(1, 4, None, 600), 1460, "that is a step back");
        assert_eq!(look(1, 5, None, 700), 1460, "there it was before");
        assert_eq!(look(2, 5, None, 1200), 2160);
        assert_eq!(look(2, 5, Some(RolloutNote::Paused), 2000), 2960);
        let (day, paused) = (24 * 60 * 60, Some(RolloutNote::Paused));
        assert_eq!(look(2, 5, paused, day), 2960, "forgotten");
    }
}
