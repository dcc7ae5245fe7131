//! Which workloads and pods run images of one repository, and by which digest.
//!
//! What containers say decides (`imageID` in their status: what the node really pulled), not what somebody wished. Called
//! by whoever answers what runs where now.

use super::cluster::{Call, Cluster};
use super::error::Result;
use super::image::ImageParts;
use super::name::KubeNamespace;
use super::wire::{Container, ContainerStatus, Pod};
use std::collections::BTreeMap;
use wharf_oci::{Digest, RepositoryName};

/// What was found in the namespaces that were asked about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunningList {
    pub images: Vec<RunningImage>,
    /// Namespaces whose pods the credentials may not list.
    pub hidden: Vec<KubeNamespace>,
    /// There are more pods than were taken.
    pub is_cut: bool,
}

/// Containers of one name that run one image in one workload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunningImage {
    pub namespace: KubeNamespace,
    /// `Deployment`, `StatefulSet`, `DaemonSet`, `CronJob`, `Job`, `Pod`, or whatever else made the pods.
    pub kind: String,
    /// Its name.
    pub name: String,
    pub container: String,
    /// What it was told to run, as it was written.
    pub image: String,
    /// What the node pulled; else what it was told. None while it is being pulled by a tag.
    pub digest: Option<Digest>,
    /// How many pods run it, and how many of them are ready.
    pub pods: u32,
    pub ready: u32,
    /// When the first of them started, RFC 3339.
    pub since: Option<String>,
}

impl Cluster {
    /// Finds running containers with images of `host/repository`.
    ///
    /// # Errors
    /// When the cluster cannot be reached or does not know the credentials. A namespace that may not be read is left out
    /// and said so.
    pub async fn find_running(
        &self,
        namespaces: &[KubeNamespace],
        host: &str,
        repository: &RepositoryName,
    ) -> Result<RunningList> {
        let name = format!("{host}/{repository}");
        let mut list = RunningList::default();
        for namespace in namespaces {
            let make = || {
                let path = format!("/api/v1/namespaces/{namespace}/pods");
                Call::get(path, format!("the pods in {namespace}")).with_query(
                    "fieldSelector",
                    "status.phase!=Succeeded,status.phase!=Failed",
                )
            };
            let found = match self.list::<Pod>(make).await {
                Err(error) if error.is_forbidden() => {
                    list.hidden.push(namespace.clone());
                    continue;
                }
                outcome => outcome?,
            };
            list.is_cut |= found.is_cut;
            list.images
                .extend(group_pods(namespace, &name, &found.items));
        }
        Ok(list)
    }
}

/// Kind, name, container, image, digest.
type Key = (String, String, String, String, Option<Digest>);

fn group_pods(namespace: &KubeNamespace, name: &str, pods: &[Pod]) -> Vec<RunningImage> {
    let mut groups: BTreeMap<Key, RunningImage> = BTreeMap::new();
    for pod in pods {
        for (container, _) in pod.spec.all_containers() {
            let parts = ImageParts::read(&container.image);
            if parts.name != name {
                continue;
            }
            let status = find_status(pod, container);
            let pulled = status.and_then(|status| ImageParts::read(&status.image_id).digest);
            // Some runtimes give the id of the configuration here, without a name before it.
            let is_named = status.is_some_and(|status| status.image_id.contains('@'));
            let digest = pulled.filter(|_| is_named).or(parts.digest);
            let (kind, owner) = find_owner(pod);
            let key = (
                kind.clone(),
                owner.clone(),
                container.name.clone(),
                container.image.clone(),
                digest,
            );
            let group = groups.entry(key).or_insert_with(|| RunningImage {
                namespace: namespace.clone(),
                kind,
                name: owner,
                container: container.name.clone(),
                image: container.image.clone(),
                digest,
                pods: 0,
                ready: 0,
                since: None,
            });
            group.pods += 1;
            group.ready += u32::from(status.is_some_and(|status| status.ready));
            let start = pod.status.start_time.clone();
            group.since = match (group.since.take(), start) {
                (Some(one), Some(other)) => Some(one.min(other)),
                (one, other) => one.or(other),
            };
        }
    }
    groups.into_values().collect()
}

fn find_status<'a>(pod: &'a Pod, container: &Container) -> Option<&'a ContainerStatus> {
    let status = &pod.status;
    let mut all = status
        .container_statuses
        .iter()
        .chain(&status.init_container_statuses);
    all.find(|one| one.name == container.name)
}

