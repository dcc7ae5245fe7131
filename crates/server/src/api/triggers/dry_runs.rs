//! What updating a workload would do.

use super::super::{
    Answer, ApiState,
    caller::SignedIn,
    describe::{Asking, BadBody, Clashing, Common, Missing},
    problem::Reader,
    request::{JsonBody, Segments},
};
use super::warning::Warning;
use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use wharf_app::{
    Context,
    triggers::{DryRunRequest, TriggerPlace},
};
use wharf_messages::Language;

/// What a dry run is for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct NewDryRun {
    /// A tag that is there.
    tag: String,
    /// Of which repository, for a trigger of a namespace.
    repository: Option<String>,
}

/// What would be done.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct DryRun {
    /// The container.
    target: String,
    /// What it is told to run now.
    before: String,
    /// What it would be told.
    after: String,
    /// Whether that is another image.
    changes: bool,
    /// What is known to keep its pods from pulling the image.
    #[schema(required)]
    warning: Option<Warning>,
}

async fn dry_run(
    state: &ApiState,
    context: &Context,
    place: &TriggerPlace,
    (trigger, action): (String, String),
    body: NewDryRun,
    language: Language,
) -> Answer<DryRun> {
    let request = DryRunRequest {
        trigger,
        action,
        repository: body.repository,
        tag: body.tag,
    };
    let found = state.app.dry_run_action(context, place, request).await?;
    Ok(Json(DryRun {
        target: found.target,
        before: found.before,
        after: found.after,
        changes: found.is_change,
        warning: found
            .warning
            .map(|warning| Warning::show(warning, language)),
    }))
}

/// Ask a cluster what an action would do to a workload; nothing is changed
#[utoipa::path(post, path = "/repositories/{name}/triggers/{trigger}/actions/{action}/dry-run", tag = "triggers",
    params(("name" = String, Path), ("trigger" = String, Path), ("action" = String, Path)), request_body = NewDryRun,
    responses((status = 200, description = "What would be done", body = DryRun), Common, Missing, Clashing, BadBody,
        Asking))]
pub(in crate::api) async fn dry_run_action(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Reader(language): Reader,
    Segments((name, trigger, action)): Segments<(String, String, String)>,
    JsonBody(body): JsonBody<NewDryRun>,
) -> Answer<DryRun> {
    let place = TriggerPlace::Repository(name);
    dry_run(&state, &context, &place, (trigger, action), body, language).await
}

/// Ask a cluster what an action of a namespace's trigger would do to a workload; nothing is changed
#[utoipa::path(post, path = "/namespaces/{namespace}/triggers/{trigger}/actions/{action}/dry-run", tag = "triggers",
    params(("namespace" = String, Path), ("trigger" = String, Path), ("action" = String, Path)),
    request_body = NewDryRun,
    responses((status = 200, description = "What would be done", body = DryRun), Common, Missing, Clashing, BadBody,
        Asking))]
pub(in crate::api) async fn dry_run_namespace_action(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Reader(language): Reader,
    Segments((namespace, trigger, action)): Segments<(String, String, String)>,
    JsonBody(body): JsonBody<NewDryRun>,
) -> Answer<DryRun> {
    let place = TriggerPlace::Namespace(namespace);
    dry_run(&state, &context, &place, (trigger, action), body, language).await
}
