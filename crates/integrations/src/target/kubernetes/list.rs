//! What there is to choose from in a cluster, page by page and within bounds.
//!
//! What the credentials may not list is left out and said so, never an error: pickers work without the right to list
//! namespaces. Called for forms, and by whoever looks for what runs.

use super::cluster::{Call, Cluster};
use super::error::Result;
use super::name::{ContainerName, KubeNamespace, ObjectName};
use super::wire::{Listed, Named, WorkloadObject};
use super::workload::{list_path, pod_spec};
use serde::de::DeserializeOwned;
use wharf_model::triggers::WorkloadKind;

/// Objects in one answer. Workloads have some 10 KiB each: this many fit well into what is taken at once, and most
/// namespaces have fewer.
const PAGE: usize = 250;

/// Pages of one list. Nobody chooses from more than a thousand; the rest is said to be there.
const MOST_PAGES: usize = 4;

/// A list, and whether there is more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bounded<T> {
    pub items: Vec<T>,
    pub is_cut: bool,
}

/// What can be chosen in a namespace.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WorkloadList {
    /// By kind, then by name.
    pub workloads: Vec<ListedWorkload>,
    /// Kinds that the credentials may not list.
    pub hidden: Vec<WorkloadKind>,
    /// There are more than were taken.
    pub is_cut: bool,
}

/// A workload that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedWorkload {
    pub kind: WorkloadKind,
    pub name: ObjectName,
    /// How many pods there shall be; none for kinds that have no such number.
    pub replicas: Option<i64>,
    /// A Deployment that is paused, a CronJob that is suspended: it takes images and starts nothing.
    pub is_paused: bool,
    pub containers: Vec<ListedContainer>,
    /// Names of the pull secrets of its template.
    pub pull_secrets: Vec<String>,
}

/// A container that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedContainer {
    pub name: ContainerName,
    pub image: String,
    /// It runs before the others and ends, unless it is a sidecar.
    pub is_init: bool,
}

impl Cluster {
    /// The namespaces of the cluster; `None` when the credentials may not list them.
    ///
    /// # Errors
    /// When the cluster cannot be reached or does not know the credentials.
    pub async fn list_namespaces(&self) -> Result<Option<Bounded<KubeNamespace>>> {
        const NAMES_ONLY: &str =
            "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";
        let make =
            || Call::get("/api/v1/namespaces".to_owned(), "its namespaces").with_accept(NAMES_ONLY);
        match self.list::<Named>(make).await {
            Ok(found) => Ok(Some(Bounded {
                items: found
                    .items
                    .iter()
                    .filter_map(|one| one.metadata.name.parse().ok())
                    .collect(),
                is_cut: found.is_cut,
            })),
            Err(error) if error.is_forbidden() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The workloads of a namespace with their containers.
    ///
    /// # Errors
    /// When the cluster cannot be reached or does not know the credentials.
    pub async fn list_workloads(&self, namespace: &KubeNamespace) -> Result<WorkloadList> {
        let mut list = WorkloadList::default();
        for &kind in WorkloadKind::ALL {
            let found = match self.list_kind(namespace, kind).await {
                Err(error) if error.is_forbidden() => {
                    list.hidden.push(kind);
                    continue;
                }
                outcome => outcome?,
            };
            list.is_cut |= found.is_cut;
            let described = found.items.iter().filter_map(|one| describe(kind, one));
            list.workloads.extend(described);
        }
        Ok(list)
    }

    async fn list_kind(
        &self,
        namespace: &KubeNamespace,
        kind: WorkloadKind,
    ) -> Result<Bounded<WorkloadObject>> {
        let make = || {
            let subject = format!("the list of {kind}s in {namespace}");
            Call::get(list_path(namespace, kind), subject)
        };
        self.list(make).await
    }

    /// All pages of a list, as many as are taken.
    pub(super) async fn list<T: DeserializeOwned>(
        &self,
        make: impl Fn() -> Call,
    ) -> Result<Bounded<T>> {
        let (mut items, mut next) = (Vec::new(), String::new());
        for _ in 0..MOST_PAGES {
            let mut call = make().with_query("limit", PAGE);
            if !next.is_empty() {
                call = call.with_query("continue", &next);
            }
            let page: Listed<T> = self.read(call).await?;
            items.extend(page.items);
            next = page.metadata.next;
            if next.is_empty() {
                break;
            }
        }
        Ok(Bounded {
            items,
            is_cut: !next.is_empty(),
        })
    }
}

/// None for what is being deleted, and for names that no API server gives out.
fn describe(kind: WorkloadKind, object: &WorkloadObject) -> Option<ListedWorkload> {
    if object.metadata.deletion_timestamp.is_some() {
        return None;
    }
    let spec = pod_spec(kind, object);
    let containers = spec.all_containers().filter_map(|(container, is_init)| {
        Some(ListedContainer {
            name: container.name.parse().ok()?,
            image: container.image.clone(),
            is_init,
        })
    });
    let has_replicas = matches!(kind, WorkloadKind::Deployment | WorkloadKind::StatefulSet);
    Some(ListedWorkload {
        kind,
        name: object.metadata.name.parse().ok()?,
        // Kubernetes starts one where no number is written.
        replicas: has_replicas.then(|| object.spec.replicas.unwrap_or(1)),
        is_paused: object.spec.paused || object.spec.suspend,
        containers: containers.collect(),
        pull_secrets: spec
            .image_pull_secrets
            .iter()
            .map(|secret| secret.name.clone())
            .collect(),
    })
}
