//! A condition tried before it is kept.

use super::{
    super::{
        Answer, ApiState,
        caller::SignedIn,
        describe::{BadBody, Common, Missing},
        refusal::Refusal,
        request::{JsonBody, Segments},
        value::show_time,
    },
    definition::{Condition, TriggerEvent},
    pushes,
};
use axum::{Json, extract::State};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::ops::Range;
use utoipa::ToSchema;
use wharf_app::triggers::{self, TriedCondition};

/// What to try: a condition, or that of a trigger of the repository.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct NewTriggerTrial {
    condition: Option<Condition>,
    /// The events of the condition; `tag_created` and `tag_changed` when left out.
    events: Option<Vec<TriggerEvent>>,
    trigger: Option<String>,
}

/// A tag that is there.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct TriedTag {
    tag: String,
    /// When it was last set.
    at: Timestamp,
    /// Whether the condition chooses it.
    matches: bool,
    /// From which to before which character it is chosen by: what an expression found, or all of it; null when it is not.
    #[schema(required)]
    part: Option<[usize; 2]>,
}

/// A change of a tag that happened.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct TriedPush {
    tag: String,
    event: TriggerEvent,
    at: Timestamp,
    /// Whether the condition would have chosen it.
    matches: bool,
    /// From which to before which character the tag is chosen by, whatever the event; null when it is not.
    #[schema(required)]
    part: Option<[usize; 2]>,
}

/// What a condition chooses.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct TriggerTrial {
    /// The first 1000 tags by name, those that are chosen before the others.
    tags: Vec<TriedTag>,
    /// The last 100 changes of tags, newest first.
    pushes: Vec<TriedPush>,
    /// Whether there are more tags.
    more: bool,
}

impl From<triggers::ConditionTrial> for TriggerTrial {
    fn from(trial: triggers::ConditionTrial) -> Self {
        let tags = trial.tags.into_iter().map(|tried| TriedTag {
            tag: tried.tag.to_string(),
            at: show_time(tried.at),
            matches: tried.part.is_some(),
            part: tried.part.map(show_part),
        });
        let pushes = trial.pushes.into_iter().map(|tried| TriedPush {
            tag: tried.tag.to_string(),
            event: tried.event.into(),
            at: show_time(tried.at),
            matches: tried.matches,
            part: tried.part.map(show_part),
        });
        Self {
            tags: tags.collect(),
            pushes: pushes.collect(),
            more: trial.more,
        }
    }
}

/// Characters and bytes of tags are the same: they are ASCII (OCI distribution specification 1.1, "Pulling manifests").
fn show_part(part: Range<usize>) -> [usize; 2] {
    [part.start, part.end]
}

/// Try a condition without saving it: which tags that are there it chooses, and which of the last pushes it would have
/// fired for
#[utoipa::path(post, path = "/repositories/{name}/trigger-trials", tag = "triggers",
    params(("name" = String, Path)), request_body = NewTriggerTrial,
    responses((status = 200, description = "What it chooses", body = TriggerTrial), Common, Missing, BadBody))]
pub(in crate::api) async fn try_trigger(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Segments(name): Segments<String>,
    JsonBody(body): JsonBody<NewTriggerTrial>,
) -> Answer<TriggerTrial> {
    let events = body.events.unwrap_or_else(pushes);
    let tried = match (body.condition, body.trigger) {
        (Some(condition), None) => {
            let events = events.into_iter().map(Into::into).collect();
            TriedCondition::Given(condition.into(), events)
        }
        (None, Some(trigger)) => TriedCondition::OfTrigger(trigger),
        (None, None) => return Err(Refusal::field("condition", "required")),
        (Some(_), Some(_)) => return Err(Refusal::field("condition", "either_or")),
    };
    let trial = state.app.try_condition(&context, &name, tried).await?;
    Ok(Json(trial.into()))
}
