//! What is in the way of the pods of the new revision.
//!
//! Pure. Pods count as new when their container has the image that was set, so no right to read ReplicaSets or revisions
//! is needed. The words are the kubelet's (`kubernetes/pkg/kubelet/images/types.go`, `kuberuntime`, `container/sync_result.go`).

use super::super::patch::is_same_image;
use super::super::wire::{ContainerStatus, Pod};
use super::state::{RolloutReason, RolloutTrouble};
use crate::text::fold_line;

/// Restarts after which a container is not expected to stay up. The kubelet waits 10, 20, 40, 80 and 160 seconds between
/// them: with fewer, an application that waits for its database by ending would be taken for broken; with more, the
/// progress deadline of ten minutes is over anyway.
pub(super) const MOST_RESTARTS: i64 = 5;

/// The pods that have the image, and are not on their way out.
pub(super) fn find_new_pods<'a>(pods: &'a [Pod], container: &str, image: &str) -> Vec<&'a Pod> {
    pods.iter()
        .filter(|pod| pod.metadata.deletion_timestamp.is_none())
        .filter(|pod| {
            let mut all = pod.spec.all_containers();
            all.any(|(one, _)| one.name == container && is_same_image(&one.image, image))
        })
        .collect()
}

/// The worst that is in the way of any of them, without its events.
pub(super) fn find_trouble(pods: &[&Pod]) -> Option<RolloutTrouble> {
    let found = pods.iter().filter_map(|pod| find_trouble_of(pod));
    found.min_by_key(|trouble| (rank(trouble.reason), -trouble.restarts))
}

/// A pod of an earlier revision that is in trouble, and keeps a StatefulSet that goes pod by pod from replacing it.
pub(super) fn find_stuck_pod(pods: &[Pod], container: &str, image: &str) -> Option<RolloutTrouble> {
    let new: Vec<_> = find_new_pods(pods, container, image)
        .into_iter()
        .map(|pod| &pod.metadata.name)
        .collect();
    let mut old = pods
        .iter()
        .filter(|pod| pod.metadata.deletion_timestamp.is_none())
        .filter(|pod| !new.contains(&&pod.metadata.name));
    let stuck = old.find_map(find_trouble_of)?;
    let pod = stuck.pod.as_deref().unwrap_or_default();
    Some(RolloutTrouble {
        reason: RolloutReason::StuckPod,
        // Names alone: the sentence is the catalogue's.
        said: format!("{pod} ({})", stuck.word),
        ..stuck
    })
}

/// Whether it will stay so whatever happens elsewhere.
pub(super) fn is_hopeless(trouble: &RolloutTrouble) -> bool {
    match trouble.reason {
        RolloutReason::ImagePull => {
            matches!(
                trouble.word.as_str(),
                "InvalidImageName" | "ErrImageNeverPull"
            )
        }
        RolloutReason::CrashLoop | RolloutReason::OutOfMemory => trouble.restarts >= MOST_RESTARTS,
        _ => false,
    }
}

/// What says most about the cause comes first.
fn rank(reason: RolloutReason) -> u8 {
    match reason {
        RolloutReason::ImagePull => 0,
        RolloutReason::OutOfMemory => 1,
        RolloutReason::CrashLoop => 2,
        RolloutReason::Configuration => 3,
        RolloutReason::CannotCreate => 4,
        RolloutReason::Unschedulable => 5,
        _ => 6,
    }
}

fn find_trouble_of(pod: &Pod) -> Option<RolloutTrouble> {
    let status = &pod.status;
    let containers = status.init_container_statuses.iter();
    let containers = containers.chain(&status.container_statuses);
    let worst = containers
        .filter_map(|container| find_trouble_in(pod, container))
        .min_by_key(|trouble| rank(trouble.reason));
    if worst.is_some() {
        return worst;
    }
    let unscheduled = status.conditions.iter().find(|one| {
        one.kind == "PodScheduled" && one.status == "False" && one.reason == "Unschedulable"
    });
    if let Some(condition) = unscheduled {
        return Some(make(
            pod,
            RolloutReason::Unschedulable,
            &condition.reason,
            &condition.message,
        ));
    }
    // Evicted, or ended by its node.
    if status.phase == "Failed" {
        return Some(make(
            pod,
            RolloutReason::NotReady,
            &status.reason,
            &status.message,
        ));
    }
    None
}

fn find_trouble_in(pod: &Pod, container: &ContainerStatus) -> Option<RolloutTrouble> {
    let (state, last) = (&container.state, container.last_state.terminated.as_ref());
    let ended = state
        .terminated
        .as_ref()
        .filter(|ended| ended.exit_code != 0)
        .or(last);
    let failed = ended.filter(|ended| ended.exit_code != 0);
    let out_of_memory = ended.filter(|ended| ended.reason == "OOMKilled");
    let mut trouble = match &state.waiting {
        Some(waiting) => {
            let reason = match waiting.reason.as_str() {
                "ErrImagePull"
                | "ImagePullBackOff"
                | "InvalidImageName"
                | "ErrImageNeverPull"
                | "ImageInspectError"
                | "RegistryUnavailable"
                | "SignatureValidationFailed" => RolloutReason::ImagePull,
                "CreateContainerConfigError"
                | "CreateContainerError"
                | "RunContainerError"
                | "PreCreateHookError"
                | "PreStartHookError"
                | "PostStartHookError" => RolloutReason::Configuration,
                "CrashLoopBackOff" if out_of_memory.is_some() => RolloutReason::OutOfMemory,
                "CrashLoopBackOff" => RolloutReason::CrashLoop,
                // `ContainerCreating`, `PodInitializing`: it takes its time.
                _ => return None,
            };
            make(pod, reason, &waiting.reason, &waiting.message)
        }
        // Between two starts, or started again without having shown yet that this time is better.
        None => {
            let is_down = match &state.terminated {
                Some(ended) => ended.exit_code != 0,
                None => state.running.is_some() && !container.ready,
            };
            match (is_down, failed) {
                (false, _) => return None,
                (true, None) => make(pod, RolloutReason::NotReady, "Running", ""),
                (true, Some(ended)) if out_of_memory.is_some() => {
                    make(pod, RolloutReason::OutOfMemory, &ended.reason, "")
                }
                (true, Some(ended)) => make(pod, RolloutReason::CrashLoop, &ended.reason, ""),
            }
        }
    };
    if matches!(
        trouble.reason,
        RolloutReason::CrashLoop | RolloutReason::OutOfMemory
    ) && let Some(ended) = ended
    {
        trouble.said = describe_end(ended.exit_code, &ended.reason, &ended.message);
    }
    trouble.container = Some(container.name.clone());
    trouble.restarts = container.restart_count;
    Some(trouble)
}

/// `exit code 1 (Error): cannot open the database`
fn describe_end(code: i64, reason: &str, message: &str) -> String {
    let mut text = format!("exit code {code}");
    if !reason.is_empty() {
        text = format!("{text} ({reason})");
    }
    if !message.is_empty() {
        text = format!("{text}: {message}");
    }
    fold_line(&text, &[])
}

fn make(pod: &Pod, reason: RolloutReason, word: &str, said: &str) -> RolloutTrouble {
    RolloutTrouble {
        reason,
        word: fold_line(word, &[]),
        said: fold_line(said, &[]),
        pod: Some(pod.metadata.name.clone()),
        container: None,
        restarts: 0,
        events: Vec::new(),
    }
}
