//! Triggers run by hand.

use super::super::{
    Answer, ApiState,
    caller::SignedIn,
    describe::{BadBody, Clashing, Common, Missing},
    problem::Reader,
    request::{JsonBody, Segments},
    trigger_deliveries::TriggerDelivery,
};
use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use wharf_app::{
    Context,
    triggers::{TriggerPlace, TriggerRunRequest},
};
use wharf_messages::Language;

/// What a trigger is run for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct NewRun {
    /// A tag that is there.
    tag: String,
    /// Of which repository, for a trigger of a namespace.
    repository: Option<String>,
}

/// What a run set off.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct Run {
    repository: String,
    deliveries: Vec<TriggerDelivery>,
}

async fn run(
    state: &ApiState,
    context: &Context,
    place: &TriggerPlace,
    trigger: &str,
    body: NewRun,
    language: Language,
) -> Answer<Run> {
    let request = TriggerRunRequest {
        trigger: trigger.to_owned(),
        repository: body.repository,
        tag: body.tag,
    };
    let made = state.app.run_trigger(context, place, &request).await?;
    let repository = match place {
        TriggerPlace::Repository(name) => name.clone(),
        TriggerPlace::Namespace(_) => request.repository.unwrap_or_default(),
    };
    let mut deliveries = Vec::with_capacity(made.len());
    for id in made {
        let id = id.to_string();
        let details = state.app.find_trigger_delivery(context, place, &id);
        deliveries.push(TriggerDelivery::show(details.await?.delivery, language));
    }
    Ok(Json(Run {
        repository,
        deliveries,
    }))
}

/// Run a trigger now for a tag that is there, whatever its condition says
#[utoipa::path(post, path = "/repositories/{name}/triggers/{trigger}/run", tag = "triggers",
    params(("name" = String, Path), ("trigger" = String, Path)), request_body = NewRun,
    responses((status = 200, description = "On its way", body = Run), Common, Missing, Clashing, BadBody))]
pub(in crate::api) async fn run_trigger(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Reader(language): Reader,
    Segments((name, trigger)): Segments<(String, String)>,
    JsonBody(body): JsonBody<NewRun>,
) -> Answer<Run> {
    let place = TriggerPlace::Repository(name);
    run(&state, &context, &place, &trigger, body, language).await
}

/// Run a trigger of a namespace now, for a tag of one of its repositories
#[utoipa::path(post, path = "/namespaces/{namespace}/triggers/{trigger}/run", tag = "triggers",
    params(("namespace" = String, Path), ("trigger" = String, Path)), request_body = NewRun,
    responses((status = 200, description = "On its way", body = Run), Common, Missing, Clashing, BadBody))]
pub(in crate::api) async fn run_namespace_trigger(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Reader(language): Reader,
    Segments((namespace, trigger)): Segments<(String, String)>,
    JsonBody(body): JsonBody<NewRun>,
) -> Answer<Run> {
    let place = TriggerPlace::Namespace(namespace);
    run(&state, &context, &place, &trigger, body, language).await
}
