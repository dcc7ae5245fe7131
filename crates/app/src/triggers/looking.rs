//! One look at the clusters of a trigger that is being saved: is there what it shall update, and could its pods pull?
//!
//! It decides nothing: the trigger is saved whatever is found, because the workload may be made after it and a cluster may
//! come back. What a namespace was not granted is not looked at; the save itself refuses it. Called by [`super::create`] and
//! [`super::edit`]; a dry run asks the same about pulling.

use super::{
    aim::aim_at, checking::CheckedAction, clusters::tell_failure, definition::ActionSpec,
    definition::WorkloadSpec, place::TriggerPlace,
};
use crate::App;
use std::time::Duration;
use tokio::task::JoinSet;
use wharf_db::repositories;
use wharf_integrations::target::kubernetes::{
    Cluster, ClusterError, ContainerRef, PullAnswer, PullChoice, pull_secret_name,
};
use wharf_model::{ActionId, NamespaceId};

/// How long the look may take. A person waits for the save; longer, and they would rather not be told; much shorter, and a
/// cluster on another continent, which is asked some four times in a row, would always look dead.
const PATIENCE: Duration = Duration::from_secs(5);

/// What can be said about a workload: `warning.…` and `warning_hint.…` of the catalogue.
pub const WORKLOAD_WARNINGS: &[&str] = &[
    CLUSTER_SILENT,
    WORKLOAD_MISSING,
    CONTAINER_MISSING,
    WORKLOAD_UNREADABLE,
    MISSING_PULL_SECRET,
    UNKNOWN_PULL_SECRET,
];

const CLUSTER_SILENT: &str = "cluster_silent";
const WORKLOAD_MISSING: &str = "workload_missing";
const CONTAINER_MISSING: &str = "container_missing";
const WORKLOAD_UNREADABLE: &str = "workload_unreadable";
const MISSING_PULL_SECRET: &str = "missing_pull_secret";
const UNKNOWN_PULL_SECRET: &str = "unknown_pull_secret";

/// Why an action about a workload may come to nothing although it was saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkloadWarning {
    /// One of [`WORKLOAD_WARNINGS`].
    pub code: &'static str,
    /// The cluster's own words, or what is there instead; may be empty.
    pub detail: String,
    /// This registry's namespace.
    pub namespace: String,
    /// The cluster's name.
    pub cluster: String,
    /// Its namespace.
    pub cluster_namespace: String,
    /// `deployment/api`.
    pub workload: String,
    /// The container's name.
    pub container: String,
}

impl WorkloadWarning {
    pub(super) fn about(spec: &WorkloadSpec, namespace: &str, code: &'static str) -> Self {
        Self {
            code,
            detail: String::new(),
            namespace: namespace.to_owned(),
            cluster: spec.cluster_name.clone(),
            cluster_namespace: spec.namespace.clone(),
            workload: format!("{}/{}", spec.workload, spec.name),
            container: spec.container.clone(),
        }
    }

    /// Whether a pull secret would mend it.
    pub fn is_about_pulling(&self) -> bool {
        matches!(self.code, MISSING_PULL_SECRET | UNKNOWN_PULL_SECRET)
    }
}

/// What a look at one workload found.
struct Looked {
    /// Whether the container is an init container; none where it was not seen.
    is_init: Option<bool>,
    warning: Option<WorkloadWarning>,
}

impl App {
    /// Looks at all workloads of a trigger at once. What is found out about init containers is written into the actions.
    pub(super) async fn look_at_workloads(
        &self,
        place: &TriggerPlace,
        namespace: NamespaceId,
        actions: &mut [CheckedAction],
    ) -> Vec<(ActionId, WorkloadWarning)> {
        let TriggerPlace::Repository(name) = place else {
            return Vec::new();
        };
        let mut looks = JoinSet::new();
        for (place, action) in actions.iter().enumerate() {
            let ActionSpec::Workload(spec) = &action.spec else {
                continue;
            };
            let (app, spec, name) = (self.clone(), spec.clone(), name.clone());
            looks
                .spawn(async move { (place, app.look_at_workload(&spec, &name, namespace).await) });
        }
        let mut looks = looks.join_all().await;
        looks.sort_by_key(|(place, _)| *place);
        let mut warnings = Vec::new();
        for (place, looked) in looks {
            let action = &mut actions[place];
            if let (Some(is_init), ActionSpec::Workload(spec)) = (looked.is_init, &mut action.spec)
            {
                spec.init = is_init;
            }
            warnings.extend(looked.warning.map(|warning| (action.id, warning)));
        }
        warnings
    }

    async fn look_at_workload(
        &self,
        spec: &WorkloadSpec,
        repository: &str,
        namespace: NamespaceId,
    ) -> Looked {
        let nothing = Looked {
            is_init: None,
            warning: None,
        };
        let granted = self.find_granted(namespace, &spec.cluster_name, &spec.namespace);
        let (Ok((cluster, _)), Ok(name)) = (granted.await, repository.parse()) else {
            return nothing;
        };
        let facts = self.db.read(move |tx| repositories::find_facts(tx, &name));
        let Ok(Some(facts)) = facts.await else {
            return nothing;
        };
        let scope = facts.name.namespace();
        let warn = |code, detail| WorkloadWarning {
            detail,
            ..WorkloadWarning::about(spec, scope, code)
        };
        let Ok((row, opened)) = self.open_stored(cluster).await else {
            return nothing;
        };
        let mut is_init = None;
        let look = async {
            let cluster = opened?;
            let target = aim_at(spec)?;
            is_init = Some(cluster.find_container(&target).await?.is_init);
            match facts.public {
                true => Ok(None),
                false => find_pull_problem(&cluster, &target, &row.registry_host, scope).await,
            }
        };
        let found = tokio::time::timeout(PATIENCE, look).await;
        let warning = match found {
            Ok(Ok(code)) => code.map(|code| warn(code, String::new())),
            Ok(Err(error)) => Some(match &error {
                ClusterError::NotFound { .. } => warn(WORKLOAD_MISSING, String::new()),
                ClusterError::NoContainer { there, .. } => {
                    warn(CONTAINER_MISSING, there.join(", "))
                }
                ClusterError::Forbidden { .. } => {
                    warn(WORKLOAD_UNREADABLE, tell_failure(&row, &error).detail)
                }
                _ => warn(CLUSTER_SILENT, tell_failure(&row, &error).detail),
            }),
            Err(_) => {
                let detail = format!("no answer within {} seconds", PATIENCE.as_secs());
                Some(warn(CLUSTER_SILENT, detail))
            }
        };
        Looked { is_init, warning }
    }
}

/// What keeps pods of a workload from pulling a private image of a namespace, as far as can be seen.
pub(super) async fn find_pull_problem(
    cluster: &Cluster,
    target: &ContainerRef,
    host: &str,
    namespace: &str,
) -> Result<Option<&'static str>, ClusterError> {
    Ok(match cluster.find_pull_problem(target, host).await? {
        PullAnswer::Found { .. } => None,
        PullAnswer::Missing { .. } => {
            let ours = pull_secret_name(namespace);
            let choice = cluster.choose_pull_secret(target, host, &ours).await?;
            (choice == PullChoice::Missing).then_some(MISSING_PULL_SECRET)
        }
        PullAnswer::Unknown { .. } => Some(UNKNOWN_PULL_SECRET),
    })
}
