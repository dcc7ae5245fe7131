//! Tags and what they name.

use super::{
    Answer, ApiState, Done,
    caller::{Anyone, SignedIn},
    describe::{Common, Missing},
    page::{Page, read_page},
    request::{Parameters, Segments},
    value::show_time,
};
use axum::{Json, extract::State};
use http::StatusCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};
use wharf_app::{Error, repositories};
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
    pushed_by: String,
    pushed_at: Timestamp,
    /// When the version was last pulled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pulled_at: Option<Timestamp>,
    /// How often the version was pulled.
    pull_count: u64,
}

/// Whether this says no more than that it is an image: the type of its config stands for one that is not given.
fn is_image(artifact_type: &str) -> bool {
    matches!(
        artifact_type,
        media_type::OCI_CONFIG | media_type::DOCKER_CONFIG
    )
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
            pushed_by: tag.pushed_by,
            pushed_at: show_time(tag.pushed_at),
            pulled_at: tag.pulled_at.map(show_time),
            pull_count: tag.pull_count,
        }
    }
}

/// A layer of an image.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Layer {
    digest: String,
    media_type: String,
    size_bytes: u64,
}

/// A step of an image's history.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HistoryStep {
    /// As the builder wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    created: Option<String>,
    /// The instruction, as the builder wrote it.
    created_by: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<String>,
    /// Whether the step made no layer.
    empty_layer: bool,
    /// Bytes of its layer as it is stored.
    size_bytes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    layer_digest: Option<String>,
}

impl From<repositories::HistoryStep> for HistoryStep {
    fn from(step: repositories::HistoryStep) -> Self {
        Self {
            created: step.created,
            created_by: step.created_by,
            comment: step.comment,
            empty_layer: step.empty_layer,
            size_bytes: step.size,
            layer_digest: step.layer.map(|digest| digest.to_string()),
        }
    }
}

/// An entry of an index.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Child {
    digest: String,
    media_type: String,
    /// `os/architecture[/variant]`, where the index says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    platform: Option<String>,
    /// Bytes of all that the child needs when it is here, else of the child itself.
    size_bytes: u64,
}

/// A tag with everything that there is to know about what it names.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TagDetail {
    #[serde(flatten)]
    tag: Tag,
    /// As it was pushed.
    #[schema(value_type = Object)]
    manifest: Box<RawValue>,
    /// The image config as it was pushed; null where there is none.
    #[schema(value_type = Option<Object>, required)]
    config: Option<Box<RawValue>>,
    /// Of an image.
    layers: Vec<Layer>,
    /// Of an image, oldest step first.
    history: Vec<HistoryStep>,
    /// Of an index.
    children: Vec<Child>,
    annotations: BTreeMap<String, String>,
}

impl TagDetail {
    fn show(detail: repositories::TagDetail) -> Result<Self, Error> {
        let raw = |text| RawValue::from_string(text).map_err(Error::internal);
        let layers = detail.layers.into_iter().map(|layer| Layer {
            digest: layer.digest.to_string(),
            media_type: layer.media_type,
            size_bytes: layer.size,
        });
        let children = detail.children.into_iter().map(|child| Child {
            digest: child.digest.to_string(),
            media_type: child.media_type,
            platform: child.platform,
            size_bytes: child.size,
        });
        Ok(Self {
            tag: detail.page.into(),
            manifest: raw(detail.manifest)?,
            config: detail.config.map(raw).transpose()?,
            layers: layers.collect(),
            history: detail.history.into_iter().map(Into::into).collect(),
            children: children.collect(),
            annotations: detail.annotations,
        })
    }
}

/// Which tags are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct TagParameters {
    /// Only those whose name contains this.
    q: Option<String>,
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
    responses((status = 200, description = "By name", body = Page<Tag>), Common, Missing))]
pub(super) async fn list_tags(
    State(state): State<ApiState>,
    Anyone(context): Anyone,
    Segments(name): Segments<String>,
    Parameters(wanted): Parameters<TagParameters>,
) -> Answer<Page<Tag>> {
    let page = read_page(wanted.limit, wanted.after)?;
    let listed = state.app.list_tags(&context, &name, wanted.q, page).await?;
    Ok(Json(Page::show(listed, Tag::from)))
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
    Ok(Json(TagDetail::show(detail)?))
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
