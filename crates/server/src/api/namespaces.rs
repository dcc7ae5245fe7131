//! Namespaces.

use super::{
    Answer, ApiState, Created, Done,
    caller::SignedIn,
    created,
    dependents::Whole,
    describe::{BadBody, Clashing, Common, Missing},
    page::{Page, read_page},
    request::{JsonBody, Parameters, Segments},
    value::{CallerRole, ShownVerb, show_time},
};
use axum::{Json, extract::State};
use http::StatusCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use wharf_app::{Context, accounts};
use wharf_model::{Role, list_namespace_verbs};

/// A namespace: the first segment of its repositories' names.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Namespace {
    id: Uuid,
    name: String,
    description: String,
    /// What the caller is to it.
    #[schema(required)]
    role: Option<CallerRole>,
    repository_count: u64,
    created_at: Timestamp,
    /// What the caller may do to it.
    may: Vec<ShownVerb>,
}

impl Namespace {
    fn show(namespace: accounts::Namespace, context: &Context) -> Self {
        Self {
            may: ShownVerb::list(list_namespace_verbs(&context.caller, namespace.id)),
            id: namespace.id.as_uuid(),
            role: CallerRole::of(&context.caller, namespace.id),
            name: namespace.name,
            description: namespace.description,
            repository_count: namespace.repository_count,
            created_at: show_time(namespace.created_at),
        }
    }
}

/// A namespace to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewNamespace {
    name: String,
    #[serde(default)]
    description: String,
}

/// Changes to a namespace; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NamespaceChanges {
    description: Option<String>,
}

/// Which namespaces are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct NamespaceParameters {
    /// Only those whose name contains this.
    q: Option<String>,
    /// Only those where the caller may do this.
    may: Option<ShownVerb>,
    /// Items of a page, 1 to 1000; 100 when it is left out.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u64>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// List the namespaces that the caller belongs to; all of them for administrators
#[utoipa::path(get, path = "/namespaces", tag = "namespaces", params(NamespaceParameters),
    responses((status = 200, description = "By name", body = Page<Namespace>), Common))]
pub(super) async fn list_namespaces(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Parameters(wanted): Parameters<NamespaceParameters>,
) -> Answer<Page<Namespace>> {
    let page = read_page(wanted.limit, wanted.after)?;
    let term = wanted.q.unwrap_or_default();
    let verb = wanted.may.map(ShownVerb::get);
    let listed = state
        .app
        .list_namespaces(&context, term, verb, page)
        .await?;
    Ok(Json(Page::show(listed, |namespace| {
        Namespace::show(namespace, &context)
    })))
}

/// Make a namespace that belongs to the caller
#[utoipa::path(post, path = "/namespaces", tag = "namespaces", request_body = NewNamespace,
    responses((status = 201, description = "Made", body = Namespace), Common, Clashing, BadBody))]
pub(super) async fn create_namespace(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    JsonBody(body): JsonBody<NewNamespace>,
) -> Created<Namespace> {
    let made = state
        .app
        .create_namespace(&context, &body.name, body.description)
        .await?;
    // The caller as it was before it owned this.
    let mut owner = context;
    let mut roles = (*owner.caller.roles).clone();
    roles.insert(made.id, Role::Owner);
    owner.caller.roles = Arc::new(roles);
    Ok(created(Namespace::show(made, &owner)))
}

/// Show a namespace
#[utoipa::path(get, path = "/namespaces/{namespace}", tag = "namespaces", params(("namespace" = String, Path)),
    responses((status = 200, description = "The namespace", body = Namespace), Common, Missing))]
pub(super) async fn get_namespace(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Segments(name): Segments<String>,
) -> Answer<Namespace> {
    let namespace = state.app.show_namespace(&context, &name).await?;
    Ok(Json(Namespace::show(namespace, &context)))
}

/// Edit a namespace
#[utoipa::path(patch, path = "/namespaces/{namespace}", tag = "namespaces", params(("namespace" = String, Path)),
    request_body = NamespaceChanges,
    responses((status = 200, description = "Edited", body = Namespace), Common, Missing, BadBody))]
pub(super) async fn edit_namespace(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Segments(name): Segments<String>,
    JsonBody(body): JsonBody<NamespaceChanges>,
) -> Answer<Namespace> {
    let edited = state
        .app
        .edit_namespace(&context, &name, body.description)
        .await?;
    Ok(Json(Namespace::show(edited, &context)))
}

/// Delete an empty namespace, with its members and robots
#[utoipa::path(delete, path = "/namespaces/{namespace}", tag = "namespaces", params(("namespace" = String, Path), Whole),
    responses((status = 204, description = "Deleted"), Common, Missing, Clashing))]
pub(super) async fn delete_namespace(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Segments(name): Segments<String>,
    Parameters(whole): Parameters<Whole>,
) -> Done {
    let whole = whole.with_repositories;
    state.app.delete_namespace(&context, &name, whole).await?;
    Ok(StatusCode::NO_CONTENT)
}
