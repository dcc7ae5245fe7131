//! The same for triggers of a namespace, which are about all of its repositories.

use super::{
    super::{
        Answer, ApiState, Created, Done,
        caller::SignedIn,
        describe::{BadBody, Clashing, Common, Missing},
        page::{ListParameters, Page},
        problem::Reader,
        request::{JsonBody, Parameters, Segments},
    },
    NewTrigger, TriggerChanges, create, edit, list,
    show::{ChangedTrigger, ShownTrigger},
};
use axum::{Json, extract::State};
use http::StatusCode;
use wharf_app::triggers::TriggerPlace;

/// List the triggers of a namespace, without those of its repositories
#[utoipa::path(get, path = "/namespaces/{namespace}/triggers", tag = "triggers",
    params(("namespace" = String, Path), ListParameters),
    responses((status = 200, description = "By name", body = Page<ShownTrigger>), Common, Missing))]
pub(in crate::api) async fn list_namespace_triggers(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Reader(language): Reader,
    Segments(namespace): Segments<String>,
    Parameters(parameters): Parameters<ListParameters>,
) -> Answer<Page<ShownTrigger>> {
    let place = TriggerPlace::Namespace(namespace);
    list(&state, &context, &place, parameters, language).await
}

/// Make a trigger that is about all repositories of a namespace
#[utoipa::path(post, path = "/namespaces/{namespace}/triggers", tag = "triggers",
    params(("namespace" = String, Path)), request_body = NewTrigger,
    responses((status = 201, description = "Made", body = ChangedTrigger), Common, Missing, Clashing, BadBody))]
pub(in crate::api) async fn create_namespace_trigger(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Reader(language): Reader,
    Segments(namespace): Segments<String>,
    JsonBody(body): JsonBody<NewTrigger>,
) -> Created<ChangedTrigger> {
    let place = TriggerPlace::Namespace(namespace);
    create(&state, &context, &place, body, language).await
}

/// Show a trigger of a namespace
#[utoipa::path(get, path = "/namespaces/{namespace}/triggers/{trigger}", tag = "triggers",
    params(("namespace" = String, Path), ("trigger" = String, Path)),
    responses((status = 200, description = "The trigger", body = ShownTrigger), Common, Missing))]
pub(in crate::api) async fn get_namespace_trigger(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Reader(language): Reader,
    Segments((namespace, trigger)): Segments<(String, String)>,
) -> Answer<ShownTrigger> {
    let place = TriggerPlace::Namespace(namespace);
    let found = state.app.show_trigger(&context, &place, &trigger).await?;
    Ok(Json(ShownTrigger::show(found, &context, language)))
}

/// Change a trigger of a namespace
#[utoipa::path(patch, path = "/namespaces/{namespace}/triggers/{trigger}", tag = "triggers",
    params(("namespace" = String, Path), ("trigger" = String, Path)), request_body = TriggerChanges,
    responses((status = 200, description = "Changed", body = ChangedTrigger), Common, Missing, Clashing, BadBody))]
pub(in crate::api) async fn edit_namespace_trigger(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Reader(language): Reader,
    Segments((namespace, trigger)): Segments<(String, String)>,
    JsonBody(body): JsonBody<TriggerChanges>,
) -> Answer<ChangedTrigger> {
    let place = TriggerPlace::Namespace(namespace);
    edit(&state, &context, &place, &trigger, body, language).await
}

/// Delete a trigger of a namespace
#[utoipa::path(delete, path = "/namespaces/{namespace}/triggers/{trigger}", tag = "triggers",
    params(("namespace" = String, Path), ("trigger" = String, Path)),
    responses((status = 204, description = "Deleted"), Common, Missing))]
pub(in crate::api) async fn delete_namespace_trigger(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Segments((namespace, trigger)): Segments<(String, String)>,
) -> Done {
    let place = TriggerPlace::Namespace(namespace);
    state.app.delete_trigger(&context, &place, &trigger).await?;
    Ok(StatusCode::NO_CONTENT)
}
