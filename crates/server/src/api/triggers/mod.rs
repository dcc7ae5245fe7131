//! Triggers of repositories, and those of namespaces: what happens when a tag is pushed or a build ends.
//!
//! Build trigger URLs, which start builds, are [`super::trigger_urls`].

pub(super) mod actions;
mod definition;
pub(super) mod dry_runs;
pub(super) mod namespaces;
mod new_action;
pub(super) mod runs;
mod show;
pub(super) mod trials;
mod warning;

pub(in crate::api) use definition::{Condition, TriggerEvent, Workload};

use super::{
    Answer, ApiState, Created, Done,
    caller::SignedIn,
    created,
    describe::{BadBody, Clashing, Common, Missing},
    page::{ListParameters, Page},
    problem::Reader,
    refusal::Refusal,
    request::{JsonBody, Parameters, Segments},
};
use axum::{Json, extract::State};
use http::StatusCode;
use new_action::{NewAction, read_actions};
use serde::Deserialize;
use show::{ChangedTrigger, ShownTrigger};
use utoipa::ToSchema;
use wharf_app::{Context, triggers};
use wharf_messages::Language;
use wharf_model::triggers::EventKind;

/// A trigger to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewTrigger {
    /// 2 to 64 letters, digits, `_` or `-`, a letter first; unique in its repository, or among its namespace's own.
    name: String,
    #[serde(default = "yes")]
    enabled: bool,
    /// Every tag when it is left out. Events of builds are not asked for it.
    #[serde(default)]
    condition: Condition,
    /// `tag_created` and `tag_changed` when it is left out. The same digest again is no event.
    #[serde(default = "pushes")]
    events: Vec<TriggerEvent>,
    /// Of events of builds: only those of these rules.
    #[serde(default)]
    rules: Vec<String>,
    /// 1 to 10.
    actions: Vec<NewAction>,
}

fn yes() -> bool {
    true
}

fn pushes() -> Vec<TriggerEvent> {
    vec![TriggerEvent::TagCreated, TriggerEvent::TagChanged]
}

impl NewTrigger {
    fn read(self) -> Result<triggers::TriggerDraft, Refusal> {
        Ok(triggers::TriggerDraft {
            actions: read_actions(self.actions)?,
            name: self.name,
            enabled: self.enabled,
            events: read_events(self.events),
            rules: self.rules,
            condition: self.condition.into(),
        })
    }
}

fn read_events(events: Vec<TriggerEvent>) -> Vec<EventKind> {
    events.into_iter().map(EventKind::from).collect()
}

/// Changes to a trigger; what is left out stays. A list of actions replaces the list: an action that is to stay names its
/// `id`, and its secrets stay where they are left out.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TriggerChanges {
    name: Option<String>,
    /// Switched on again, it fires for what happens from then on.
    enabled: Option<bool>,
    condition: Option<Condition>,
    events: Option<Vec<TriggerEvent>>,
    rules: Option<Vec<String>>,
    actions: Option<Vec<NewAction>>,
    /// The version that was seen; when it is another one by now, nothing is changed.
    version: Option<i64>,
}

impl TriggerChanges {
    fn read(self) -> Result<triggers::TriggerEditing, Refusal> {
        Ok(triggers::TriggerEditing {
            actions: self.actions.map(read_actions).transpose()?,
            name: self.name,
            enabled: self.enabled,
            events: self.events.map(read_events),
            rules: self.rules,
            condition: self.condition.map(Into::into),
            version: self.version,
        })
    }
}

async fn list(
    state: &ApiState,
    context: &Context,
    place: &triggers::TriggerPlace,
    list: ListParameters,
    language: Language,
) -> Answer<Page<ShownTrigger>> {
    let listed = state.app.list_triggers(context, place, list.page()?);
    Ok(Json(Page::show(listed.await?, |page| {
        ShownTrigger::show(page, context, language)
    })))
}

