//! Activity: what happened lately to tags and builds, and what triggers did.

use super::{
    Answer, ApiState,
    caller::SignedIn,
    describe::Common,
    page::{Page, read_page},
    problem::Reader,
    reason::{About, say_reason},
    request::Parameters,
    value::{read_time, read_time_parameter, show_time},
};
use axum::{Json, extract::State};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use wharf_app::{
    activity::{self, ActivityQuery, EventActivity},
    triggers::Delivery,
};
use wharf_messages::Language;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum ActivityKind {
    /// A tag that was not there names something.
    TagCreated,
    /// A tag names another digest.
    TagChanged,
    TagDeleted,
    BuildSucceeded,
    BuildFailed,
    BuildCanceled,
    /// A newer commit took its place.
    BuildSuperseded,
    /// There was nothing to build.
    BuildSkipped,
    /// A trigger sends something, or updates a workload.
    Delivery,
}

macro_rules! same {
    ($($name:ident),+) => {
        impl From<activity::ActivityKind> for ActivityKind {
            fn from(kind: activity::ActivityKind) -> Self {
                match kind { $(activity::ActivityKind::$name => Self::$name),+ }
            }
        }

        impl From<ActivityKind> for activity::ActivityKind {
            fn from(kind: ActivityKind) -> Self {
                match kind { $(ActivityKind::$name => Self::$name),+ }
            }
        }
    };
}
same!(
    TagCreated,
    TagChanged,
    TagDeleted,
    BuildSucceeded,
    BuildFailed,
    BuildCanceled,
    BuildSuperseded,
    BuildSkipped,
    Delivery
);

/// Something that happened.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Activity {
    id: Uuid,
    at: Timestamp,
    kind: ActivityKind,
    repository: String,
    /// A user, a robot, or a build (`build:12`).
    actor: String,
    /// The tag; those that a build set.
    tags: Vec<String>,
    /// What the tag names now, or named when it was deleted; the image of a build.
    #[schema(required)]
    digest: Option<String>,
    /// What the tag named before.
    #[schema(required)]
    previous_digest: Option<String>,
    #[schema(required)]
    build: Option<ActivityBuild>,
    #[schema(required)]
    delivery: Option<ActivityDelivery>,
    /// Why it came to nothing, a word.
    #[schema(required)]
    reason: Option<String>,
    /// The same as a sentence, in the language that `Accept-Language` likes best.
    #[schema(required)]
    message: Option<String>,
}

/// The build that an activity is of.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ActivityBuild {
    number: u64,
    /// In full: `refs/heads/main`.
    #[serde(rename = "ref")]
    #[schema(required)]
    reference: Option<String>,
    #[schema(required)]
    commit: Option<String>,
    #[schema(required)]
    rule: Option<String>,
}

/// What a trigger did.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ActivityDelivery {
    trigger: String,
    /// `workload`, `webhook`, `message`, `mail`.
    action: String,
    /// Where it goes, as far as that is no secret.
    target: String,
    /// `waiting`, `running`, `succeeded`, `unchanged`, `superseded`, `failed`, `canceled`: as it stands now.
    state: String,
    #[schema(required)]
    ended_at: Option<Timestamp>,
}

impl Activity {
    fn show(item: activity::Activity, language: Language) -> Self {
        match item {
            activity::Activity::Event(event) => Self::show_event(*event, language),
            activity::Activity::Delivery(delivery) => Self::show_delivery(*delivery, language),
        }
    }

    fn show_event(event: EventActivity, language: Language) -> Self {
        let word = event.reason.as_deref();
        Self {
            id: event.id.as_uuid(),
            at: show_time(event.at),
            kind: event.kind.into(),
            repository: event.repository,
            actor: event.actor,
            tags: event.tags,
            digest: event.digest,
            previous_digest: event.previous_digest,
            message: word.map(|word| say_reason(About::Build, word, language)),
            build: event.build.map(|number| ActivityBuild {
                number,
                reference: event.reference,
                commit: event.commit,
                rule: event.rule,
            }),
            delivery: None,
            reason: event.reason,
        }
    }

    fn show_delivery(delivery: Delivery, language: Language) -> Self {
        let word = delivery.reason.as_deref();
        Self {
            id: delivery.id.as_uuid(),
            at: show_time(delivery.created_at),
            kind: ActivityKind::Delivery,
            repository: delivery.repository_name.to_string(),
            actor: delivery.actor,
            tags: delivery.tag.iter().map(ToString::to_string).collect(),
            digest: delivery.digest.map(|digest| digest.to_string()),
            previous_digest: None,
            message: word.map(|word| say_reason(About::Delivery, word, language)),
            build: None,
            delivery: Some(ActivityDelivery {
                trigger: delivery.trigger_name.to_string(),
                action: delivery.action_kind.to_string(),
                target: delivery.action_label,
                state: delivery.state.to_string(),
                ended_at: delivery.ended_at.map(show_time),
            }),
            reason: delivery.reason,
        }
    }
}

/// Which activity is wanted; each condition is met exactly.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ActivityParameters {
    /// By this user, robot or build (`build:12`).
    actor: Option<String>,
    /// What happened.
    #[param(inline)]
    action: Option<ActivityKind>,
    /// To this repository, or in this namespace.
    object: Option<String>,
    /// Not before.
    #[serde(default, deserialize_with = "read_time_parameter")]
    since: Option<Timestamp>,
    /// Not after.
    #[serde(default, deserialize_with = "read_time_parameter")]
    until: Option<Timestamp>,
    /// Items of a page, 1 to 1000; 100 when it is left out.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u64>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// List what happened
///
/// Of the namespaces that you belong to; what triggers did where you may see triggers. A page may have fewer items than were
/// asked for, or none, and a `next` all the same.
#[utoipa::path(get, path = "/activity", tag = "audit", params(ActivityParameters),
    responses((status = 200, description = "Newest first", body = Page<Activity>), Common))]
pub(super) async fn list_activity(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Reader(language): Reader,
    Parameters(wanted): Parameters<ActivityParameters>,
) -> Answer<Page<Activity>> {
    let given = |text: Option<String>| text.filter(|text| !text.is_empty());
    let query = ActivityQuery {
        actor: given(wanted.actor),
        kind: wanted.action.map(Into::into),
        object: given(wanted.object),
        since: wanted.since.map(read_time),
        until: wanted.until.map(read_time),
    };
    let page = read_page(wanted.limit, wanted.after)?;
    let listed = state.app.list_activity(&context, query, page).await?;
    Ok(Json(Page::show(listed, |item| {
        Activity::show(item, language)
    })))
}
