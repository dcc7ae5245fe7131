//! What triggers did: the log, each delivery with its attempts, sent again, called off.

mod attempt;
mod rollout;

use super::{
    Answer, ApiState,
    caller::SignedIn,
    describe::{BadBody, Clashing, Common, Missing},
    page::{Page, read_page},
    problem::Reader,
    reason::{About, say_reason},
    refusal::Refusal,
    request::{OptionalBody, Parameters, Segments},
    sources::NoFields,
    triggers::{Condition, TriggerEvent},
    value::show_time,
};
use attempt::TriggerAttempt;
use axum::{Json, extract::State};
use jiff::Timestamp;
use rollout::RolloutProgress;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use wharf_app::{
    Context,
    triggers::{self, TriggerPlace},
};
use wharf_messages::Language;

/// What one event made one action do. Names are those of the time of the event.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TriggerDelivery {
    /// The same over all attempts: what receivers see as `webhook-id`.
    id: Uuid,
    trigger: String,
    condition: Condition,
    action: Uuid,
    /// `workload`, `webhook`, `message`, `mail`.
    kind: String,
    /// Where it goes, as far as that is no secret.
    target: String,
    event: TriggerEvent,
    event_id: Uuid,
    /// Whether somebody ran the trigger by hand.
    by_hand: bool,
    /// Who made it happen.
    actor: String,
    repository: String,
    #[schema(required)]
    tag: Option<String>,
    #[schema(required)]
    digest: Option<String>,
    /// `waiting`, `running`, `succeeded`, `unchanged`, `superseded`, `failed`, `canceled`.
    state: String,
    /// Why, a word.
    #[schema(required)]
    reason: Option<String>,
    /// The same as a sentence, in the language that `Accept-Language` likes best.
    #[schema(required)]
    message: Option<String>,
    /// What the other side said about it.
    detail: String,
    attempt_count: u32,
    created_at: Timestamp,
    /// When it is tried or looked at next; null when it is over.
    #[schema(required)]
    next_at: Option<Timestamp>,
    /// When the workload took the image.
    #[serde(skip_serializing_if = "Option::is_none")]
    patched_at: Option<Timestamp>,
    #[schema(required)]
    ended_at: Option<Timestamp>,
}

impl TriggerDelivery {
    pub(super) fn show(delivery: triggers::Delivery, language: Language) -> Self {
        let word = delivery.reason.as_deref();
        Self {
            message: word.map(|word| say_reason(About::Delivery, word, language)),
            id: delivery.id.as_uuid(),
            trigger: delivery.trigger_name.to_string(),
            condition: Condition::show(delivery.condition_kind, delivery.condition_text),
            action: delivery.action.as_uuid(),
            kind: delivery.action_kind.to_string(),
            target: delivery.action_label,
            event: delivery.event_kind.into(),
            event_id: delivery.event.as_uuid(),
            by_hand: delivery.by_hand,
            actor: delivery.actor,
            repository: delivery.repository_name.to_string(),
            tag: delivery.tag.map(|tag| tag.to_string()),
            digest: delivery.digest.map(|digest| digest.to_string()),
            state: delivery.state.to_string(),
            reason: delivery.reason,
            detail: delivery.detail,
            attempt_count: delivery.attempts,
            created_at: show_time(delivery.created_at),
            next_at: delivery.next_at.map(show_time),
            patched_at: delivery.patched_at.map(show_time),
            ended_at: delivery.ended_at.map(show_time),
        }
    }
}

/// A delivery with all that its page shows.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WholeDelivery {
    #[serde(flatten)]
    delivery: TriggerDelivery,
    /// How the rollout stands; null where none is followed.
    #[schema(required)]
    progress: Option<RolloutProgress>,
    /// The last attempts, the newest first.
    attempts: Vec<TriggerAttempt>,
}

/// Which deliveries are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct DeliveryParameters {
    /// Only of the trigger of this name.
    trigger: Option<String>,
    /// Only in this state.
    state: Option<String>,
    /// Only about this tag.
    tag: Option<String>,
    /// Items of a page, 1 to 1000; 100 when it is left out.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u64>,
    /// The `next` of the page before.
    after: Option<String>,
}

async fn list(
    state: &ApiState,
    context: &Context,
    place: &TriggerPlace,
    wanted: DeliveryParameters,
    language: Language,
) -> Answer<Page<TriggerDelivery>> {
    let given = |text: Option<String>| text.filter(|text| !text.is_empty());
    let stands = given(wanted.state).map(|word| word.parse());
    let tag = given(wanted.tag).map(|tag| tag.parse());
    let query = triggers::DeliveryQuery {
        trigger: given(wanted.trigger),
        state: stands
            .transpose()
            .map_err(|_| Refusal::field("state", "unknown_value"))?,
        tag: tag
            .transpose()
            .map_err(|_| Refusal::field("tag", "malformed"))?,
    };
    let page = read_page(wanted.limit, wanted.after)?;
    let listed = state
        .app
        .list_trigger_deliveries(context, place, &query, &page);
    Ok(Json(Page::show(listed.await?, |delivery| {
        TriggerDelivery::show(delivery, language)
    })))
}

