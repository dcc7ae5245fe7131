//! Kubernetes clusters: added by administrators, chosen from by maintainers of namespaces that were granted something.

pub(super) mod grants;
pub(super) mod picking;

use super::{
    Answer, ApiState, Created, Done,
    caller::SignedIn,
    created,
    describe::{BadBody, Clashing, Common, Missing},
    page::{ListParameters, Page},
    problem::Reader,
    refusal::Refusal,
    request::{JsonBody, Parameters, Segments},
    sources::state::say_problem,
    value::{ShownVerb, show_time},
};
use axum::{Json, extract::State};
use http::StatusCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;
use wharf_app::{Context, triggers};
use wharf_messages::Language;
use wharf_model::{SecretText, list_cluster_verbs};

/// Namespaces of a cluster, granted to a namespace here.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ClusterGrants {
    namespace: String,
    cluster_namespaces: Vec<String>,
    created_by: String,
    created_at: Timestamp,
}

/// A Kubernetes cluster.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Cluster {
    id: Uuid,
    name: String,
    region: String,
    /// `kubeconfig`, `token`, `in_cluster`.
    method: String,
    /// The API server.
    server: String,
    /// Whether an authority of its own is believed.
    has_ca: bool,
    /// What its nodes call this registry.
    registry_host: String,
    /// `unchecked`, `reachable`, `failing`.
    state: String,
    since: Timestamp,
    /// What is wrong, a word.
    #[schema(required)]
    problem: Option<String>,
    /// The same as a sentence, in the language that `Accept-Language` likes best.
    #[schema(required)]
    message: Option<String>,
    detail: String,
    #[schema(required)]
    checked_at: Option<Timestamp>,
    /// What it calls its version; empty until it told.
    server_version: String,
    grants: Vec<ClusterGrants>,
    version: i64,
    created_by: String,
    created_at: Timestamp,
    changed_by: String,
    changed_at: Timestamp,
    /// What the caller may do to it.
    may: Vec<ShownVerb>,
}

impl Cluster {
    fn show(page: triggers::ClusterPage, context: &Context, language: Language) -> Self {
        let row = page.cluster;
        let problem = row.problem.as_deref();
        let mut grants: BTreeMap<String, ClusterGrants> = BTreeMap::new();
        for grant in page.grants {
            let of_namespace = grants
                .entry(grant.namespace_name.clone())
                .or_insert_with(|| ClusterGrants {
                    namespace: grant.namespace_name,
                    cluster_namespaces: Vec::new(),
                    created_by: grant.created_by,
                    created_at: show_time(grant.created_at),
                });
            of_namespace.cluster_namespaces.push(grant.kube_namespace);
        }
        Self {
            message: problem.map(|word| say_problem(word, &row.name, language)),
            id: row.id.as_uuid(),
            name: row.name,
            region: row.region,
            method: row.method.to_string(),
            server: row.server,
            has_ca: row.ca.is_some(),
            registry_host: row.registry_host,
            state: row.state,
            since: show_time(row.state_since),
            problem: row.problem,
            detail: row.problem_detail,
            checked_at: row.checked_at.map(show_time),
            server_version: row.server_version,
            grants: grants.into_values().collect(),
            version: row.version,
            created_by: row.created_by,
            created_at: show_time(row.created_at),
            changed_by: row.changed_by,
            changed_at: show_time(row.changed_at),
            may: ShownVerb::list(list_cluster_verbs(&context.caller)),
        }
    }
}

/// A cluster to be added. How it is signed in to is said by one of `kubeconfig`, `server` with `token`, or `in_cluster`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewCluster {
    /// Letters, digits, `.`, `_` and `-`.
    name: String,
    /// What people choose by: `eu-west`.
    #[serde(default)]
    region: String,
    /// What its nodes call this registry, `HOST` or `HOST:PORT`: what stands before image names there. An address that on
    /// a node is the node itself is refused.
    registry_host: String,
    /// A kubeconfig with inline credentials. What would run a program, read a file of this server or send requests
    /// elsewhere is refused by name: `exec`, `auth-provider`, `tokenFile`, paths of keys and certificates, `proxy-url`.
    kubeconfig: Option<String>,
    /// The API server: `https://10.0.0.1:6443`.
    server: Option<String>,
    /// Who signed its certificate: PEM, or PEM in base64. The system's authorities when it is left out.
    ca: Option<String>,
    /// A service account's token.
    token: Option<String>,
    /// By the service account of the pod that this server runs in.
    #[serde(default)]
    in_cluster: bool,
}

