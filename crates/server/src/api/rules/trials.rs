//! A rule tried before it is saved, and what its images would be called.

use super::{
    super::{
        Answer, ApiState,
        caller::SignedIn,
        describe::{Asking, BadBody, Clashing, Common, Missing},
        problem::Reader,
        reason::{About, say_reason},
        refusal::Refusal,
        request::{JsonBody, Segments},
        value::{read_optional_time, read_time},
    },
    definition::{Definition, Naming},
    read_source,
};
use axum::{Json, extract::State};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;
use wharf_app::rules;
use wharf_messages::Language;
use wharf_model::builds::{CommitId, RefName};

/// What to try: a definition, on a repository of one of the caller's own sources or on that of a rule.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct NewTrial {
    /// The rule whose repository it is tried on, instead of `source` and `remote`.
    rule: Option<String>,
    source: Option<Uuid>,
    remote: Option<String>,
    #[serde(default)]
    definition: Definition,
}

/// A ref under the tried rule.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct TriedRef {
    /// `refs/heads/main`.
    r#ref: String,
    commit: String,
    /// Whether a push of it would be built.
    built: bool,
    /// Why not, a word.
    #[schema(required)]
    reason: Option<String>,
    /// The same as a sentence, in the language that `Accept-Language` likes best.
    #[schema(required)]
    message: Option<String>,
    /// What its image would be called.
    tags: Vec<String>,
    /// Why it has no name.
    #[schema(required)]
    problem: Option<String>,
}

/// What a rule would do.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct Trial {
    /// The first 500 refs, those that would be built before the others.
    refs: Vec<TriedRef>,
    /// How many would be built.
    built: usize,
    /// How many there are.
    total: usize,
    /// Tags that several of them would set: the last push wins.
    shared_tags: Vec<String>,
}

impl Trial {
    fn show(trial: rules::Trial, language: Language) -> Self {
        let refs = trial.refs.into_iter().map(|tried| {
            let (tags, problem) = match tried.tags {
                Ok(tags) => (tags.iter().map(ToString::to_string).collect(), None),
                Err(problem) => (Vec::new(), Some(problem)),
            };
            TriedRef {
                r#ref: tried.reference.to_string(),
                commit: tried.commit.to_string(),
                built: tried.skipped.is_none(),
                reason: tried.skipped.map(|reason| reason.as_str().to_owned()),
                message: tried
                    .skipped
                    .map(|reason| say_reason(About::Decision, reason.as_str(), language)),
                tags,
                problem,
            }
        });
        Self {
            refs: refs.collect(),
            built: trial.built,
            total: trial.total,
            shared_tags: trial.shared.iter().map(ToString::to_string).collect(),
        }
    }
}

/// Try a rule without saving it: what it would build of the refs that are there now, and under which tags
#[utoipa::path(post, path = "/repositories/{name}/rule-trials", tag = "rules",
    params(("name" = String, Path)), request_body = NewTrial,
    responses((status = 200, description = "What it would do", body = Trial), Common, Missing, Clashing, BadBody,
        Asking))]
pub(in crate::api) async fn try_rule(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Reader(language): Reader,
    Segments(name): Segments<String>,
    JsonBody(body): JsonBody<NewTrial>,
) -> Answer<Trial> {
    let on = match (body.rule, body.source, body.remote) {
        (Some(rule), None, None) => rules::TryOn::Rule(rule),
        (None, Some(source), Some(remote)) => rules::TryOn::Remote {
            source: read_source(source)?,
            remote,
        },
        (None, Some(_), None) => return Err(Refusal::field("remote", "required")),
        (None, None, _) => return Err(Refusal::field("source", "required")),
        (Some(_), _, _) => return Err(Refusal::field("rule", "either_or")),
    };
    let definition = body.definition.into();
    let trial = state.app.try_rule(&context, &name, on, &definition).await?;
    Ok(Json(Trial::show(trial, language)))
}

/// A naming, and the facts of an imagined build.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct NewPreview {
    #[serde(default)]
    naming: Naming,
    /// `refs/heads/main`, `refs/tags/v1`; none for a commit alone.
    r#ref: Option<String>,
    /// In full.
    commit: String,
    /// Now when it is left out.
    #[serde(default, deserialize_with = "read_optional_time")]
    time: Option<Timestamp>,
    #[serde(default)]
    build_args: BTreeMap<String, String>,
    /// The build's number; 1 when it is left out.
    number: Option<u64>,
}

/// What the image would be called.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct Preview {
    tags: Vec<String>,
}

/// Preview what an image would be called
#[utoipa::path(post, path = "/naming-previews", tag = "rules", request_body = NewPreview,
    responses((status = 200, description = "Its tags", body = Preview), Common, BadBody))]
pub(in crate::api) async fn preview_naming(
    State(state): State<ApiState>,
    SignedIn(_): SignedIn,
    JsonBody(body): JsonBody<NewPreview>,
) -> Answer<Preview> {
    let reference = body.r#ref.filter(|name| !name.is_empty());
    let reference = reference.map(|name| read_ref("ref", &name)).transpose()?;
    let build = rules::ImaginedBuild {
        reference,
        commit: read_commit(&body.commit)?,
        time: body.time.map(read_time),
        build_args: body.build_args,
        number: Some(body.number.unwrap_or(1)),
    };
    let tags = state.app.preview_naming(&body.naming.into(), &build)?;
    Ok(Json(Preview {
        tags: tags.iter().map(ToString::to_string).collect(),
    }))
}

/// A branch or tag by its full name.
pub(in crate::api) fn read_ref(field: &str, name: &str) -> Result<RefName, Refusal> {
    name.parse()
        .map_err(|error| wharf_app::Error::refused(field, "refused_text", error).into())
}

/// A commit by all its digits.
fn read_commit(text: &str) -> Result<CommitId, Refusal> {
    text.parse()
        .map_err(|error| wharf_app::Error::refused("commit", "refused_text", error).into())
}
