//! Who may use which namespaces of a cluster, whether its credential has all the rights that it takes, and what gives it those.

use super::{
    super::{
        Answer, ApiState, Done,
        caller::SignedIn,
        describe::{BadBody, Common, Missing},
        problem::Reader,
        request::{JsonBody, OptionalBody, Parameters, Segments},
        sources::NoFields,
    },
    Cluster,
};
use axum::{Json, extract::State};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// What is granted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct NewGrants {
    /// All namespaces of the cluster that may be used; others are taken away.
    cluster_namespaces: Vec<String>,
}

/// Rights that are lacking in a namespace of a cluster.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct MissingRights {
    cluster_namespace: String,
    /// `patch deployments.apps`.
    rights: Vec<String>,
}

/// What a check found.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct ClusterCheck {
    /// Whether the cluster answered and takes the credential.
    ok: bool,
    missing: Vec<MissingRights>,
    #[serde(flatten)]
    cluster: Cluster,
}

/// Rights for a cluster.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct Manifest {
    /// For `kubectl apply -f`.
    yaml: String,
}

/// Where the service account is to be.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::api) struct ManifestParameters {
    /// A namespace of the cluster, for a new account in it. Left out, the rights are for the account that this server signs in
    /// as, and where that is none for a new one in `default`.
    home: Option<String>,
}

/// Ask a cluster for its version, and for every right that it takes in each granted namespace
#[utoipa::path(post, path = "/clusters/{cluster}/check", tag = "clusters", params(("cluster" = String, Path)),
    request_body = NoFields,
    responses((status = 200, description = "Asked", body = ClusterCheck), Common, Missing, BadBody))]
pub(in crate::api) async fn check_cluster(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Reader(language): Reader,
    Segments(cluster): Segments<String>,
    OptionalBody(NoFields {}): OptionalBody<NoFields>,
) -> Answer<ClusterCheck> {
    let checked = state.app.check_cluster(&context, &cluster).await?;
    let missing = checked.missing.into_iter().map(|one| MissingRights {
        cluster_namespace: one.namespace,
        rights: one.rights,
    });
    Ok(Json(ClusterCheck {
        ok: checked.page.cluster.problem.is_none(),
        missing: missing.collect(),
        cluster: Cluster::show(checked.page, &context, language),
    }))
}

/// Grant a namespace exactly these namespaces of a cluster
#[utoipa::path(put, path = "/clusters/{cluster}/grants/{namespace}", tag = "clusters",
    params(("cluster" = String, Path), ("namespace" = String, Path)), request_body = NewGrants,
    responses((status = 200, description = "Granted", body = Cluster), Common, Missing, BadBody))]
pub(in crate::api) async fn set_cluster_grants(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Reader(language): Reader,
    Segments((cluster, namespace)): Segments<(String, String)>,
    JsonBody(body): JsonBody<NewGrants>,
) -> Answer<Cluster> {
    let app = &state.app;
    let granted = app.set_grants(&context, &cluster, &namespace, body.cluster_namespaces);
    Ok(Json(Cluster::show(granted.await?, &context, language)))
}

/// Take everything of a cluster from a namespace; what was rolled out stays
#[utoipa::path(delete, path = "/clusters/{cluster}/grants/{namespace}", tag = "clusters",
    params(("cluster" = String, Path), ("namespace" = String, Path)),
    responses((status = 204, description = "Taken away"), Common, Missing))]
pub(in crate::api) async fn delete_cluster_grants(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Segments((cluster, namespace)): Segments<(String, String)>,
) -> Done {
    let taken = state.app.delete_grants(&context, &cluster, &namespace);
    taken.await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Get the smallest RBAC for what is granted of a cluster
#[utoipa::path(get, path = "/clusters/{cluster}/manifest", tag = "clusters",
    params(("cluster" = String, Path), ManifestParameters),
    responses((status = 200, description = "YAML for kubectl", body = Manifest), Common, Missing))]
pub(in crate::api) async fn get_cluster_manifest(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Segments(cluster): Segments<String>,
    Parameters(wanted): Parameters<ManifestParameters>,
) -> Answer<Manifest> {
    let home = wanted.home.as_deref();
    let yaml = state.app.render_manifest(&context, &cluster, home).await?;
    Ok(Json(Manifest { yaml }))
}
