//! How the repositories of a source tell us of pushes, and mending that. Secrets are shown once, where they have to be.

use super::{NoFields, read_id, state::Health};
use crate::api::{
    Answer, ApiState,
    caller::SignedIn,
    describe::{Asking, BadBody, Clashing, Common, Missing},
    page::{ListParameters, Page},
    problem::Reader,
    request::{OptionalBody, Parameters, Segments},
    value::show_time,
};
use axum::{Json, extract::State};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;
use wharf_app::webhooks;
use wharf_messages::Language;

/// How far a webhook has come.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::api) enum WebhookState {
    /// To be registered.
    Pending,
    /// The host delivers.
    Active,
    /// The host cannot reach us, so the repository is asked instead.
    Polling,
    /// Registering or delivering fails; the repository is asked meanwhile.
    Failing,
    /// Somebody may put one line into the repository's own hook; it is asked anyway.
    Manual,
}

impl From<webhooks::WebhookState> for WebhookState {
    fn from(state: webhooks::WebhookState) -> Self {
        match state {
            webhooks::WebhookState::Pending => Self::Pending,
            webhooks::WebhookState::Active => Self::Active,
            webhooks::WebhookState::Polling => Self::Polling,
            webhooks::WebhookState::Failing => Self::Failing,
            webhooks::WebhookState::Manual => Self::Manual,
        }
    }
}

/// How one repository tells us of pushes.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct Webhook {
    id: Uuid,
    /// The repository on the code host.
    remote: String,
    state: WebhookState,
    health: Health,
    /// Where the host was told to deliver.
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    checked_at: Option<Timestamp>,
    /// When the last delivery came that was right.
    #[serde(skip_serializing_if = "Option::is_none")]
    delivered_at: Option<Timestamp>,
    /// Deliveries with a wrong signature.
    rejected_count: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    rejected_at: Option<Timestamp>,
    created_at: Timestamp,
}

impl Webhook {
    pub(in crate::api) fn show(webhook: webhooks::Webhook, language: Language) -> Self {
        let host = webhook.remote.to_string();
        Self {
            id: webhook.id.as_uuid(),
            state: webhook.state.into(),
            health: Health::show(
                webhook.problem,
                webhook.problem_detail,
                webhook.state_since,
                &host,
                language,
            ),
            remote: host,
            url: webhook.url,
            checked_at: webhook.checked_at.map(show_time),
            delivered_at: webhook.delivered_at.map(show_time),
            rejected_count: webhook.rejected_count,
            rejected_at: webhook.rejected_at.map(show_time),
            created_at: show_time(webhook.created_at),
        }
    }
}

/// One delivery that came in.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct Delivery {
    id: Uuid,
    /// What the host calls it.
    delivery: String,
    event: String,
    /// `received`, `taken`, `ignored` or `failed`.
    outcome: String,
    detail: String,
    at: Timestamp,
}

impl From<webhooks::Delivery> for Delivery {
    fn from(delivery: webhooks::Delivery) -> Self {
        Self {
            id: delivery.id.as_uuid(),
            delivery: delivery.delivery,
            event: delivery.event,
            outcome: delivery.outcome,
            detail: delivery.detail,
            at: show_time(delivery.at),
        }
    }
}

/// One attempt of the host to deliver, as it tells.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct Attempt {
    id: String,
    event: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<Timestamp>,
    /// The status that it got for an answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    outcome: String,
}

/// What the host says about its last attempts.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct Attempts {
    /// Newest first; null where the host's API does not tell.
    #[schema(required)]
    items: Option<Vec<Attempt>>,
}

/// A webhook with another secret.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct RotatedWebhook {
    webhook: Webhook,
    /// Plain git: the line for the repository's `post-receive` hook, its secret included. Shown this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<String>,
}

/// List the webhooks of a source
#[utoipa::path(get, path = "/sources/{source}/webhooks", tag = "sources",
    params(("source" = Uuid, Path), ListParameters),
    responses((status = 200, description = "By repository", body = Page<Webhook>), Common, Missing))]
pub(in crate::api) async fn list_webhooks(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Reader(language): Reader,
    Segments(source): Segments<String>,
    Parameters(list): Parameters<ListParameters>,
) -> Answer<Page<Webhook>> {
    let listed = state
        .app
        .list_webhooks(&context, read_id(&source)?, list.page()?)
        .await?;
    Ok(Json(Page::show(listed, |webhook| {
        Webhook::show(webhook, language)
    })))
}

