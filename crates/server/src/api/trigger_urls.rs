//! Build trigger URLs of rules. Where they are called is [`crate::triggers`].

use super::{
    Answer, ApiState, Created, Done,
    caller::{Facts, SignedIn},
    created,
    describe::{BadBody, Clashing, Common, Missing},
    page::{ListParameters, Page},
    request::{JsonBody, Parameters, Segments},
    value::show_time,
};
use axum::{Json, extract::State};
use http::StatusCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use wharf_app::rules;

/// A build trigger URL, without its secret.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TriggerUrl {
    id: Uuid,
    /// What it is for.
    name: String,
    created_by: String,
    created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_at: Option<Timestamp>,
}

impl From<rules::TriggerUrl> for TriggerUrl {
    fn from(trigger: rules::TriggerUrl) -> Self {
        Self {
            id: trigger.id.as_uuid(),
            name: trigger.name,
            created_by: trigger.created_by,
            created_at: show_time(trigger.created_at),
            last_used_at: trigger.last_used_at.map(show_time),
        }
    }
}

/// A build trigger URL with its secret.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TriggerUrlWithSecret {
    #[serde(flatten)]
    trigger: TriggerUrl,
    /// The whole address, secret included; shown this once. POST to it.
    url: String,
    /// The secret alone, to be sent as `Authorization: Bearer` to the address without it.
    secret: String,
}

/// A build trigger URL to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewTriggerUrl {
    /// What it is for.
    name: String,
}

/// List the build trigger URLs of a rule
#[utoipa::path(get, path = "/repositories/{name}/rules/{rule}/trigger-urls", tag = "rules",
    params(("name" = String, Path), ("rule" = String, Path), ListParameters),
    responses((status = 200, description = "By name", body = Page<TriggerUrl>), Common, Missing))]
pub(super) async fn list_trigger_urls(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Segments((name, rule)): Segments<(String, String)>,
    Parameters(list): Parameters<ListParameters>,
) -> Answer<Page<TriggerUrl>> {
    let listed = state
        .app
        .list_trigger_urls(&context, &name, &rule, list.page()?);
    Ok(Json(Page::show(listed.await?, TriggerUrl::from)))
}

/// Make a build trigger URL: whoever knows it has the rule build
#[utoipa::path(post, path = "/repositories/{name}/rules/{rule}/trigger-urls", tag = "rules",
    params(("name" = String, Path), ("rule" = String, Path)), request_body = NewTriggerUrl,
    responses((status = 201, description = "Made", body = TriggerUrlWithSecret), Common, Missing, Clashing, BadBody))]
pub(super) async fn create_trigger_url(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Facts(request): Facts,
    Segments((name, rule)): Segments<(String, String)>,
    JsonBody(body): JsonBody<NewTriggerUrl>,
) -> Created<TriggerUrlWithSecret> {
    let made = state
        .app
        .create_trigger_url(&context, &name, &rule, body.name);
    let (trigger, secret) = made.await?;
    let base = state.addresses.base_url(&request);
    Ok(created(TriggerUrlWithSecret {
        url: format!("{base}/triggers/{}/{secret}", trigger.id),
        trigger: trigger.into(),
        secret,
    }))
}

/// Revoke a build trigger URL
#[utoipa::path(delete, path = "/repositories/{name}/rules/{rule}/trigger-urls/{id}", tag = "rules",
    params(("name" = String, Path), ("rule" = String, Path), ("id" = String, Path)),
    responses((status = 204, description = "Revoked"), Common, Missing))]
pub(super) async fn delete_trigger_url(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Segments((name, rule, id)): Segments<(String, String, String)>,
) -> Done {
    let id = id.parse().map_err(|_| wharf_app::Error::NotFound)?;
    let deleted = state.app.delete_trigger_url(&context, &name, &rule, id);
    deleted.await?;
    Ok(StatusCode::NO_CONTENT)
}
