//! One look at a rollout, and what follows from it.

use super::{
    definition::WorkloadSpec,
    open_cluster::{WorkloadCluster, describe_failure, may_pass},
    progress::{Progress, RolloutPhase},
    reasons,
    settle::{Verdict, Why},
};
use wharf_integrations::target::kubernetes::{
    ContainerRef, PinnedImage, RolledBack, RolloutFailure, RolloutState,
};
use wharf_model::{
    Timestamp,
    triggers::{DeliveryState, WorkloadKind},
};

/// A rollout that is followed.
pub(super) struct Followed<'a> {
    pub(super) spec: &'a WorkloadSpec,
    pub(super) target: &'a ContainerRef,
    pub(super) image: &'a PinnedImage,
    pub(super) patched_at: Timestamp,
}

/// What a look came to.
pub(super) struct Looked {
    pub(super) verdict: Verdict,
    /// The attempt at putting the earlier image back, where there was one.
    pub(super) rollback: Option<Rollback>,
}

/// An attempt at putting the earlier image back.
pub(super) struct Rollback {
    /// `rolled_back`, `superseded`, `retry` or `refused`.
    pub(super) outcome: &'static str,
    /// Why it is not back: a word and a sentence.
    pub(super) why: Option<(String, String)>,
}

impl From<Verdict> for Looked {
    fn from(verdict: Verdict) -> Self {
        Self {
            verdict,
            rollback: None,
        }
    }
}

/// The end of a rollout, with what it looked like then.
fn end(state: DeliveryState, why: Option<(String, String)>, mut progress: Progress) -> Verdict {
    progress.phase = RolloutPhase::Over;
    Verdict::EndRollout {
        state,
        why: why.map(|(reason, detail)| Why::new(reason, detail)),
        progress: progress.to_text(),
    }
}

impl Followed<'_> {
    /// Looks once.
    pub(super) async fn look(
        &self,
        cluster: &dyn WorkloadCluster,
        mut progress: Progress,
        now: Timestamp,
    ) -> Looked {
        let is_back = progress.phase == RolloutPhase::RollingBack;
        let image = match (is_back, &progress.previous) {
            (true, Some(previous)) => previous.clone(),
            _ => self.image.to_string(),
        };
        progress.looked_at = now.as_micros();
        let state = match cluster.read_rollout(self.target, &image).await {
            Ok(state) => state,
            Err(error) => {
                let (word, text) = describe_failure(&error);
                let blind = (word.to_owned(), text);
                progress.blind = Some(blind.clone());
                if !progress.is_late(now) {
                    return self.follow(progress, now).into();
                }
                return end(DeliveryState::Failed, Some(blind), progress).into();
            }
        };
        progress.blind = None;
        match state {
            RolloutState::Progressing(found) => {
                progress.see(found);
                if self.target.workload.kind == WorkloadKind::Deployment {
                    progress.advance(self.spec.timeout(), now);
                }
                if !progress.is_late(now) {
                    return self.follow(progress, now).into();
                }
                let trouble = progress.rollout.trouble.as_ref();
                let failure = match trouble {
                    Some(trouble) => (trouble.reason.as_str().to_owned(), trouble.said.clone()),
                    None => (reasons::ROLLOUT_TIMEOUT.to_owned(), String::new()),
                };
                self.fail(cluster, progress, failure, now).await
            }
            RolloutState::Done(found) => {
                progress.see(found);
                match progress.failure.take() {
                    // It was put back: that is the end of a failure.
                    Some(failure) if is_back => {
                        progress.failure = Some(failure.clone());
                        end(DeliveryState::Failed, Some(failure), progress).into()
                    }
                    _ => end(DeliveryState::Succeeded, None, progress).into(),
                }
            }
            RolloutState::Superseded { image } => {
                let why = (reasons::CHANGED_ELSEWHERE.to_owned(), image);
                end(DeliveryState::Superseded, Some(why), progress).into()
            }
            RolloutState::Failed(RolloutFailure {
                reason,
                said,
                is_by_deadline,
                progress: found,
            }) => {
                progress.see(found);
                if is_by_deadline && progress.is_before_own_deadline(now) {
                    return self.follow(progress, now).into();
                }
                let failure = (reason.as_str().to_owned(), said);
                self.fail(cluster, progress, failure, now).await
            }
        }
    }

    fn follow(&self, progress: Progress, now: Timestamp) -> Verdict {
        Verdict::Follow {
            patched_at: self.patched_at,
            next_at: progress.next_look(now),
            progress: progress.to_text(),
        }
    }

    /// It failed: the earlier image is put back where the action says so, once.
    async fn fail(
        &self,
        cluster: &dyn WorkloadCluster,
        mut progress: Progress,
        failure: (String, String),
        now: Timestamp,
    ) -> Looked {
        if progress.phase == RolloutPhase::RollingBack {
            let (word, text) = progress.failure.clone().unwrap_or_default();
            let text = format!("{word}: {text}; {}: {}", failure.0, failure.1);
            let why = (reasons::ROLLBACK_FAILED.to_owned(), text);
            return end(DeliveryState::Failed, Some(why), progress).into();
        }
        let previous = progress.previous.clone().filter(|_| self.spec.rollback);
        let Some(previous) = previous else {
            return end(DeliveryState::Failed, Some(failure), progress).into();
        };
        let (outcome, why, verdict) =
            match cluster.roll_back(self.target, self.image, &previous).await {
                Ok(RolledBack::Done { .. }) => {
                    progress.enter(RolloutPhase::RollingBack, self.spec.timeout(), now);
                    progress.failure = Some(failure);
                    ("rolled_back", None, self.follow(progress, now))
                }
                Ok(RolledBack::NotOurs { image }) => {
                    let why = Some((reasons::CHANGED_ELSEWHERE.to_owned(), image));
                    let verdict = end(DeliveryState::Superseded, why.clone(), progress);
                    ("superseded", why, verdict)
                }
                Err(error) => {
                    let (word, text) = describe_failure(&error);
                    let why = Some((word.to_owned(), text.clone()));
                    // The next look finds the same failure and tries again, for as long as the rollout itself may take.
                    if may_pass(&error) && !self.is_past_rollback(&progress, now) {
                        progress.blind.clone_from(&why);
                        ("retry", why, self.follow(progress, now))
                    } else {
                        let text = format!("{}: {}; {word}: {text}", failure.0, failure.1);
                        let failed = (reasons::ROLLBACK_FAILED.to_owned(), text);
                        let verdict = end(DeliveryState::Failed, Some(failed), progress);
                        ("refused", why, verdict)
                    }
                }
            };
        Looked {
            verdict,
            rollback: Some(Rollback { outcome, why }),
        }
    }

    /// Whether putting back was tried for as long as a rollout may take beyond its deadline.
    fn is_past_rollback(&self, progress: &Progress, now: Timestamp) -> bool {
        let deadline = Timestamp::from_micros(progress.deadline);
        now >= deadline.plus(self.spec.timeout())
    }
}
