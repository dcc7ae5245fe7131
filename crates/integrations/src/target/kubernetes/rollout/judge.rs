//! What a workload says about its own rollout.
//!
//! Pure: an object as the API gives it, in; numbers and a verdict, out.

use super::super::container::find_container_in;
use super::super::patch::is_same_image;
use super::super::wire::WorkloadObject;
use super::super::workload::ContainerRef;
use super::state::{
    RolloutFailure, RolloutNote, RolloutProgress, RolloutReason, RolloutState, RolloutTrouble,
};
use crate::text::fold_line;
use wharf_model::triggers::WorkloadKind;

/// `progressDeadlineSeconds` that stand for no deadline (`kubernetes/pkg/controller/deployment/util`, `HasProgressDeadline`).
const NO_DEADLINE: i64 = i32::MAX as i64;

/// The verdict from the workload alone. Of one that is progressing, or whose deadline is over, the pods may tell more.
pub(super) fn judge_workload(
    target: &ContainerRef,
    image: &str,
    object: &WorkloadObject,
) -> RolloutState {
    let gone = |reason| {
        RolloutState::Failed(RolloutFailure {
            reason,
            said: String::new(),
            is_by_deadline: false,
            progress: RolloutProgress::default(),
        })
    };
    if object.metadata.deletion_timestamp.is_some() {
        return gone(RolloutReason::WorkloadGone);
    }
    match find_container_in(target, object) {
        Err(_) => return gone(RolloutReason::ContainerGone),
        Ok(found) if !is_same_image(&found.image, image) => {
            return RolloutState::Superseded { image: found.image };
        }
        Ok(_) => {}
    }
    match target.workload.kind {
        WorkloadKind::Deployment => judge_deployment(object),
        WorkloadKind::StatefulSet => judge_stateful_set(object),
        WorkloadKind::DaemonSet => judge_daemon_set(object),
        WorkloadKind::CronJob => RolloutState::Done(RolloutProgress {
            note: object.spec.suspend.then_some(RolloutNote::Suspended),
            ..RolloutProgress::default()
        }),
    }
}

fn judge_deployment(object: &WorkloadObject) -> RolloutState {
    let status = &object.status;
    let desired = object.spec.replicas.unwrap_or(1);
    let mut progress = RolloutProgress {
        desired,
        updated: status.updated_replicas,
        available: status.available_replicas.unwrap_or_default(),
        deadline_seconds: object
            .spec
            .progress_deadline_seconds
            .filter(|seconds| *seconds < NO_DEADLINE),
        old: (status.replicas - status.updated_replicas).max(0),
        note: match (object.spec.paused, desired) {
            (true, _) => Some(RolloutNote::Paused),
            (false, 0) => Some(RolloutNote::NoReplicas),
            (false, _) => None,
        },
        trouble: None,
    };
    if !is_observed(object) {
        // The numbers are those of the revision before.
        progress.updated = 0;
        progress.old = status.replicas;
        return RolloutState::Progressing(progress);
    }
    let condition = |kind: &str| status.conditions.iter().find(|one| one.kind == kind);
    let is_complete =
        progress.updated >= desired && progress.old == 0 && progress.available >= progress.updated;
    if is_complete {
        return RolloutState::Done(progress);
    }
    if let Some(failure) = condition("ReplicaFailure").filter(|one| one.status == "True") {
        progress.trouble = Some(RolloutTrouble {
            reason: RolloutReason::CannotCreate,
            word: fold_line(&failure.reason, &[]),
            said: fold_line(&failure.message, &[]),
            pod: None,
            container: None,
            restarts: 0,
            events: Vec::new(),
        });
    }
    match condition("Progressing").filter(|one| one.reason == "ProgressDeadlineExceeded") {
        Some(late) => RolloutState::Failed(RolloutFailure {
            reason: progress
                .trouble
                .as_ref()
                .map_or(RolloutReason::Deadline, |trouble| trouble.reason),
            said: fold_line(&late.message, &[]),
            is_by_deadline: true,
            progress,
        }),
        None => RolloutState::Progressing(progress),
    }
}

fn judge_stateful_set(object: &WorkloadObject) -> RolloutState {
    let status = &object.status;
    let desired = object.spec.replicas.unwrap_or(1);
    let strategy = &object.spec.update_strategy;
    let rolling = strategy.rolling_update.as_ref();
    let partition = rolling
        .and_then(|one| one.partition)
        .unwrap_or(0)
        .clamp(0, desired);
    let mut progress = RolloutProgress {
        desired,
        updated: status.updated_replicas,
        // Clusters before 1.22 count none as available.
        available: status.available_replicas.unwrap_or(status.ready_replicas),
        deadline_seconds: None,
        old: (status.replicas - status.updated_replicas).max(0),
        note: match (strategy.kind.as_str(), desired) {
            ("OnDelete", _) => Some(RolloutNote::OnDelete),
            (_, 0) => Some(RolloutNote::NoReplicas),
            _ if partition > 0 => Some(RolloutNote::Partition(partition)),
            _ => None,
        },
        trouble: None,
    };
    if !is_observed(object) {
        progress.updated = 0;
        return RolloutState::Progressing(progress);
    }
    // The controller fills in `currentRevision` only when everything is of the new one.
    let is_one_revision = status.update_revision == status.current_revision;
    if is_one_revision {
        progress.updated = status.replicas;
        progress.old = 0;
    }
    let is_complete = match progress.note {
        Some(RolloutNote::OnDelete) => true,
        Some(RolloutNote::Partition(_)) => {
            progress.available >= desired && progress.updated >= desired - partition
        }
        _ => progress.available >= desired && is_one_revision && status.replicas == desired,
    };
    match is_complete {
        true => RolloutState::Done(progress),
        false => RolloutState::Progressing(progress),
    }
}

fn judge_daemon_set(object: &WorkloadObject) -> RolloutState {
    let status = &object.status;
    let desired = status.desired_number_scheduled;
    let mut progress = RolloutProgress {
        desired,
        updated: status.updated_number_scheduled,
        available: status.number_available,
        deadline_seconds: None,
        old: (desired - status.updated_number_scheduled).max(0),
        note: match (object.spec.update_strategy.kind.as_str(), desired) {
            ("OnDelete", _) => Some(RolloutNote::OnDelete),
            (_, 0) => Some(RolloutNote::NoReplicas),
            _ => None,
        },
        trouble: None,
    };
    if !is_observed(object) {
        progress.updated = 0;
        return RolloutState::Progressing(progress);
    }
    let is_complete = progress.note == Some(RolloutNote::OnDelete)
        || (progress.updated >= desired && progress.available >= desired);
    match is_complete {
        true => RolloutState::Done(progress),
        false => RolloutState::Progressing(progress),
    }
}

/// The controller has seen what was changed; before, its numbers are about something else.
fn is_observed(object: &WorkloadObject) -> bool {
    object.status.observed_generation >= object.metadata.generation
}
