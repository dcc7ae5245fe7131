//! Rules: what shall be built of a repository.

mod changes;
mod decisions;
mod definition;
mod from_git;
mod page;
mod secrets;
mod trials;

pub(super) use decisions::{
    __path_list_decisions, __path_list_repository_decisions, list_decisions,
    list_repository_decisions,
};
pub(super) use from_git::{
    __path_build_heads, __path_create_repository_from_git, build_heads, create_repository_from_git,
};
pub(super) use secrets::{
    __path_delete_rule_secret, __path_set_rule_secret, delete_rule_secret, set_rule_secret,
};
pub(super) use trials::read_ref;
pub(super) use trials::{__path_preview_naming, __path_try_rule, preview_naming, try_rule};

use super::{
    Answer, ApiState, Created, Done,
    caller::SignedIn,
    created,
    describe::{Asking, BadBody, Clashing, Common, Missing},
    page::{ListParameters, Page},
    request::{JsonBody, Parameters, Segments},
};
use axum::{Json, extract::State};
use changes::DefinitionChanges;
use definition::Definition;
use http::StatusCode;
use page::Rule;
use serde::Deserialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;
use wharf_app::rules;
use wharf_model::{SecretText, SourceId};

/// A rule to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewRule {
    /// Letters, digits, `.`, `_` and `-`; unique in the repository.
    name: String,
    /// One of the caller's own sources.
    source: Uuid,
    /// The repository there, as `owner/name`; on a plain git server its path.
    remote: String,
    /// Whether it builds by itself.
    #[serde(default = "yes")]
    enabled: bool,
    #[serde(default)]
    definition: Definition,
    /// Build secrets by the id that `RUN --mount=type=secret` names. Never shown again.
    #[serde(default)]
    secrets: BTreeMap<String, String>,
}

fn yes() -> bool {
    true
}

impl NewRule {
    fn read(self) -> Result<rules::RuleDraft, super::refusal::Refusal> {
        let secrets = self.secrets.into_iter();
        Ok(rules::RuleDraft {
            name: self.name,
            source: read_source(self.source)?,
            remote: self.remote,
            enabled: self.enabled,
            definition: self.definition.into(),
            secrets: secrets
                .map(|(name, value)| (name, SecretText::new(&value)))
                .collect(),
        })
    }
}

fn read_source(id: Uuid) -> Result<SourceId, super::refusal::Refusal> {
    id.to_string()
        .parse()
        .map_err(|_| super::refusal::Refusal::field("source", "malformed"))
}

/// Changes to a rule; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleChanges {
    name: Option<String>,
    /// One of the caller's own sources.
    source: Option<Uuid>,
    /// The repository there. Only the source's owner points a rule at another one.
    remote: Option<String>,
    enabled: Option<bool>,
    definition: Option<DefinitionChanges>,
    /// The version that was seen; when it is another one by now, nothing is changed.
    version: Option<i64>,
}

/// List the rules of a repository
#[utoipa::path(get, path = "/repositories/{name}/rules", tag = "rules",
    params(("name" = String, Path), ListParameters),
    responses((status = 200, description = "By name", body = Page<Rule>), Common, Missing))]
pub(super) async fn list_rules(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Segments(name): Segments<String>,
    Parameters(list): Parameters<ListParameters>,
) -> Answer<Page<Rule>> {
    let listed = state.app.list_rules(&context, &name, list.page()?).await?;
    Ok(Json(Page::show(listed, |page| Rule::show(page, &context))))
}

/// Make a rule; what is on its code host now counts as seen
#[utoipa::path(post, path = "/repositories/{name}/rules", tag = "rules",
    params(("name" = String, Path)), request_body = NewRule,
    responses((status = 201, description = "Made", body = Rule), Common, Missing, Clashing, BadBody, Asking))]
pub(super) async fn create_rule(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Segments(name): Segments<String>,
    JsonBody(body): JsonBody<NewRule>,
) -> Created<Rule> {
    let made = state.app.create_rule(&context, &name, body.read()?).await?;
    Ok(created(Rule::show(made, &context)))
}

/// Show a rule, and how its code host tells of pushes
#[utoipa::path(get, path = "/repositories/{name}/rules/{rule}", tag = "rules",
    params(("name" = String, Path), ("rule" = String, Path)),
    responses((status = 200, description = "The rule", body = Rule), Common, Missing))]
pub(super) async fn get_rule(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Segments((name, rule)): Segments<(String, String)>,
) -> Answer<Rule> {
    let page = state.app.show_rule(&context, &name, &rule).await?;
    Ok(Json(Rule::show(page, &context)))
}

/// Edit a rule. One that is switched on again, or pointed elsewhere, takes what is there as seen
#[utoipa::path(patch, path = "/repositories/{name}/rules/{rule}", tag = "rules",
    params(("name" = String, Path), ("rule" = String, Path)), request_body = RuleChanges,
    responses((status = 200, description = "Edited", body = Rule), Common, Missing, Clashing, BadBody, Asking))]
pub(super) async fn edit_rule(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Segments((name, rule)): Segments<(String, String)>,
    JsonBody(body): JsonBody<RuleChanges>,
) -> Answer<Rule> {
    let edit = rules::RuleEdit {
        name: body.name,
        source: body.source.map(read_source).transpose()?,
        remote: body.remote,
        enabled: body.enabled,
        version: body.version,
    };
    let changes = body.definition.unwrap_or_default();
    let change = |definition: &mut rules::Definition| changes.apply(definition);
    let edited = state.app.edit_rule(&context, &name, &rule, edit, change);
    Ok(Json(Rule::show(edited.await?, &context)))
}

/// Delete a rule: its open builds are canceled, its trigger URLs end. Records of builds stay
#[utoipa::path(delete, path = "/repositories/{name}/rules/{rule}", tag = "rules",
    params(("name" = String, Path), ("rule" = String, Path)),
    responses((status = 204, description = "Deleted"), Common, Missing))]
pub(super) async fn delete_rule(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Segments((name, rule)): Segments<(String, String)>,
) -> Done {
    state.app.delete_rule(&context, &name, &rule).await?;
    Ok(StatusCode::NO_CONTENT)
}
