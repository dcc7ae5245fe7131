//! Tags and what they name.

use super::{
    Answer, ApiState, Done,
    caller::{Anyone, SignedIn},
    describe::{BadBody, Common, Missing},
    manifests::Content,
    page::{Page, read_page},
    request::{JsonBody, Parameters, Segments},
    value::show_time,
};
use axum::{Json, extract::State};
use http::StatusCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use wharf_app::repositories::{self, Direction, TagQuery, TagSort};
use wharf_oci::media_type;

/// A tag.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Tag {
    name: String,
    /// Of the manifest that it names.
    digest: String,
    media_type: String,
    /// What kind of artifact it is, where the manifest says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    artifact_type: Option<String>,
    /// `os/architecture` of the image, or of an index's images.
    platforms: Vec<String>,
    /// Bytes of everything that the manifest names, and its own; of an index, of its images that were there
    /// when it came.
    size_bytes: u64,
    /// Who let the tag name this.
    ///
    /// Left out for who has no role in the namespace, and so is the build.
    #[serde(skip_serializing_if = "Option::is_none")]
    pushed_by: Option<String>,
    /// The number of the build that did.
    #[serde(skip_serializing_if = "Option::is_none")]
    build: Option<u64>,
    pushed_at: Timestamp,
    /// When the version was last pulled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pulled_at: Option<Timestamp>,
    /// How often the version was pulled.
    pull_count: u64,
}

/// Whether this says no more than that it is an image: the type of its config stands for one that is not given.
pub(super) fn is_image(artifact_type: &str) -> bool {
    matches!(
        artifact_type,
        media_type::OCI_CONFIG | media_type::DOCKER_CONFIG
    )
}

/// The build by whose name something was pushed. No account is called so: names have no colon.
pub(super) fn read_build(pushed_by: &str) -> Option<u64> {
    pushed_by.strip_prefix("build:")?.parse().ok()
}

impl From<repositories::TagPage> for Tag {
    fn from(tag: repositories::TagPage) -> Self {
        Self {
            name: tag.name.to_string(),
            digest: tag.digest.to_string(),
            media_type: tag.media_type,
            artifact_type: tag.artifact_type.filter(|kind| !is_image(kind)),
            // Written by us as a list of texts.
            platforms: serde_json::from_str(&tag.platforms).unwrap_or_default(),
            size_bytes: tag.size,
            build: tag.pushed_by.as_deref().and_then(read_build),
            pushed_by: tag.pushed_by,
            pushed_at: show_time(tag.pushed_at),
            pulled_at: tag.pulled_at.map(show_time),
            pull_count: tag.pull_count,
        }
    }
}

/// One page of tags, with what a list says about itself.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TagList {
    #[serde(flatten)]
    page: Page<Tag>,
    /// How many tags the repository has.
    total: u64,
    /// How many of them are what is wanted.
    matching: u64,
    /// The platforms that occur among all of them; only with the first page.
    #[serde(skip_serializing_if = "Option::is_none")]
    platforms: Option<Vec<String>>,
}

/// What a list is sorted by; with `-` the other way round.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
pub(super) enum TagOrder {
    #[serde(rename = "name")]
    Name,
    #[serde(rename = "-name")]
    NameDown,
    #[serde(rename = "pushed")]
    Pushed,
    #[serde(rename = "-pushed")]
    PushedDown,
    #[serde(rename = "size")]
    Size,
    #[serde(rename = "-size")]
    SizeDown,
    #[serde(rename = "pulls")]
    Pulls,
    #[serde(rename = "-pulls")]
    PullsDown,
}

impl TagOrder {
    fn read(self) -> (TagSort, Direction) {
        use Direction::{Down, Up};
        match self {
            Self::Name => (TagSort::Name, Up),
            Self::NameDown => (TagSort::Name, Down),
            Self::Pushed => (TagSort::Pushed, Up),
            Self::PushedDown => (TagSort::Pushed, Down),
            Self::Size => (TagSort::Size, Up),
            Self::SizeDown => (TagSort::Size, Down),
            Self::Pulls => (TagSort::Pulls, Up),
            Self::PullsDown => (TagSort::Pulls, Down),
        }
    }
}