/// A delivery as it stands after something was done with it.
async fn show_again(
    state: &ApiState,
    context: &Context,
    place: &TriggerPlace,
    id: &str,
    language: Language,
) -> Answer<TriggerDelivery> {
    let details = state.app.find_trigger_delivery(context, place, id).await?;
    Ok(Json(TriggerDelivery::show(details.delivery, language)))
}

/// List what triggers did about a repository, its namespace's triggers included, newest first
#[utoipa::path(get, path = "/repositories/{name}/trigger-deliveries", tag = "triggers",
    params(("name" = String, Path), DeliveryParameters),
    responses((status = 200, description = "Newest first", body = Page<TriggerDelivery>), Common, Missing))]
pub(super) async fn list_trigger_deliveries(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Reader(language): Reader,
    Segments(name): Segments<String>,
    Parameters(wanted): Parameters<DeliveryParameters>,
) -> Answer<Page<TriggerDelivery>> {
    let place = TriggerPlace::Repository(name);
    list(&state, &context, &place, wanted, language).await
}

/// List what all triggers within a namespace did, newest first
#[utoipa::path(get, path = "/namespaces/{namespace}/trigger-deliveries", tag = "triggers",
    params(("namespace" = String, Path), DeliveryParameters),
    responses((status = 200, description = "Newest first", body = Page<TriggerDelivery>), Common, Missing))]
pub(super) async fn list_namespace_trigger_deliveries(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Reader(language): Reader,
    Segments(namespace): Segments<String>,
    Parameters(wanted): Parameters<DeliveryParameters>,
) -> Answer<Page<TriggerDelivery>> {
    let place = TriggerPlace::Namespace(namespace);
    list(&state, &context, &place, wanted, language).await
}

/// Show a delivery with its attempts, and how its rollout goes
#[utoipa::path(get, path = "/repositories/{name}/trigger-deliveries/{delivery}", tag = "triggers",
    params(("name" = String, Path), ("delivery" = Uuid, Path)),
    responses((status = 200, description = "The delivery", body = WholeDelivery), Common, Missing))]
pub(super) async fn get_trigger_delivery(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Reader(language): Reader,
    Segments((name, id)): Segments<(String, String)>,
) -> Answer<WholeDelivery> {
    let place = TriggerPlace::Repository(name);
    let details = state
        .app
        .find_trigger_delivery(&context, &place, &id)
        .await?;
    let attempts = details.attempts.into_iter();
    Ok(Json(WholeDelivery {
        progress: details
            .progress
            .map(|progress| RolloutProgress::show(progress, &details.delivery, language)),
        attempts: attempts
            .map(|attempt| TriggerAttempt::show(attempt, language))
            .collect(),
        delivery: TriggerDelivery::show(details.delivery, language),
    }))
}

/// Deliver something again that is over, under the same id
#[utoipa::path(post, path = "/repositories/{name}/trigger-deliveries/{delivery}/redeliver", tag = "triggers",
    params(("name" = String, Path), ("delivery" = Uuid, Path)), request_body = NoFields,
    responses((status = 200, description = "On its way", body = TriggerDelivery), Common, Missing, Clashing, BadBody))]
pub(super) async fn redeliver_trigger_delivery(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Reader(language): Reader,
    Segments((name, id)): Segments<(String, String)>,
    OptionalBody(NoFields {}): OptionalBody<NoFields>,
) -> Answer<TriggerDelivery> {
    let place = TriggerPlace::Repository(name);
    state.app.redeliver_trigger(&context, &place, &id).await?;
    show_again(&state, &context, &place, &id, language).await
}

/// Call off a delivery that is not over
#[utoipa::path(post, path = "/repositories/{name}/trigger-deliveries/{delivery}/cancel", tag = "triggers",
    params(("name" = String, Path), ("delivery" = Uuid, Path)), request_body = NoFields,
    responses((status = 200, description = "Called off", body = TriggerDelivery), Common, Missing, Clashing, BadBody))]
pub(super) async fn cancel_trigger_delivery(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Reader(language): Reader,
    Segments((name, id)): Segments<(String, String)>,
    OptionalBody(NoFields {}): OptionalBody<NoFields>,
) -> Answer<TriggerDelivery> {
    let place = TriggerPlace::Repository(name);
    state
        .app
        .cancel_trigger_delivery(&context, &place, &id)
        .await?;
    show_again(&state, &context, &place, &id, language).await
}