/// Changes to a cluster; what is left out stays. Another `server` needs its credential given again.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ClusterChanges {
    /// Actions go on to go there, and call it so.
    name: Option<String>,
    region: Option<String>,
    registry_host: Option<String>,
    kubeconfig: Option<String>,
    server: Option<String>,
    ca: Option<String>,
    token: Option<String>,
    in_cluster: Option<bool>,
}

/// The one way to sign in that was given; none when there is none.
fn read_access(
    kubeconfig: Option<String>,
    (server, ca, token): (Option<String>, Option<String>, Option<String>),
    in_cluster: bool,
) -> Result<Option<triggers::AccessDraft>, Refusal> {
    let by_token = server.is_some() || ca.is_some() || token.is_some();
    match (kubeconfig, by_token, in_cluster) {
        (None, false, false) => Ok(None),
        (Some(text), false, false) => {
            let text = SecretText::new(text);
            Ok(Some(triggers::AccessDraft::Kubeconfig(text)))
        }
        (None, true, false) => Ok(Some(triggers::AccessDraft::Token {
            server,
            ca,
            token: token.map(SecretText::new),
        })),
        (None, false, true) => Ok(Some(triggers::AccessDraft::InCluster)),
        (Some(_), _, _) => Err(Refusal::field("kubeconfig", "either_or")),
        (None, true, true) => Err(Refusal::field("in_cluster", "either_or")),
    }
}

/// List clusters
#[utoipa::path(get, path = "/clusters", tag = "clusters", params(ListParameters),
    responses((status = 200, description = "By name", body = Page<Cluster>), Common))]
pub(super) async fn list_clusters(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Reader(language): Reader,
    Parameters(list): Parameters<ListParameters>,
) -> Answer<Page<Cluster>> {
    let listed = state.app.list_clusters(&context, list.page()?).await?;
    Ok(Json(Page::show(listed, |page| {
        Cluster::show(page, &context, language)
    })))
}

/// Add a cluster, and ask it once: `state` says what came out of it
#[utoipa::path(post, path = "/clusters", tag = "clusters", request_body = NewCluster,
    responses((status = 201, description = "Added", body = Cluster), Common, Clashing, BadBody))]
pub(super) async fn add_cluster(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Reader(language): Reader,
    JsonBody(body): JsonBody<NewCluster>,
) -> Created<Cluster> {
    let parts = (body.server, body.ca, body.token);
    let access = read_access(body.kubeconfig, parts, body.in_cluster)?;
    let draft = triggers::ClusterDraft {
        name: body.name,
        region: body.region,
        registry_host: body.registry_host,
        access: access.ok_or(Refusal::field("kubeconfig", "required"))?,
    };
    let added = state.app.add_cluster(&context, draft).await?;
    Ok(created(Cluster::show(added, &context, language)))
}

/// Show a cluster
#[utoipa::path(get, path = "/clusters/{cluster}", tag = "clusters", params(("cluster" = String, Path)),
    responses((status = 200, description = "The cluster", body = Cluster), Common, Missing))]
pub(super) async fn get_cluster(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Reader(language): Reader,
    Segments(cluster): Segments<String>,
) -> Answer<Cluster> {
    let found = state.app.show_cluster(&context, &cluster).await?;
    Ok(Json(Cluster::show(found, &context, language)))
}

/// Change a cluster, and ask it once
#[utoipa::path(patch, path = "/clusters/{cluster}", tag = "clusters", params(("cluster" = String, Path)),
    request_body = ClusterChanges,
    responses((status = 200, description = "Changed", body = Cluster), Common, Missing, Clashing, BadBody))]
pub(super) async fn edit_cluster(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Reader(language): Reader,
    Segments(cluster): Segments<String>,
    JsonBody(body): JsonBody<ClusterChanges>,
) -> Answer<Cluster> {
    let parts = (body.server, body.ca, body.token);
    let edit = triggers::ClusterEdit {
        name: body.name,
        region: body.region,
        registry_host: body.registry_host,
        access: read_access(body.kubeconfig, parts, body.in_cluster.unwrap_or_default())?,
    };
    let edited = state.app.edit_cluster(&context, &cluster, edit).await?;
    Ok(Json(Cluster::show(edited, &context, language)))
}

/// Remove a cluster with its credential and its grants; actions that go there fail from then on
#[utoipa::path(delete, path = "/clusters/{cluster}", tag = "clusters", params(("cluster" = String, Path)),
    responses((status = 204, description = "Removed"), Common, Missing))]
pub(super) async fn delete_cluster(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Segments(cluster): Segments<String>,
) -> Done {
    state.app.delete_cluster(&context, &cluster).await?;
    Ok(StatusCode::NO_CONTENT)
}