/// Which tags are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct TagParameters {
    /// Only those whose name contains this.
    q: Option<String>,
    /// Only what has an image for this `os/architecture`.
    platform: Option<String>,
    /// By name when it is left out.
    #[param(inline)]
    sort: Option<TagOrder>,
    /// Items of a page, 1 to 1000; 100 when it is left out.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u64>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// List tags
#[utoipa::path(get, path = "/repositories/{name}/tags", tag = "tags",
    params(("name" = String, Path), TagParameters),
    security((), ("basic" = []), ("access_token" = [])),
    responses((status = 200, description = "In the order of `sort`", body = TagList), Common, Missing))]
pub(super) async fn list_tags(
    State(state): State<ApiState>,
    Anyone(context): Anyone,
    Segments(name): Segments<String>,
    Parameters(wanted): Parameters<TagParameters>,
) -> Answer<TagList> {
    let (sort, direction) = wanted.sort.unwrap_or(TagOrder::Name).read();
    let query = TagQuery {
        term: wanted.q.unwrap_or_default(),
        platform: wanted.platform.filter(|platform| !platform.is_empty()),
        sort,
        direction,
    };
    let page = read_page(wanted.limit, wanted.after)?;
    let list = state.app.list_tags(&context, &name, query, page).await?;
    Ok(Json(TagList {
        page: Page::show(list.page, Tag::from),
        total: list.total,
        matching: list.matching,
        platforms: list.platforms,
    }))
}

/// A tag with everything that there is to know about what it names.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TagDetail {
    #[serde(flatten)]
    tag: Tag,
    #[serde(flatten)]
    content: Content,
}

/// Show a tag with its manifest, config, layers and history
#[utoipa::path(get, path = "/repositories/{name}/tags/{tag}", tag = "tags",
    params(("name" = String, Path), ("tag" = String, Path)),
    security((), ("basic" = []), ("access_token" = [])),
    responses((status = 200, description = "The tag", body = TagDetail), Common, Missing))]
pub(super) async fn get_tag(
    State(state): State<ApiState>,
    Anyone(context): Anyone,
    Segments((name, tag)): Segments<(String, String)>,
) -> Answer<TagDetail> {
    let detail = state.app.show_tag(&context, &name, &tag).await?;
    Ok(Json(TagDetail {
        tag: detail.page.into(),
        content: Content::show(detail.content)?,
    }))
}

/// Delete a tag; the version that it named stays
#[utoipa::path(delete, path = "/repositories/{name}/tags/{tag}", tag = "tags",
    params(("name" = String, Path), ("tag" = String, Path)),
    responses((status = 204, description = "Deleted"), Common, Missing))]
pub(super) async fn delete_tag(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Segments((name, tag)): Segments<(String, String)>,
) -> Done {
    state.app.delete_tag(&context, &name, &tag).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Tags to be deleted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TagDeletion {
    /// At most 1,000.
    tags: Vec<String>,
}

/// What became of them.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DeletedTags {
    /// They are gone now.
    deleted: Vec<String>,
    /// They were not there.
    missing: Vec<String>,
}

/// Delete several tags at once; the versions that they named stay
#[utoipa::path(post, path = "/repositories/{name}/tag-deletions", tag = "tags",
    params(("name" = String, Path)), request_body = TagDeletion,
    responses((status = 200, description = "Deleted", body = DeletedTags), Common, Missing, BadBody))]
pub(super) async fn delete_tags(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Segments(name): Segments<String>,
    JsonBody(body): JsonBody<TagDeletion>,
) -> Answer<DeletedTags> {
    let done = state.app.delete_tags(&context, &name, body.tags).await?;
    Ok(Json(DeletedTags {
        deleted: done.deleted.iter().map(ToString::to_string).collect(),
        missing: done.missing,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_push_by_a_build_names_the_build() {
        assert_eq!(read_build("build:412"), Some(412));
        for other in ["build", "build:", "build:x", "alice", "robot$team+ci"] {
            assert_eq!(read_build(other), None, "{other}");
        }
    }
}
