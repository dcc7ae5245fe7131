//! Which workload, and which container of it.
//!
//! Pure: the paths of the API (`apps/v1`, `batch/v1`) are made here, of checked names only.

use super::name::{ContainerName, KubeNamespace, ObjectName};
use super::wire::{PodSpec, WorkloadObject};
use serde_json::{Value, json};
use std::fmt;
use wharf_model::triggers::WorkloadKind;

/// A workload of a cluster.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WorkloadRef {
    pub namespace: KubeNamespace,
    pub kind: WorkloadKind,
    pub name: ObjectName,
}

/// A container or init container of a workload.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContainerRef {
    pub workload: WorkloadRef,
    pub container: ContainerName,
}

impl WorkloadRef {
    pub(super) fn path(&self) -> String {
        format!("{}/{}", list_path(&self.namespace, self.kind), self.name)
    }
}

/// `deployment api in production`
impl fmt::Display for WorkloadRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} in {}", self.kind, self.name, self.namespace)
    }
}

/// Where workloads of a kind are listed.
pub(super) fn list_path(namespace: &KubeNamespace, kind: WorkloadKind) -> String {
    let (group, plural) = match kind {
        WorkloadKind::Deployment => ("apps", "deployments"),
        WorkloadKind::StatefulSet => ("apps", "statefulsets"),
        WorkloadKind::DaemonSet => ("apps", "daemonsets"),
        WorkloadKind::CronJob => ("batch", "cronjobs"),
    };
    format!("/apis/{group}/v1/namespaces/{namespace}/{plural}")
}

/// The kind as objects that belong to it name it.
pub(super) fn kind_of_owner(kind: WorkloadKind) -> &'static str {
    match kind {
        WorkloadKind::Deployment => "Deployment",
        WorkloadKind::StatefulSet => "StatefulSet",
        WorkloadKind::DaemonSet => "DaemonSet",
        WorkloadKind::CronJob => "CronJob",
    }
}

/// What its pods are made from.
pub(super) fn pod_spec(kind: WorkloadKind, object: &WorkloadObject) -> &PodSpec {
    match kind {
        WorkloadKind::CronJob => &object.spec.job_template.spec.template.spec,
        _ => &object.spec.template.spec,
    }
}

/// A patch of what its pods are made from.
pub(super) fn wrap_pod_spec(kind: WorkloadKind, spec: Value) -> Value {
    match kind {
        WorkloadKind::CronJob => {
            json!({ "jobTemplate": { "spec": { "template": { "spec": spec } } } })
        }
        _ => json!({ "template": { "spec": spec } }),
    }
}
