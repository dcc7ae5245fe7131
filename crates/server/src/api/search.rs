//! Search over everything that the caller may see.

use super::{
    Answer, ApiState,
    caller::Anyone,
    describe::Common,
    page::{Page, read_page},
    request::Parameters,
};
use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use wharf_app::{Hit, HitKind};

/// What was found.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum FoundKind {
    Namespace,
    Repository,
    User,
    /// A tag.
    Version,
    Build,
}

/// One thing found.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Found {
    kind: FoundKind,
    /// `team`, `team/web`, `li.wei`, `team/web:v1`, `team/web#412`.
    name: String,
    /// Of a repository: whether anybody may pull from it.
    #[serde(skip_serializing_if = "Option::is_none")]
    public: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    short_description: Option<String>,
    /// Of versions and builds: where they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    repository: Option<String>,
    /// Of a version.
    #[serde(skip_serializing_if = "Option::is_none")]
    tag: Option<String>,
    /// Of a build.
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<u64>,
    /// Of a build: `queued`, `running`, `succeeded`, `failed`, `canceled`, `superseded`, `timed_out`.
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<String>,
    /// Of a build that is of one.
    #[serde(skip_serializing_if = "Option::is_none")]
    commit: Option<String>,
}

impl From<Hit> for Found {
    fn from(hit: Hit) -> Self {
        Self {
            kind: match hit.kind {
                HitKind::Namespace => FoundKind::Namespace,
                HitKind::Repository => FoundKind::Repository,
                HitKind::User => FoundKind::User,
                HitKind::Version => FoundKind::Version,
                HitKind::Build => FoundKind::Build,
            },
            name: hit.name,
            public: hit.public,
            short_description: hit.short_description,
            repository: hit.repository.map(|name| name.to_string()),
            tag: hit.tag,
            number: hit.build.as_ref().map(|build| build.number),
            state: hit.build.as_ref().map(|build| build.state.to_string()),
            commit: hit
                .build
                .and_then(|build| build.commit)
                .map(|commit| commit.to_string()),
        }
    }
}

/// What is looked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct SearchParameters {
    /// A part of a name, or of a repository's short description; all names when it is left out. Also how a version begins
    /// (`v1.4`, `web:v1.4`) or a commit that was built (four letters of it at least), and the number of a build (`412`,
    /// `web#412`).
    q: Option<String>,
    /// Items of a page, 1 to 1000; 100 when it is left out.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u64>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// Find namespaces, repositories, users, versions and builds that the caller may see
///
/// Versions and numbers of builds are looked for in the 200 images that were pushed to last, of those whose name the search
/// does not exclude.
#[utoipa::path(get, path = "/search", tag = "search", params(SearchParameters),
    security((), ("basic" = []), ("access_token" = [])),
    responses((status = 200, description = "By kind and name", body = Page<Found>), Common))]
pub(super) async fn search(
    State(state): State<ApiState>,
    Anyone(context): Anyone,
    Parameters(wanted): Parameters<SearchParameters>,
) -> Answer<Page<Found>> {
    let page = read_page(wanted.limit, wanted.after)?;
    let term = wanted.q.unwrap_or_default();
    let listed = state.app.search(&context, term, page).await?;
    Ok(Json(Page::show(listed, Found::from)))
}