/// Who made the pod. A Deployment's ReplicaSets are named after it and the hash of their pods, a CronJob's Jobs after it and
/// the minute they are for; so no right to read either is needed.
fn find_owner(pod: &Pod) -> (String, String) {
    let meta = &pod.metadata;
    let Some(owner) = meta.owner_references.iter().find(|owner| owner.controller) else {
        return ("Pod".to_owned(), meta.name.clone());
    };
    let cut = |kind: &str, ending: &str| {
        let name = owner.name.strip_suffix(ending)?.strip_suffix('-')?;
        (!name.is_empty()).then(|| (kind.to_owned(), name.to_owned()))
    };
    let found = match owner.kind.as_str() {
        "ReplicaSet" => meta
            .labels
            .get("pod-template-hash")
            .and_then(|hash| cut("Deployment", hash)),
        "Job" => owner
            .name
            .rsplit_once('-')
            .filter(|(_, minute)| {
                minute.len() >= 8 && minute.bytes().all(|byte| byte.is_ascii_digit())
            })
            .and_then(|(_, minute)| cut("CronJob", minute)),
        _ => None,
    };
    found.unwrap_or_else(|| (owner.kind.clone(), owner.name.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn pods(value: Value) -> Vec<Pod> {
        serde_json::from_value(value).expect("pods")
    }

    fn digest(letter: &str) -> String {
        format!("sha256:{}", letter.repeat(64))
    }

    #[test]
    fn pods_are_gathered_by_what_made_them_and_what_they_run() {
        let pod = |name: &str, image_id: &str, ready: bool, since: &str| {
            json!({
                "metadata": {"name": name, "labels": {"pod-template-hash": "7c5"},
                    "ownerReferences": [{"kind": "ReplicaSet", "name": "api-7c5", "controller": true}]},
                "spec": {"containers": [
                    {"name": "app", "image": "reg.example/team/app:v1"},
                    {"name": "side", "image": "reg.example/team/app-side:v1"},
                ]},
                "status": {"startTime": since, "containerStatuses": [
                    {"name": "app", "ready": ready, "imageID": image_id}]},
            })
        };
        let id = format!("reg.example/team/app@{}", digest("a"));
        let found = pods(json!([
            pod("api-7c5-1", &id, true, "2026-11-29T20:00:02Z"),
            pod(
                "api-7c5-2",
                &format!("docker-pullable://{id}"),
                false,
                "2026-11-29T20:00:01Z"
            ),
            pod("api-7c5-3", "", false, "2026-11-29T20:00:03Z"),
        ]));
        let namespace: KubeNamespace = "web".parse().expect("a name");
        let groups = group_pods(&namespace, "reg.example/team/app", &found);
        assert_eq!(groups.len(), 2, "{groups:?}");
        let ours = groups
            .iter()
            .find(|one| one.digest.is_some())
            .expect("a digest");
        assert_eq!(
            (ours.kind.as_str(), ours.name.as_str()),
            ("Deployment", "api")
        );
        assert_eq!((ours.pods, ours.ready), (2, 1));
        assert_eq!(ours.since.as_deref(), Some("2026-11-29T20:00:01Z"));
        assert_eq!(
            ours.digest.map(|digest| digest.to_string()),
            Some(digest("a"))
        );
    }

    #[test]
    fn the_id_of_a_configuration_is_no_digest_of_an_image() {
        let image = format!("reg.example/app:v1@{}", digest("b"));
        let found = pods(json!([{
            "metadata": {"name": "lone"},
            "spec": {"containers": [{"name": "app", "image": image}]},
            "status": {"containerStatuses": [{"name": "app", "imageID": digest("c")}]},
        }]));
        let groups = group_pods(&"web".parse().expect("a name"), "reg.example/app", &found);
        assert_eq!(
            groups[0].digest.map(|digest| digest.to_string()),
            Some(digest("b"))
        );
        assert_eq!(
            (groups[0].kind.as_str(), groups[0].name.as_str()),
            ("Pod", "lone")
        );
    }

    #[test]
    fn owners_are_found_by_the_names_of_what_they_make() {
        for (kind, name, expected) in [
            ("ReplicaSet", "api-7c5", ("Deployment", "api")),
            ("ReplicaSet", "by-hand", ("ReplicaSet", "by-hand")),
            ("Job", "nightly-29401234", ("CronJob", "nightly")),
            ("Job", "migrate-2", ("Job", "migrate-2")),
            ("StatefulSet", "db", ("StatefulSet", "db")),
        ] {
            let found = pods(json!([{"metadata": {
                "labels": {"pod-template-hash": "7c5"},
                "ownerReferences": [{"kind": "Other", "name": "x"},
                    {"kind": kind, "name": name, "controller": true}],
            }}]));
            let (kind, name) = find_owner(&found[0]);
            assert_eq!((kind.as_str(), name.as_str()), expected);
        }
    }
}