async fn create(
    state: &ApiState,
    context: &Context,
    place: &triggers::TriggerPlace,
    body: NewTrigger,
    language: Language,
) -> Created<ChangedTrigger> {
    let made = state.app.create_trigger(context, place, body.read()?);
    Ok(created(ChangedTrigger::show(
        made.await?,
        context,
        language,
    )))
}

async fn edit(
    state: &ApiState,
    context: &Context,
    place: &triggers::TriggerPlace,
    trigger: &str,
    body: TriggerChanges,
    language: Language,
) -> Answer<ChangedTrigger> {
    let edited = state
        .app
        .edit_trigger(context, place, trigger, body.read()?);
    Ok(Json(ChangedTrigger::show(edited.await?, context, language)))
}

/// List the triggers of a repository
#[utoipa::path(get, path = "/repositories/{name}/triggers", tag = "triggers",
    params(("name" = String, Path), ListParameters),
    responses((status = 200, description = "By name", body = Page<ShownTrigger>), Common, Missing))]
pub(super) async fn list_triggers(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Reader(language): Reader,
    Segments(name): Segments<String>,
    Parameters(parameters): Parameters<ListParameters>,
) -> Answer<Page<ShownTrigger>> {
    let place = triggers::TriggerPlace::Repository(name);
    list(&state, &context, &place, parameters, language).await
}

/// Make a trigger
///
/// It fires for what happens from now on. Addresses, values of headers and secrets are kept encrypted and never shown.
/// Clusters of its workloads are asked once, for some seconds, whether the container is there; what speaks against it is in
/// `warnings`, and whether it is an init container is written down.
#[utoipa::path(post, path = "/repositories/{name}/triggers", tag = "triggers",
    params(("name" = String, Path)), request_body = NewTrigger,
    responses((status = 201, description = "Made", body = ChangedTrigger), Common, Missing, Clashing, BadBody))]
pub(super) async fn create_trigger(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Reader(language): Reader,
    Segments(name): Segments<String>,
    JsonBody(body): JsonBody<NewTrigger>,
) -> Created<ChangedTrigger> {
    let place = triggers::TriggerPlace::Repository(name);
    create(&state, &context, &place, body, language).await
}

/// Show a trigger
#[utoipa::path(get, path = "/repositories/{name}/triggers/{trigger}", tag = "triggers",
    params(("name" = String, Path), ("trigger" = String, Path)),
    responses((status = 200, description = "The trigger", body = ShownTrigger), Common, Missing))]
pub(super) async fn get_trigger(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Reader(language): Reader,
    Segments((name, trigger)): Segments<(String, String)>,
) -> Answer<ShownTrigger> {
    let place = triggers::TriggerPlace::Repository(name);
    let found = state.app.show_trigger(&context, &place, &trigger).await?;
    Ok(Json(ShownTrigger::show(found, &context, language)))
}

/// Change a trigger
#[utoipa::path(patch, path = "/repositories/{name}/triggers/{trigger}", tag = "triggers",
    params(("name" = String, Path), ("trigger" = String, Path)), request_body = TriggerChanges,
    responses((status = 200, description = "Changed", body = ChangedTrigger), Common, Missing, Clashing, BadBody))]
pub(super) async fn edit_trigger(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Reader(language): Reader,
    Segments((name, trigger)): Segments<(String, String)>,
    JsonBody(body): JsonBody<TriggerChanges>,
) -> Answer<ChangedTrigger> {
    let place = triggers::TriggerPlace::Repository(name);
    edit(&state, &context, &place, &trigger, body, language).await
}

/// Delete a trigger with its secrets; what waits is called off, and the log stays
#[utoipa::path(delete, path = "/repositories/{name}/triggers/{trigger}", tag = "triggers",
    params(("name" = String, Path), ("trigger" = String, Path)),
    responses((status = 204, description = "Deleted"), Common, Missing))]
pub(super) async fn delete_trigger(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Segments((name, trigger)): Segments<(String, String)>,
) -> Done {
    let place = triggers::TriggerPlace::Repository(name);
    state.app.delete_trigger(&context, &place, &trigger).await?;
    Ok(StatusCode::NO_CONTENT)
}
