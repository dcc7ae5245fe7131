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
}

/// One thing found.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Found {
    kind: FoundKind,
    name: String,
    /// Of a repository: whether anybody may pull from it.
    #[serde(skip_serializing_if = "Option::is_none")]
    public: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    short_description: Option<String>,
}

impl From<Hit> for Found {
    fn from(hit: Hit) -> Self {
        Self {
            kind: match hit.kind {
                HitKind::Namespace => FoundKind::Namespace,
                HitKind::Repository => FoundKind::Repository,
                HitKind::User => FoundKind::User,
            },
            name: hit.name,
            public: hit.public,
            short_description: hit.short_description,
        }
    }
}

/// What is looked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct SearchParameters {
    /// A part of a name, or of a repository's short description; everything when it is left out.
    q: Option<String>,
    /// Items of a page, 1 to 1000; 100 when it is left out.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u64>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// Find namespaces, repositories and users that the caller may see
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
