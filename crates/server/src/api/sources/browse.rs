//! What an account sees on its code host. Cursors of these lists are the host's own.

use super::read_id;
use crate::api::{
    Answer, ApiState,
    caller::SignedIn,
    describe::{Asking, Clashing, Common, Missing},
    page::{ListParameters, Page, read_page},
    refusal::Refusal,
    request::{Parameters, Segments},
};
use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use wharf_app::sources;

/// Whose repositories they are.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::api) enum OwnerKind {
    /// The account itself.
    Person,
    /// An organization, or a group or subgroup.
    Group,
}

impl From<sources::OwnerKind> for OwnerKind {
    fn from(kind: sources::OwnerKind) -> Self {
        match kind {
            sources::OwnerKind::Person => Self::Person,
            sources::OwnerKind::Group => Self::Group,
        }
    }
}

impl From<OwnerKind> for sources::OwnerKind {
    fn from(kind: OwnerKind) -> Self {
        match kind {
            OwnerKind::Person => Self::Person,
            OwnerKind::Group => Self::Group,
        }
    }
}

/// Somebody who owns repositories.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct RemoteOwner {
    kind: OwnerKind,
    /// `acme`, or `acme/team` for a subgroup.
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
}

/// A repository on a code host.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct RemoteRepository {
    /// `acme/web`: what a rule names.
    path: String,
    private: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    default_branch: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    web_url: Option<String>,
    archived: bool,
    fork: bool,
    /// Whether the account may register webhooks there, as far as the host tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    may_administrate: Option<bool>,
}

/// A branch or tag.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct RemoteRef {
    /// Without `refs/heads/` or `refs/tags/`.
    name: String,
    commit: String,
}

/// Public or private.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::api) enum Visibility {
    Public,
    Private,
}

/// Which repositories are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::api) struct RemoteParameters {
    /// Only those of this owner, by its path.
    owner: Option<String>,
    /// What that owner is; a group when it is left out.
    owner_kind: Option<OwnerKind>,
    /// Only public or only private ones.
    #[param(inline)]
    visibility: Option<Visibility>,
    /// Only those with this in their name.
    q: Option<String>,
    /// Items of a page as the host counts them; it may be shorter.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u64>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// List whose repositories a source sees
#[utoipa::path(get, path = "/sources/{source}/owners", tag = "sources",
    params(("source" = Uuid, Path), ListParameters),
    responses((status = 200, description = "The account itself first", body = Page<RemoteOwner>),
        Common, Missing, Clashing, Asking))]
pub(in crate::api) async fn list_remote_owners(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Segments(id): Segments<String>,
    Parameters(list): Parameters<ListParameters>,
) -> Answer<Page<RemoteOwner>> {
    let listed = state
        .app
        .list_owners(&context, read_id(&id)?, list.page()?)
        .await?;
    Ok(Json(Page::show(listed, |owner| RemoteOwner {
        kind: owner.kind.into(),
        path: owner.path,
        name: owner.name,
    })))
}

/// List the repositories that a source sees
#[utoipa::path(get, path = "/sources/{source}/repositories", tag = "sources",
    params(("source" = Uuid, Path), RemoteParameters),
    responses((status = 200, description = "In the host's order; a page may be short although there are more",
        body = Page<RemoteRepository>), Common, Missing, Clashing, Asking))]
pub(in crate::api) async fn list_remote_repositories(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Segments(id): Segments<String>,
    Parameters(wanted): Parameters<RemoteParameters>,
) -> Answer<Page<RemoteRepository>> {
    let owner = wanted.owner.filter(|owner| !owner.is_empty());
    if owner.as_ref().is_some_and(|owner| owner.len() > 255) {
        return Err(Refusal::field("owner", "too_long"));
    }
    let kind = wanted.owner_kind.unwrap_or(OwnerKind::Group);
    let query = sources::RemoteQuery {
        owner: owner.map(|owner| (kind.into(), owner)),
        visibility: wanted.visibility.map(|visibility| match visibility {
            Visibility::Public => sources::Visibility::Public,
            Visibility::Private => sources::Visibility::Private,
        }),
        search: wanted.q,
    };
    let page = read_page(wanted.limit, wanted.after)?;
    let listed = state
        .app
        .list_remote_repositories(&context, read_id(&id)?, query, page)
        .await?;
    Ok(Json(Page::show(listed, |found| RemoteRepository {
        path: found.path.to_string(),
        private: found.visibility == sources::Visibility::Private,
        description: found.description,
        default_branch: found.default_branch,
        web_url: found.web_url.map(String::from),
        archived: found.is_archived,
        fork: found.is_fork,
        may_administrate: found.may_administrate,
    })))
}

/// List the branches of a repository that a source sees
#[utoipa::path(get, path = "/sources/{source}/repositories/{remote}/branches", tag = "sources",
    params(("source" = Uuid, Path), ("remote" = String, Path), ListParameters),
    responses((status = 200, description = "In the host's order", body = Page<RemoteRef>),
        Common, Missing, Clashing, Asking))]
pub(in crate::api) async fn list_remote_branches(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Segments((id, remote)): Segments<(String, String)>,
    Parameters(list): Parameters<ListParameters>,
) -> Answer<Page<RemoteRef>> {
    let listed = state
        .app
        .list_remote_branches(&context, read_id(&id)?, &remote, list.page()?)
        .await?;
    Ok(Json(Page::show(listed, show_ref)))
}

/// List the tags of a repository that a source sees
#[utoipa::path(get, path = "/sources/{source}/repositories/{remote}/tags", tag = "sources",
    params(("source" = Uuid, Path), ("remote" = String, Path), ListParameters),
    responses((status = 200, description = "In the host's order", body = Page<RemoteRef>),
        Common, Missing, Clashing, Asking))]
pub(in crate::api) async fn list_remote_tags(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Segments((id, remote)): Segments<(String, String)>,
    Parameters(list): Parameters<ListParameters>,
) -> Answer<Page<RemoteRef>> {
    let listed = state
        .app
        .list_remote_tags(&context, read_id(&id)?, &remote, list.page()?)
        .await?;
    Ok(Json(Page::show(listed, show_ref)))
}

fn show_ref(found: sources::RemoteRef) -> RemoteRef {
    RemoteRef {
        name: found.name,
        commit: found.commit,
    }
}
