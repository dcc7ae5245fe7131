//! Descriptions as people read them.

use super::{
    Answer, ApiState,
    caller::{Anyone, SignedIn},
    describe::{BadBody, Common, Missing},
    request::{JsonBody, Segments},
};
use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A full description as it is read.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Readme {
    /// Harmless HTML: written by the server out of the Markdown, without anything that runs, and without images.
    html: String,
    /// Whether a rule's builds replace it by the README of what they build.
    synced: bool,
}

/// Show a repository's description as HTML
#[utoipa::path(get, path = "/repositories/{name}/readme", tag = "repositories", params(("name" = String, Path)),
    security((), ("basic" = []), ("access_token" = [])),
    responses((status = 200, description = "The description", body = Readme), Common, Missing))]
pub(super) async fn get_readme(
    State(state): State<ApiState>,
    Anyone(context): Anyone,
    Segments(name): Segments<String>,
) -> Answer<Readme> {
    let readme = state.app.show_readme(&context, &name).await?;
    Ok(Json(Readme {
        html: readme.html,
        synced: readme.synced,
    }))
}

/// Markdown to be looked at.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MarkdownText {
    /// At most 100 KiB.
    markdown: String,
}

/// What it looks like.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RenderedMarkdown {
    /// Harmless HTML.
    html: String,
}

/// Show what Markdown will look like; nothing is kept
#[utoipa::path(post, path = "/markdown-previews", tag = "repositories", request_body = MarkdownText,
    responses((status = 200, description = "As HTML", body = RenderedMarkdown), Common, BadBody))]
pub(super) async fn preview_markdown(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    JsonBody(body): JsonBody<MarkdownText>,
) -> Answer<RenderedMarkdown> {
    let app = &state.app;
    let html = app.preview_markdown(&context, body.markdown).await?;
    Ok(Json(RenderedMarkdown { html }))
}
