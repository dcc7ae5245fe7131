//! What a namespace may choose of clusters, read from them now, and pull secrets written there.

use super::super::{
    Answer, ApiState,
    caller::SignedIn,
    describe::{Asking, BadBody, Clashing, Common, Missing},
    refusal::Refusal,
    request::{JsonBody, Segments},
    triggers::Workload,
};
use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use wharf_app::triggers::PullLogin;
use wharf_model::SecretText;

/// A cluster of which something is granted.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct GrantedCluster {
    name: String,
    region: String,
    /// What its nodes call this registry.
    registry_host: String,
    /// `unchecked`, `reachable`, `failing`.
    state: String,
    /// Those that may be used.
    cluster_namespaces: Vec<String>,
}

/// What a namespace was granted.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct GrantedClusters {
    /// By region and name.
    items: Vec<GrantedCluster>,
}

/// A container that can be chosen.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct ListedContainer {
    name: String,
    /// What it is told to run.
    image: String,
    /// Whether it is an init container.
    init: bool,
}

/// A workload that can be chosen.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct ListedWorkload {
    kind: Workload,
    name: String,
    /// How many pods there shall be; null for kinds that have no such number.
    #[schema(required)]
    replicas: Option<i64>,
    /// A Deployment that is paused, a CronJob that is suspended.
    paused: bool,
    containers: Vec<ListedContainer>,
    /// Names of the pull secrets of its pods.
    pull_secrets: Vec<String>,
}

/// What is there now.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct ListedWorkloads {
    /// By kind, then by name.
    items: Vec<ListedWorkload>,
    /// Kinds that the cluster does not let this server list.
    hidden: Vec<Workload>,
    /// Whether there are more than were taken.
    more: bool,
}

/// The login that pods pull with: a new robot, or one that is known.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct NewPullSecret {
    /// Make a robot of this name, which may pull and nothing else.
    robot: Option<String>,
    username: Option<String>,
    /// Password, token or secret of that user or robot.
    password: Option<String>,
}

/// A pull secret that was written.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct PullSecret {
    /// What it is called there. A workload pulls with it when its `imagePullSecrets`, or those of its service account, name
    /// it.
    name: String,
    /// The registry it is for.
    registry_host: String,
    username: String,
}

/// List the clusters of which a namespace was granted something
#[utoipa::path(get, path = "/namespaces/{namespace}/clusters", tag = "clusters",
    params(("namespace" = String, Path)),
    responses((status = 200, description = "By region and name", body = GrantedClusters), Common, Missing))]
pub(in crate::api) async fn list_granted_clusters(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Segments(namespace): Segments<String>,
) -> Answer<GrantedClusters> {
    let found = state
        .app
        .list_granted_clusters(&context, &namespace)
        .await?;
    let items = found.into_iter().map(|granted| GrantedCluster {
        name: granted.cluster.name,
        region: granted.cluster.region,
        registry_host: granted.cluster.registry_host,
        state: granted.cluster.state,
        cluster_namespaces: granted.kube_namespaces,
    });
    Ok(Json(GrantedClusters {
        items: items.collect(),
    }))
}

/// List the workloads of a granted namespace of a cluster, read from it now
#[utoipa::path(get, path = "/namespaces/{namespace}/clusters/{cluster}/namespaces/{kube}/workloads", tag = "clusters",
    params(("namespace" = String, Path), ("cluster" = String, Path), ("kube" = String, Path)),
    responses((status = 200, description = "What is there", body = ListedWorkloads), Common, Missing, Asking))]
pub(in crate::api) async fn list_workloads(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Segments((namespace, cluster, kube)): Segments<(String, String, String)>,
) -> Answer<ListedWorkloads> {
    let found = state
        .app
        .list_workloads(&context, &namespace, &cluster, &kube)
        .await?;
    let items = found.workloads.into_iter().map(|workload| ListedWorkload {
        kind: workload.kind.into(),
        name: workload.name.to_string(),
        replicas: workload.replicas,
        paused: workload.is_paused,
        containers: workload
            .containers
            .into_iter()
            .map(|container| ListedContainer {
                name: container.name.to_string(),
                image: container.image,
                init: container.is_init,
            })
            .collect(),
        pull_secrets: workload.pull_secrets,
    });
    Ok(Json(ListedWorkloads {
        items: items.collect(),
        hidden: found.hidden.into_iter().map(Into::into).collect(),
        more: found.is_cut,
    }))
}

/// Write a pull secret for this registry into a granted namespace of a cluster
#[utoipa::path(post, path = "/namespaces/{namespace}/clusters/{cluster}/namespaces/{kube}/pull-secret",
    tag = "clusters", params(("namespace" = String, Path), ("cluster" = String, Path), ("kube" = String, Path)),
    request_body = NewPullSecret,
    responses((status = 200, description = "Written", body = PullSecret), Common, Missing, Clashing, BadBody, Asking))]
pub(in crate::api) async fn write_pull_secret(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Segments((namespace, cluster, kube)): Segments<(String, String, String)>,
    JsonBody(body): JsonBody<NewPullSecret>,
) -> Answer<PullSecret> {
    let login = match (body.robot, body.username, body.password) {
        (Some(robot), None, None) => PullLogin::NewRobot(robot),
        (None, Some(username), Some(password)) => PullLogin::Known {
            username,
            password: SecretText::new(password),
        },
        (None, Some(_), None) => return Err(Refusal::field("password", "required")),
        (None, None, _) => return Err(Refusal::field("robot", "required")),
        (Some(_), _, _) => return Err(Refusal::field("robot", "either_or")),
    };
    let written = state
        .app
        .write_pull_secret(&context, &namespace, &cluster, &kube, login)
        .await?;
    Ok(Json(PullSecret {
        name: written.name,
        registry_host: written.host,
        username: written.username,
    }))
}
