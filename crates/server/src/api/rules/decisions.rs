//! What was decided about updates of refs.

use super::super::{
    Answer, ApiState,
    caller::SignedIn,
    describe::{Common, Missing},
    page::{Page, read_page},
    problem::Reader,
    reason::{About, say_reason},
    request::{Parameters, Segments},
    value::show_time,
};
use axum::{Json, extract::State};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use wharf_app::{Context, rules};
use wharf_messages::Language;

/// What was decided about one update of a ref.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct Decision {
    id: Uuid,
    /// The rule that it was decided for.
    rule: String,
    /// `refs/heads/main`.
    r#ref: String,
    /// Counted in the ref.
    sequence: i64,
    /// What the ref named before: of an annotated tag the tag object; null when it was new.
    #[schema(required)]
    old: Option<String>,
    /// What it names; null when it was deleted.
    #[schema(required)]
    new: Option<String>,
    /// `built`, `skipped`, `superseded`, or `seen` for what was there when the rule began.
    decision: String,
    /// Why it was not built, a word.
    #[schema(required)]
    reason: Option<String>,
    /// The same as a sentence, in the language that `Accept-Language` likes best.
    #[schema(required)]
    message: Option<String>,
    /// What the reason is about.
    detail: String,
    /// The number of the build, while its record is there.
    #[schema(required)]
    build: Option<u64>,
    /// How it came to our ears: `push`, `poll`, `manual`, `trigger_url`, `link`.
    cause: String,
    /// The code host's delivery, the image that changed (empty when you may not read it), or who asked.
    origin: String,
    at: Timestamp,
}

impl Decision {
    fn show(made: rules::Decision, language: Language) -> Self {
        let word = made.reason.as_deref();
        Self {
            message: word.map(|word| say_reason(About::Decision, word, language)),
            id: made.id.as_uuid(),
            rule: made.rule,
            r#ref: made.reference.to_string(),
            sequence: made.sequence,
            old: made.old.map(|object| object.to_string()),
            new: made.new.map(|object| object.to_string()),
            decision: made.decision,
            reason: made.reason,
            detail: made.detail,
            build: made.build_number,
            cause: made.cause,
            origin: made.origin,
            at: show_time(made.at),
        }
    }
}

/// Which decisions are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::api) struct DecisionParameters {
    /// Only about this ref: `refs/heads/main`.
    r#ref: Option<String>,
    /// Only these: `built`, `skipped`, `superseded`, `seen`.
    decision: Option<String>,
    /// Items of a page, 1 to 1000; 100 when it is left out.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u64>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// List what was decided for a rule, newest first: each update of a ref has exactly one decision
#[utoipa::path(get, path = "/repositories/{name}/rules/{rule}/decisions", tag = "rules",
    params(("name" = String, Path), ("rule" = String, Path), DecisionParameters),
    responses((status = 200, description = "Newest first", body = Page<Decision>), Common, Missing))]
pub(in crate::api) async fn list_decisions(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Reader(language): Reader,
    Segments((name, rule)): Segments<(String, String)>,
    Parameters(wanted): Parameters<DecisionParameters>,
) -> Answer<Page<Decision>> {
    list(&state, &context, (&name, Some(rule)), wanted, language).await
}

/// List what was decided for all rules of a repository, newest first
///
/// With `decision=skipped`: what was pushed and not built, and why.
#[utoipa::path(get, path = "/repositories/{name}/decisions", tag = "rules",
    params(("name" = String, Path), DecisionParameters),
    responses((status = 200, description = "Newest first", body = Page<Decision>), Common, Missing))]
pub(in crate::api) async fn list_repository_decisions(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Reader(language): Reader,
    Segments(name): Segments<String>,
    Parameters(wanted): Parameters<DecisionParameters>,
) -> Answer<Page<Decision>> {
    list(&state, &context, (&name, None), wanted, language).await
}

async fn list(
    state: &ApiState,
    context: &Context,
    (repository, rule): (&str, Option<String>),
    wanted: DecisionParameters,
    language: Language,
) -> Answer<Page<Decision>> {
    let given = |text: Option<String>| text.filter(|text| !text.is_empty());
    let query = rules::DecisionQuery {
        rule,
        reference: given(wanted.r#ref),
        decision: given(wanted.decision),
    };
    let page = read_page(wanted.limit, wanted.after)?;
    let listed = state.app.list_decisions(context, repository, query, page);
    Ok(Json(Page::show(listed.await?, |made| {
        Decision::show(made, language)
    })))
}