/// Show a webhook
#[utoipa::path(get, path = "/sources/{source}/webhooks/{webhook}", tag = "sources",
    params(("source" = Uuid, Path), ("webhook" = Uuid, Path)),
    responses((status = 200, description = "The webhook", body = Webhook), Common, Missing))]
pub(in crate::api) async fn get_webhook(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Reader(language): Reader,
    Segments((source, id)): Segments<(String, String)>,
) -> Answer<Webhook> {
    let webhook = state
        .app
        .show_webhook(&context, read_id(&source)?, read_id(&id)?)
        .await?;
    Ok(Json(Webhook::show(webhook, language)))
}

/// List what came in by a webhook
#[utoipa::path(get, path = "/sources/{source}/webhooks/{webhook}/deliveries", tag = "sources",
    params(("source" = Uuid, Path), ("webhook" = Uuid, Path), ListParameters),
    responses((status = 200, description = "Newest first", body = Page<Delivery>), Common, Missing))]
pub(in crate::api) async fn list_deliveries(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Segments((source, id)): Segments<(String, String)>,
    Parameters(list): Parameters<ListParameters>,
) -> Answer<Page<Delivery>> {
    let listed = state
        .app
        .list_deliveries(&context, read_id(&source)?, read_id(&id)?, list.page()?)
        .await?;
    Ok(Json(Page::show(listed, Delivery::from)))
}

/// List what the host says about its last attempts to deliver
#[utoipa::path(get, path = "/sources/{source}/webhooks/{webhook}/attempts", tag = "sources",
    params(("source" = Uuid, Path), ("webhook" = Uuid, Path)),
    responses((status = 200, description = "As the host tells", body = Attempts), Common, Missing, Clashing, Asking))]
pub(in crate::api) async fn list_delivery_attempts(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Segments((source, id)): Segments<(String, String)>,
) -> Answer<Attempts> {
    let found = state
        .app
        .list_delivery_attempts(&context, read_id(&source)?, read_id(&id)?)
        .await?;
    let items = found.map(|attempts| {
        let shown = attempts.into_iter().map(|attempt| Attempt {
            id: attempt.id,
            event: attempt.event,
            at: attempt.at.map(show_time),
            status: attempt.status,
            outcome: attempt.outcome,
        });
        shown.collect()
    });
    Ok(Json(Attempts { items }))
}

/// Compare a webhook with what it should be, and mend it
///
/// The answer's `state` and `health` say what came out of it.
#[utoipa::path(post, path = "/sources/{source}/webhooks/{webhook}/repair", tag = "sources",
    params(("source" = Uuid, Path), ("webhook" = Uuid, Path)), request_body = NoFields,
    responses((status = 200, description = "Looked after", body = Webhook), Common, Missing, BadBody))]
pub(in crate::api) async fn repair_webhook(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Reader(language): Reader,
    Segments((source, id)): Segments<(String, String)>,
    OptionalBody(NoFields {}): OptionalBody<NoFields>,
) -> Answer<Webhook> {
    let webhook = state
        .app
        .repair_webhook(&context, read_id(&source)?, read_id(&id)?)
        .await?;
    Ok(Json(Webhook::show(webhook, language)))
}

/// Give a webhook another secret
///
/// The old one ends at once. A code host is told the new one; for plain git the answer is the line for the repository's
/// `post-receive` hook.
#[utoipa::path(post, path = "/sources/{source}/webhooks/{webhook}/secret", tag = "sources",
    params(("source" = Uuid, Path), ("webhook" = Uuid, Path)), request_body = NoFields,
    responses((status = 200, description = "The old one ended", body = RotatedWebhook), Common, Missing, BadBody))]
pub(in crate::api) async fn rotate_webhook_secret(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Reader(language): Reader,
    Segments((source, id)): Segments<(String, String)>,
    OptionalBody(NoFields {}): OptionalBody<NoFields>,
) -> Answer<RotatedWebhook> {
    let (webhook, line) = state
        .app
        .rotate_webhook_secret(&context, read_id(&source)?, read_id(&id)?)
        .await?;
    Ok(Json(RotatedWebhook {
        webhook: Webhook::show(webhook, language),
        line: line.map(|line| line.line.expose().to_owned()),
    }))
}
