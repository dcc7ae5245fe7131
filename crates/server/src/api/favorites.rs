//! Favorites: the repositories that the caller marked.

use super::{
    ApiState, Done,
    caller::SignedIn,
    describe::{Common, Missing},
    request::Segments,
};
use axum::extract::State;
use http::StatusCode;

/// Mark a repository
#[utoipa::path(put, path = "/repositories/{name}/favorite", tag = "repositories", params(("name" = String, Path)),
    responses((status = 204, description = "Marked"), Common, Missing))]
pub(super) async fn add_favorite(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Segments(name): Segments<String>,
) -> Done {
    state.app.set_favorite(&context, &name, true).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Unmark a repository
#[utoipa::path(delete, path = "/repositories/{name}/favorite", tag = "repositories", params(("name" = String, Path)),
    responses((status = 204, description = "Unmarked"), Common, Missing))]
pub(super) async fn remove_favorite(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Segments(name): Segments<String>,
) -> Done {
    state.app.set_favorite(&context, &name, false).await?;
    Ok(StatusCode::NO_CONTENT)
}
