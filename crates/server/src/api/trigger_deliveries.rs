//! What triggers did: the log, each delivery with its attempts, sent again, called off.

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
use axum::{Json, extract::State};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use wharf_app::{
    Context,
    triggers::{self, TriggerPlace},
};
use wharf_messages::{Language, render};

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

/// A header as it was sent or heard; values that people gave are masked.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HeaderLine {
    name: String,
    value: String,
}

fn show_headers(headers: Vec<(String, String)>) -> Vec<HeaderLine> {
    let lines = headers.into_iter();
    lines
        .map(|(name, value)| HeaderLine { name, value })
        .collect()
}

/// What was sent, without secrets.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SentRequest {
    /// `POST`; `MAIL` for mail, `PATCH` for workloads.
    method: String,
    /// Scheme and host: the rest may be the key to the door.
    url: String,
    headers: Vec<HeaderLine>,
    /// At most 64 KiB.
    body: String,
}

/// What came back.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReceivedAnswer {
    /// The status of HTTP, or the code of an SMTP reply.
    #[schema(required)]
    status: Option<u16>,
    headers: Vec<HeaderLine>,
    /// At most 64 KiB.
    body: String,
    /// Whether there was more.
    truncated: bool,
}

/// One attempt.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TriggerAttempt {
    number: u32,
    started_at: Timestamp,
    ended_at: Timestamp,
    /// `delivered`, `retry`, `refused`, `gone`, `patched`, `unchanged`, `superseded`, `interrupted`, …
    outcome: String,
    /// The status of the answer, where there was one.
    #[schema(required)]
    status: Option<u32>,
    #[schema(required)]
    reason: Option<String>,
    /// The same as a sentence, in the language that `Accept-Language` likes best.
    #[schema(required)]
    message: Option<String>,
    detail: String,
    /// Until the head of the answer, in microseconds.
    waited_micros: u64,
    /// From there to its end, in microseconds.
    read_micros: u64,
    /// Null once the log's days are over, and where nothing was sent.
    #[schema(required)]
    request: Option<SentRequest>,
    /// Null where nothing came.
    #[schema(required)]
    response: Option<ReceivedAnswer>,
}

impl TriggerAttempt {
    fn show(attempt: triggers::AttemptDetails, language: Language) -> Self {
        let word = attempt.reason.as_deref();
        Self {
            message: word.map(|word| say_reason(About::Delivery, word, language)),
            number: attempt.number,
            started_at: show_time(attempt.started_at),
            ended_at: show_time(attempt.ended_at),
            outcome: attempt.outcome,
            status: attempt.status,
            reason: attempt.reason,
            detail: attempt.detail,
            waited_micros: attempt.timings.waited,
            read_micros: attempt.timings.read,
            request: attempt.request.map(|sent| SentRequest {
                method: sent.method,
                url: sent.url,
                headers: show_headers(sent.headers),
                body: sent.body,
            }),
            response: attempt.response.map(|answer| ReceivedAnswer {
                status: answer.status,
                headers: show_headers(answer.headers),
                body: answer.body,
                truncated: answer.is_cut,
            }),
        }
    }
}

/// How a rollout stands.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RolloutProgress {
    /// `patching`, `rolling_out`, `rolling_back`, `over`.
    phase: String,
    /// What the container gets: `HOST/repository:tag@sha256:…`.
    image: String,
    /// What it had before.
    #[schema(required)]
    previous: Option<String>,
    since: Timestamp,
    /// When it is given up.
    deadline: Timestamp,
    looked_at: Timestamp,
    /// How many pods there shall be, how many are of the new revision, how many of those are available, and how many of
    /// earlier revisions are left.
    desired: i64,
    updated: i64,
    available: i64,
    old: i64,
    /// Why numbers do not move, or need not: `paused`, `on_delete`, `partition`, `suspended`, `no_replicas`, …
    #[schema(required)]
    note: Option<String>,
    /// What is in its way, and the last events about it, as the cluster tells them.
    #[schema(value_type = Option<Object>, required)]
    trouble: Option<Value>,
    /// All of this in one line, in the language that `Accept-Language` likes best.
    message: String,
}

impl RolloutProgress {
    fn show(progress: triggers::Progress, language: Language) -> Self {
        let show = |micros| show_time(wharf_model::Timestamp::from_micros(micros));
        let phase = serde_json::to_value(progress.phase).ok();
        let phase = phase.and_then(|word| word.as_str().map(str::to_owned));
        let pods = &progress.rollout;
        let trouble = pods.trouble.as_ref();
        let trouble = trouble.and_then(|trouble| serde_json::to_value(trouble).ok());
        let note = pods.note.as_ref();
        let note = note.and_then(|note| serde_json::to_value(note).ok());
        let note = note.as_ref().map(read_note);
        Self {
            message: say_rollout(&progress, note.as_ref(), trouble.as_ref(), language),
            note: note.map(|note| note.0),
            phase: phase.unwrap_or_default(),
            since: show(progress.since),
            deadline: show(progress.deadline),
            looked_at: show(progress.looked_at),
            desired: pods.desired,
            updated: pods.updated,
            available: pods.available,
            old: pods.old,
            trouble,
            image: progress.image,
            previous: progress.previous,
        }
    }
}

/// A note's word and what it is about: as it is kept, a text or an object of one.
fn read_note(note: &Value) -> (String, String) {
    match note.as_object().and_then(|note| note.iter().next()) {
        Some((word, about)) => match about.as_str() {
            Some(text) => (word.clone(), text.to_owned()),
            None => (word.clone(), about.to_string()),
        },
        None => (note.as_str().unwrap_or_default().to_owned(), String::new()),
    }
}

/// How a rollout stands, in one line.
fn say_rollout(
    progress: &triggers::Progress,
    note: Option<&(String, String)>,
    trouble: Option<&Value>,
    language: Language,
) -> String {
    let pods = &progress.rollout;
    let numbers = [pods.available, pods.updated, pods.desired].map(|number| number.to_string());
    let parameters = [
        ("available", numbers[0].as_str()),
        ("updated", &numbers[1]),
        ("desired", &numbers[2]),
    ];
    let key = match progress.phase {
        triggers::RolloutPhase::RollingBack => "rollout.rolling_back",
        _ => "rollout.rolling_out",
    };
    let mut message = render(language, key, &parameters).into_owned();
    if let Some((word, about)) = note {
        let key = format!("rollout_note.{word}");
        message = format!("{message}; {}", render(language, &key, &[("about", about)]));
    }
    if let Some((word, detail)) = progress.blind.as_ref().or(progress.failure.as_ref()) {
        let sentence = say_reason(About::Delivery, word, language);
        return format!("{message}; {sentence}: {detail}");
    }
    let text = |field: &str| {
        let text = trouble.and_then(|trouble| trouble[field].as_str());
        text.filter(|text| !text.is_empty())
    };
    match (text("word"), text("said")) {
        (Some(word), Some(said)) => format!("{message}; {word}: {said}"),
        (Some(one), None) | (None, Some(one)) => format!("{message}; {one}"),
        (None, None) => message,
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
            .map_err(|()| Refusal::field("state", "unknown_value"))?,
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
            .map(|progress| RolloutProgress::show(progress, language)),
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
