//! The parts of Kubernetes objects that are looked at, as the API writes them.
//!
//! Of four kinds of workloads one shape, in which each has what it has. Fields are those of the API reference for
//! `apps/v1`, `batch/v1`, `v1`; whatever may be missing is, and what Go writes as null for nothing is nothing, so that no
//! server and no admission hook makes an object unreadable by what it leaves out.

use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;

/// One page of a list.
#[derive(Deserialize)]
#[serde(bound(deserialize = "T: Deserialize<'de>"))]
pub(super) struct Listed<T> {
    #[serde(default)]
    pub(super) metadata: ListMeta,
    #[serde(default = "Vec::new", deserialize_with = "null_is_default")]
    pub(super) items: Vec<T>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct ListMeta {
    #[serde(rename = "continue", deserialize_with = "null_is_default")]
    pub(super) next: String,
}

#[derive(Deserialize, Default, Debug, Clone)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Meta {
    pub(super) name: String,
    pub(super) namespace: String,
    pub(super) uid: String,
    pub(super) generation: i64,
    pub(super) resource_version: String,
    #[serde(deserialize_with = "null_is_default")]
    pub(super) labels: BTreeMap<String, String>,
    #[serde(deserialize_with = "null_is_default")]
    pub(super) annotations: BTreeMap<String, String>,
    #[serde(deserialize_with = "null_is_default")]
    pub(super) owner_references: Vec<Owner>,
    pub(super) deletion_timestamp: Option<String>,
    pub(super) creation_timestamp: Option<String>,
}

#[derive(Deserialize, Default, Debug, Clone)]
#[serde(default)]
pub(super) struct Owner {
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) controller: bool,
}

/// An object of which only the metadata matters.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Named {
    pub(super) metadata: Meta,
}

#[derive(Deserialize, Default, Debug, Clone)]
#[serde(default)]
pub(super) struct WorkloadObject {
    pub(super) metadata: Meta,
    pub(super) spec: WorkloadSpec,
    pub(super) status: WorkloadStatus,
}

#[derive(Deserialize, Default, Debug, Clone)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct WorkloadSpec {
    pub(super) replicas: Option<i64>,
    pub(super) progress_deadline_seconds: Option<i64>,
    #[serde(deserialize_with = "null_is_default")]
    pub(super) pod_management_policy: String,
    pub(super) paused: bool,
    pub(super) suspend: bool,
    pub(super) selector: Selector,
    pub(super) template: PodTemplate,
    pub(super) job_template: JobTemplate,
    pub(super) update_strategy: UpdateStrategy,
}

#[derive(Deserialize, Default, Debug, Clone)]
#[serde(default)]
pub(super) struct JobTemplate {
    pub(super) spec: JobSpec,
}

#[derive(Deserialize, Default, Debug, Clone)]
#[serde(default)]
pub(super) struct JobSpec {
    pub(super) template: PodTemplate,
}

#[derive(Deserialize, Default, Debug, Clone)]
#[serde(default)]
pub(super) struct PodTemplate {
    pub(super) spec: PodSpec,
}

#[derive(Deserialize, Default, Debug, Clone)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct PodSpec {
    #[serde(deserialize_with = "null_is_default")]
    pub(super) containers: Vec<Container>,
    #[serde(deserialize_with = "null_is_default")]
    pub(super) init_containers: Vec<Container>,
    #[serde(deserialize_with = "null_is_default")]
    pub(super) image_pull_secrets: Vec<LocalReference>,
    #[serde(deserialize_with = "null_is_default")]
    pub(super) service_account_name: String,
}

#[derive(Deserialize, Default, Debug, Clone)]
#[serde(default)]
pub(super) struct Container {
    pub(super) name: String,
    #[serde(deserialize_with = "null_is_default")]
    pub(super) image: String,
}

#[derive(Deserialize, Default, Debug, Clone)]
#[serde(default)]
pub(super) struct LocalReference {
    pub(super) name: String,
}

#[derive(Deserialize, Default, Debug, Clone)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Selector {
    #[serde(deserialize_with = "null_is_default")]
    pub(super) match_labels: BTreeMap<String, String>,
    #[serde(deserialize_with = "null_is_default")]
    pub(super) match_expressions: Vec<Requirement>,
}

#[derive(Deserialize, Default, Debug, Clone)]
#[serde(default)]
pub(super) struct Requirement {
    pub(super) key: String,
    pub(super) operator: String,
    #[serde(deserialize_with = "null_is_default")]
    pub(super) values: Vec<String>,
}

#[derive(Deserialize, Default, Debug, Clone)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct UpdateStrategy {
    #[serde(rename = "type", deserialize_with = "null_is_default")]
    pub(super) kind: String,
    pub(super) rolling_update: Option<RollingUpdate>,
}

#[derive(Deserialize, Default, Debug, Clone)]
#[serde(default)]
pub(super) struct RollingUpdate {
    pub(super) partition: Option<i64>,
}

