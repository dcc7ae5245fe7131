//! What deleting something would end, shown before it is done.

use super::{
    Answer, ApiState,
    caller::SignedIn,
    describe::{Common, Missing},
    request::Segments,
};
use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// How much is deleted.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Whole {
    /// Whether the repositories of the namespace go too, with their images, builds and rules; without it, a namespace that
    /// has any stays (409). What goes is listed by the `deletion` of the same path.
    #[serde(default)]
    pub(super) with_repositories: bool,
}

/// What would end. `repository` is in the way, unless it goes too; a `stopping_rule` stays, and stops; `webhook` and `deploy_key`
/// are those on the code host.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum DependentKind {
    Repository,
    Tag,
    Rule,
    StoppingRule,
    RuleSecret,
    TriggerUrl,
    Build,
    Link,
    Webhook,
    DeployKey,
    Trigger,
    WaitingDelivery,
    Member,
    Robot,
    Credential,
    ClusterGrant,
    Token,
    Source,
    Membership,
}

impl From<wharf_app::DependentKind> for DependentKind {
    fn from(kind: wharf_app::DependentKind) -> Self {
        use wharf_app::DependentKind as Kind;
        match kind {
            Kind::Repository => Self::Repository,
            Kind::Tag => Self::Tag,
            Kind::Rule => Self::Rule,
            Kind::StoppingRule => Self::StoppingRule,
            Kind::RuleSecret => Self::RuleSecret,
            Kind::TriggerUrl => Self::TriggerUrl,
            Kind::Build => Self::Build,
            Kind::Link => Self::Link,
            Kind::Webhook => Self::Webhook,
            Kind::DeployKey => Self::DeployKey,
            Kind::Trigger => Self::Trigger,
            Kind::WaitingDelivery => Self::WaitingDelivery,
            Kind::Member => Self::Member,
            Kind::Robot => Self::Robot,
            Kind::Credential => Self::Credential,
            Kind::ClusterGrant => Self::ClusterGrant,
            Kind::Token => Self::Token,
            Kind::Source => Self::Source,
            Kind::Membership => Self::Membership,
        }
    }
}

/// Things of one kind.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Dependents {
    kind: DependentKind,
    count: u64,
    /// The first 50.
    names: Vec<String>,
}

/// What would end.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Deletion {
    items: Vec<Dependents>,
}

impl From<Vec<wharf_app::Dependents>> for Deletion {
    fn from(found: Vec<wharf_app::Dependents>) -> Self {
        let items = found.into_iter().map(|one| Dependents {
            kind: one.kind.into(),
            count: one.count,
            names: one.names,
        });
        Self {
            items: items.collect(),
        }
    }
}

/// List what deleting a user would end
#[utoipa::path(get, path = "/users/{username}/deletion", tag = "users", params(("username" = String, Path)),
    responses((status = 200, description = "By kind", body = Deletion), Common, Missing))]
pub(super) async fn list_dependents_of_user(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Segments(username): Segments<String>,
) -> Answer<Deletion> {
    let found = state
        .app
        .list_dependents_of_user(&context, &username)
        .await?;
    Ok(Json(found.into()))
}

/// List what deleting a namespace would end
#[utoipa::path(get, path = "/namespaces/{namespace}/deletion", tag = "namespaces",
    params(("namespace" = String, Path)),
    responses((status = 200, description = "By kind", body = Deletion), Common, Missing))]
pub(super) async fn list_dependents_of_namespace(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Segments(namespace): Segments<String>,
) -> Answer<Deletion> {
    let found = state
        .app
        .list_dependents_of_namespace(&context, &namespace)
        .await?;
    Ok(Json(found.into()))
}

/// List what deleting a repository would end
#[utoipa::path(get, path = "/repositories/{name}/deletion", tag = "repositories", params(("name" = String, Path)),
    responses((status = 200, description = "By kind", body = Deletion), Common, Missing))]
pub(super) async fn list_dependents_of_repository(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Segments(name): Segments<String>,
) -> Answer<Deletion> {
    let found = state
        .app
        .list_dependents_of_repository(&context, &name)
        .await?;
    Ok(Json(found.into()))
}
