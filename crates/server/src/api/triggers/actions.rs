//! Single actions of triggers, switched on and off.

use super::{
    super::{
        Answer, ApiState,
        caller::SignedIn,
        describe::{BadBody, Common, Missing},
        problem::Reader,
        request::{OptionalBody, Segments},
        sources::NoFields,
    },
    show::ShownTrigger,
};
use axum::{Json, extract::State};
use serde::Deserialize;
use utoipa::ToSchema;
use wharf_app::{Context, triggers::TriggerPlace};
use wharf_messages::Language;

/// How an action is switched on.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(in crate::api) struct Enabling {
    /// Whether what was given up is delivered again.
    redeliver: bool,
}

async fn switch(
    state: &ApiState,
    context: &Context,
    place: &TriggerPlace,
    (trigger, action): (&str, &str),
    on: Option<Enabling>,
    language: Language,
) -> Answer<ShownTrigger> {
    let page = match on {
        Some(how) => {
            let redeliver = how.redeliver;
            let app = &state.app;
            app.enable_action(context, place, trigger, action, redeliver)
                .await?
        }
        None => {
            let app = &state.app;
            app.disable_action(context, place, trigger, action).await?
        }
    };
    Ok(Json(ShownTrigger::show(page, context, language)))
}

/// Switch an action on, also one whose receiver answered 410 Gone
#[utoipa::path(post, path = "/repositories/{name}/triggers/{trigger}/actions/{action}/enable", tag = "triggers",
    params(("name" = String, Path), ("trigger" = String, Path), ("action" = String, Path)), request_body = Enabling,
    responses((status = 200, description = "Switched on", body = ShownTrigger), Common, Missing, BadBody))]
pub(in crate::api) async fn enable_action(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Reader(language): Reader,
    Segments((name, trigger, action)): Segments<(String, String, String)>,
    OptionalBody(body): OptionalBody<Enabling>,
) -> Answer<ShownTrigger> {
    let place = TriggerPlace::Repository(name);
    let which = (trigger.as_str(), action.as_str());
    switch(&state, &context, &place, which, Some(body), language).await
}

/// Switch an action of a namespace's trigger on
#[utoipa::path(post, path = "/namespaces/{namespace}/triggers/{trigger}/actions/{action}/enable", tag = "triggers",
    params(("namespace" = String, Path), ("trigger" = String, Path), ("action" = String, Path)),
    request_body = Enabling,
    responses((status = 200, description = "Switched on", body = ShownTrigger), Common, Missing, BadBody))]
pub(in crate::api) async fn enable_namespace_action(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Reader(language): Reader,
    Segments((namespace, trigger, action)): Segments<(String, String, String)>,
    OptionalBody(body): OptionalBody<Enabling>,
) -> Answer<ShownTrigger> {
    let place = TriggerPlace::Namespace(namespace);
    let which = (trigger.as_str(), action.as_str());
    switch(&state, &context, &place, which, Some(body), language).await
}

/// Switch an action off
#[utoipa::path(post, path = "/repositories/{name}/triggers/{trigger}/actions/{action}/disable", tag = "triggers",
    params(("name" = String, Path), ("trigger" = String, Path), ("action" = String, Path)), request_body = NoFields,
    responses((status = 200, description = "Switched off", body = ShownTrigger), Common, Missing, BadBody))]
pub(in crate::api) async fn disable_action(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Reader(language): Reader,
    Segments((name, trigger, action)): Segments<(String, String, String)>,
    OptionalBody(NoFields {}): OptionalBody<NoFields>,
) -> Answer<ShownTrigger> {
    let place = TriggerPlace::Repository(name);
    let which = (trigger.as_str(), action.as_str());
    switch(&state, &context, &place, which, None, language).await
}

/// Switch an action of a namespace's trigger off
#[utoipa::path(post, path = "/namespaces/{namespace}/triggers/{trigger}/actions/{action}/disable", tag = "triggers",
    params(("namespace" = String, Path), ("trigger" = String, Path), ("action" = String, Path)),
    request_body = NoFields,
    responses((status = 200, description = "Switched off", body = ShownTrigger), Common, Missing, BadBody))]
pub(in crate::api) async fn disable_namespace_action(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Reader(language): Reader,
    Segments((namespace, trigger, action)): Segments<(String, String, String)>,
    OptionalBody(NoFields {}): OptionalBody<NoFields>,
) -> Answer<ShownTrigger> {
    let place = TriggerPlace::Namespace(namespace);
    let which = (trigger.as_str(), action.as_str());
    switch(&state, &context, &place, which, None, language).await
}