#[derive(Deserialize, Default, Debug, Clone)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct WorkloadStatus {
    pub(super) observed_generation: i64,
    pub(super) replicas: i64,
    pub(super) ready_replicas: i64,
    pub(super) updated_replicas: i64,
    pub(super) available_replicas: Option<i64>,
    #[serde(deserialize_with = "null_is_default")]
    pub(super) current_revision: String,
    #[serde(deserialize_with = "null_is_default")]
    pub(super) update_revision: String,
    pub(super) desired_number_scheduled: i64,
    pub(super) updated_number_scheduled: i64,
    pub(super) number_available: i64,
    #[serde(deserialize_with = "null_is_default")]
    pub(super) conditions: Vec<Condition>,
}

#[derive(Deserialize, Default, Debug, Clone)]
#[serde(default)]
pub(super) struct Condition {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) status: String,
    #[serde(deserialize_with = "null_is_default")]
    pub(super) reason: String,
    #[serde(deserialize_with = "null_is_default")]
    pub(super) message: String,
}

#[derive(Deserialize, Default, Debug, Clone)]
#[serde(default)]
pub(super) struct Pod {
    pub(super) metadata: Meta,
    pub(super) spec: PodSpec,
    pub(super) status: PodStatus,
}

#[derive(Deserialize, Default, Debug, Clone)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct PodStatus {
    #[serde(deserialize_with = "null_is_default")]
    pub(super) phase: String,
    #[serde(deserialize_with = "null_is_default")]
    pub(super) reason: String,
    #[serde(deserialize_with = "null_is_default")]
    pub(super) message: String,
    pub(super) start_time: Option<String>,
    #[serde(deserialize_with = "null_is_default")]
    pub(super) conditions: Vec<Condition>,
    #[serde(deserialize_with = "null_is_default")]
    pub(super) container_statuses: Vec<ContainerStatus>,
    #[serde(deserialize_with = "null_is_default")]
    pub(super) init_container_statuses: Vec<ContainerStatus>,
}

#[derive(Deserialize, Default, Debug, Clone)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct ContainerStatus {
    pub(super) name: String,
    pub(super) ready: bool,
    pub(super) restart_count: i64,
    #[serde(rename = "imageID", deserialize_with = "null_is_default")]
    pub(super) image_id: String,
    pub(super) state: ContainerState,
    pub(super) last_state: ContainerState,
}

#[derive(Deserialize, Default, Debug, Clone)]
#[serde(default)]
pub(super) struct ContainerState {
    pub(super) waiting: Option<Waiting>,
    pub(super) running: Option<serde::de::IgnoredAny>,
    pub(super) terminated: Option<Terminated>,
}

#[derive(Deserialize, Default, Debug, Clone)]
#[serde(default)]
pub(super) struct Waiting {
    #[serde(deserialize_with = "null_is_default")]
    pub(super) reason: String,
    #[serde(deserialize_with = "null_is_default")]
    pub(super) message: String,
}

#[derive(Deserialize, Default, Debug, Clone)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Terminated {
    pub(super) exit_code: i64,
    #[serde(deserialize_with = "null_is_default")]
    pub(super) reason: String,
    #[serde(deserialize_with = "null_is_default")]
    pub(super) message: String,
}

#[derive(Deserialize, Default, Debug, Clone)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Event {
    pub(super) metadata: Meta,
    #[serde(rename = "type", deserialize_with = "null_is_default")]
    pub(super) kind: String,
    #[serde(deserialize_with = "null_is_default")]
    pub(super) reason: String,
    #[serde(deserialize_with = "null_is_default")]
    pub(super) message: String,
    pub(super) count: Option<i64>,
    pub(super) event_time: Option<String>,
    pub(super) last_timestamp: Option<String>,
    pub(super) series: Option<EventSeries>,
}

#[derive(Deserialize, Default, Debug, Clone)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct EventSeries {
    pub(super) count: Option<i64>,
    pub(super) last_observed_time: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct ServiceAccount {
    #[serde(deserialize_with = "null_is_default")]
    pub(super) image_pull_secrets: Vec<LocalReference>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct SecretObject {
    #[serde(rename = "type")]
    pub(super) kind: String,
    #[serde(deserialize_with = "null_is_default")]
    pub(super) data: BTreeMap<String, String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Review {
    pub(super) status: ReviewStatus,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct ReviewStatus {
    pub(super) allowed: bool,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct VersionInfo {
    pub(super) git_version: String,
}

fn null_is_default<'de, D, T>(from: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

impl PodSpec {
    /// Containers and, marked, init containers.
    pub(super) fn all_containers(&self) -> impl Iterator<Item = (&Container, bool)> {
        let main = self.containers.iter().map(|one| (one, false));
        main.chain(self.init_containers.iter().map(|one| (one, true)))
    }
}
