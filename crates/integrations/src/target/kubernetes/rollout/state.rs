//! What can be said about a rollout.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What one look found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RolloutState {
    /// Not yet complete; perhaps something is in its way that may pass.
    Progressing(RolloutProgress),
    /// Everything runs the image. A CronJob is done when it has the image, for its next run.
    Done(RolloutProgress),
    /// Somebody gave the container another image meanwhile: there is nothing more to follow.
    Superseded { image: String },
    /// It will not complete by itself.
    Failed(RolloutFailure),
}

/// Numbers of pods, and what there is to know beside them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RolloutProgress {
    /// How many there shall be.
    pub desired: i64,
    /// How many there are of the new revision.
    pub updated: i64,
    /// How many are ready long enough.
    pub available: i64,
    /// How many of earlier revisions are still there.
    pub old: i64,
    /// The Deployment's own `progressDeadlineSeconds`; none where it has none, and for other kinds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline_seconds: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<RolloutNote>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<RolloutTrouble>,
}

/// Why numbers do not move, or need not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RolloutNote {
    /// Somebody paused the Deployment: nothing moves until it is resumed.
    Paused,
    /// Its strategy is `OnDelete`: pods take the image when somebody deletes them.
    OnDelete,
    /// Only the pods from this number on shall take it.
    Partition(i64),
    /// The CronJob is suspended: no next run comes.
    Suspended,
    /// There shall be no pods.
    NoReplicas,
    /// The image is private, and pods of the workload have no secret for this registry. Said by whoever rolled it out.
    NoPullSecret,
}

/// What is in the way of a pod of the new revision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RolloutTrouble {
    pub reason: RolloutReason,
    /// The cluster's own word: `ImagePullBackOff`.
    pub word: String,
    /// The cluster's own sentence, in one line; of a stuck pod its name and word.
    pub said: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pod: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container: Option<String>,
    /// How often the container was started again.
    #[serde(default)]
    pub restarts: i64,
    /// The newest first.
    #[serde(default)]
    pub events: Vec<RolloutEvent>,
}

/// What the cluster told about a pod or a workload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RolloutEvent {
    /// RFC 3339, as the cluster writes it; empty when it does not say.
    pub at: String,
    pub is_warning: bool,
    /// The cluster's own word: `Failed`, `BackOff`.
    pub word: String,
    pub said: String,
    /// How often it happened.
    pub count: i64,
}

/// Why a rollout does not complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RolloutFailure {
    pub reason: RolloutReason,
    /// The cluster's own sentence, or empty.
    pub said: String,
    /// Whether the only sign is the Deployment's condition `ProgressDeadlineExceeded`. The controller lets that of an
    /// earlier rollout stand where it knows the template already (after a rollback, or when an older image comes again),
    /// until pods move: before the deadline can be over it says nothing.
    pub is_by_deadline: bool,
    pub progress: RolloutProgress,
}

/// What kind of trouble it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RolloutReason {
    /// The image cannot be pulled.
    ImagePull,
    /// A container cannot be made: a missing ConfigMap or secret, a command that is not there.
    Configuration,
    /// A container ends again and again.
    CrashLoop,
    /// A container is ended for taking too much memory.
    OutOfMemory,
    /// No node takes the pod.
    Unschedulable,
    /// Pods cannot be made: a quota, an admission hook, a missing account.
    CannotCreate,
    /// It runs and is not ready: each container for a moment, one whose probe fails for good.
    NotReady,
    /// A StatefulSet waits for a pod of an earlier revision that does not get ready, and replaces it only when somebody
    /// deletes it (kubernetes.io, "StatefulSets", "Forced rollback").
    StuckPod,
    /// The Deployment's own `progressDeadlineSeconds` are over, and nothing else is known.
    Deadline,
    /// The workload is not there any more.
    WorkloadGone,
    /// The container is not there any more.
    ContainerGone,
}

impl RolloutReason {
    /// The word in rows, in the API and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            RolloutReason::ImagePull => "image_pull",
            RolloutReason::Configuration => "configuration",
            RolloutReason::CrashLoop => "crash_loop",
            RolloutReason::OutOfMemory => "out_of_memory",
            RolloutReason::Unschedulable => "unschedulable",
            RolloutReason::CannotCreate => "cannot_create",
            RolloutReason::NotReady => "not_ready",
            RolloutReason::StuckPod => "stuck_pod",
            RolloutReason::Deadline => "deadline",
            RolloutReason::WorkloadGone => "workload_gone",
            RolloutReason::ContainerGone => "container_gone",
        }
    }

    /// Whether the pods may say more about it.
    pub(super) fn is_of_pods(self) -> bool {
        !matches!(
            self,
            RolloutReason::WorkloadGone | RolloutReason::ContainerGone
        )
    }
}

impl fmt::Display for RolloutReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
