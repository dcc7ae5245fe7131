//! Links: which image a repository's builds stand on.

use super::{
    Answer, ApiState, Created, Done,
    caller::SignedIn,
    created,
    describe::{BadBody, Clashing, Common, Missing},
    page::{ListParameters, Page},
    refusal::Refusal,
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
use wharf_model::LinkId;

/// A link: when the base changes, the repository's rules build their branches again.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Link {
    id: Uuid,
    /// The repository that it stands on; null when the caller may not read it.
    #[schema(required)]
    base: Option<String>,
    /// Which tag; null for any.
    #[schema(required)]
    tag: Option<String>,
    /// Only this rule; null for all of the repository's.
    #[schema(required)]
    rule: Option<String>,
    /// `auto` for one that a FROM line made, `manual` for one that a person did.
    kind: String,
    active: bool,
    /// Why it is off although nobody switched it off: `cycle`.
    #[schema(required)]
    problem: Option<String>,
    created_by: String,
    created_at: Timestamp,
}

impl From<rules::LinkPage> for Link {
    fn from(page: rules::LinkPage) -> Self {
        let (link, readable) = (page.link, page.readable);
        let kind = if link.auto { "auto" } else { "manual" };
        Self {
            id: link.id.as_uuid(),
            base: readable.then(|| link.base_name.to_string()),
            tag: Some(link.base_tag).filter(|tag| readable && !tag.is_empty()),
            rule: link.rule_name,
            kind: kind.to_owned(),
            active: link.active,
            problem: link.problem,
            created_by: link.created_by,
            created_at: show_time(link.created_at),
        }
    }
}

/// A link to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewLink {
    /// A repository of this registry that the caller may read.
    base: String,
    /// Which tag; any when it is left out.
    tag: Option<String>,
    /// Only this rule; all of the repository's when it is left out.
    rule: Option<String>,
}

/// Changes to a link.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LinkChanges {
    /// One that is switched off stays off, whatever FROM lines say.
    active: bool,
}

fn read_id(id: &str) -> Result<LinkId, Refusal> {
    id.parse().map_err(|_| wharf_app::Error::NotFound.into())
}

/// List links
#[utoipa::path(get, path = "/repositories/{name}/links", tag = "links",
    params(("name" = String, Path), ListParameters),
    responses((status = 200, description = "Oldest first", body = Page<Link>), Common, Missing))]
pub(super) async fn list_links(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Segments(name): Segments<String>,
    Parameters(list): Parameters<ListParameters>,
) -> Answer<Page<Link>> {
    let listed = state.app.list_links(&context, &name, list.page()?).await?;
    Ok(Json(Page::show(listed, Link::from)))
}

/// Link a repository to an image
#[utoipa::path(post, path = "/repositories/{name}/links", tag = "links",
    params(("name" = String, Path)), request_body = NewLink,
    responses((status = 201, description = "Linked", body = Link), Common, Missing, Clashing, BadBody))]
pub(super) async fn create_link(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Segments(name): Segments<String>,
    JsonBody(body): JsonBody<NewLink>,
) -> Created<Link> {
    let draft = rules::LinkDraft {
        base: body.base,
        tag: body.tag,
        rule: body.rule,
    };
    let made = state.app.create_link(&context, &name, draft).await?;
    Ok(created(made.into()))
}

/// Switch a link on or off
#[utoipa::path(patch, path = "/repositories/{name}/links/{id}", tag = "links",
    params(("name" = String, Path), ("id" = String, Path)), request_body = LinkChanges,
    responses((status = 200, description = "Switched", body = Link), Common, Missing, Clashing, BadBody))]
pub(super) async fn edit_link(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Segments((name, id)): Segments<(String, String)>,
    JsonBody(body): JsonBody<LinkChanges>,
) -> Answer<Link> {
    let id = read_id(&id)?;
    let switched = state.app.switch_link(&context, &name, id, body.active);
    Ok(Json(switched.await?.into()))
}

/// Delete a link that a person made
#[utoipa::path(delete, path = "/repositories/{name}/links/{id}", tag = "links",
    params(("name" = String, Path), ("id" = String, Path)),
    responses((status = 204, description = "Deleted"), Common, Missing, Clashing))]
pub(super) async fn delete_link(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Segments((name, id)): Segments<(String, String)>,
) -> Done {
    let id = read_id(&id)?;
    state.app.delete_link(&context, &name, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
