//! Versions by their digest, what is in them, what refers to them, and two of them compared.

use super::{
    Answer, ApiState,
    caller::Anyone,
    describe::{Common, Missing},
    page::{ListParameters, Page},
    request::{Parameters, Segments},
    tags::{is_image, read_build},
    value::show_time,
};
use axum::{Json, extract::State};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};
use wharf_app::{Error, repositories};

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

/// What is in a version.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Content {
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

impl Content {
    pub(super) fn show(detail: repositories::Content) -> Result<Self, Error> {
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
            manifest: raw(detail.manifest)?,
            config: detail.config.map(raw).transpose()?,
            layers: layers.collect(),
            history: detail.history.into_iter().map(Into::into).collect(),
            children: children.collect(),
            annotations: detail.annotations,
        })
    }
}

/// A version.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Version {
    digest: String,
    media_type: String,
    /// What kind of artifact it is, where the manifest says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    artifact_type: Option<String>,
    /// The digest that it refers to.
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    /// `os/architecture` of the image, or of an index's images.
    platforms: Vec<String>,
    /// Bytes of everything that the manifest names, and its own.
    size_bytes: u64,
    /// Who pushed it last.
    ///
    /// Left out for who has no role in the namespace, and so is the build.
    #[serde(skip_serializing_if = "Option::is_none")]
    pushed_by: Option<String>,
    /// The number of the build that did.
    #[serde(skip_serializing_if = "Option::is_none")]
    build: Option<u64>,
    pushed_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pulled_at: Option<Timestamp>,
    pull_count: u64,
    /// The tags that name it, at most 100.
    tags: Vec<String>,
    #[serde(flatten)]
    content: Content,
}

impl Version {
    fn show(detail: repositories::VersionDetail) -> Result<Self, Error> {
        let page = detail.page;
        Ok(Self {
            digest: page.digest.to_string(),
            media_type: page.media_type,
            artifact_type: page.artifact_type.filter(|kind| !is_image(kind)),
            subject: page.subject.map(|digest| digest.to_string()),
            // Written by us as a list of texts.
            platforms: serde_json::from_str(&page.platforms).unwrap_or_default(),
            size_bytes: page.size,
            build: page.pushed_by.as_deref().and_then(read_build),
            pushed_by: page.pushed_by,
            pushed_at: show_time(page.pushed_at),
            pulled_at: page.pulled_at.map(show_time),
            pull_count: page.pull_count,
            tags: detail.tags.iter().map(ToString::to_string).collect(),
            content: Content::show(detail.content)?,
        })
    }
}

/// Show a version by its digest
///
/// Also one that no tag names: an index's image for a platform is one.
#[utoipa::path(get, path = "/repositories/{name}/manifests/{digest}", tag = "tags",
    params(("name" = String, Path), ("digest" = String, Path)),
    security((), ("basic" = []), ("access_token" = [])),
    responses((status = 200, description = "The version", body = Version), Common, Missing))]
pub(super) async fn get_version(
    State(state): State<ApiState>,
    Anyone(context): Anyone,
    Segments((name, digest)): Segments<(String, String)>,
) -> Answer<Version> {
    let detail = state.app.show_version(&context, &name, &digest).await?;
    Ok(Json(Version::show(detail)?))
}

/// Something that refers to a version: a signature, an attestation, another artifact.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Referrer {
    digest: String,
    media_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    artifact_type: Option<String>,
    /// Bytes of its manifest.
    size_bytes: u64,
    annotations: BTreeMap<String, String>,
}

impl From<repositories::Referrer> for Referrer {
    fn from(found: repositories::Referrer) -> Self {
        Self {
            digest: found.digest.to_string(),
            media_type: found.media_type,
            artifact_type: found.artifact_type,
            size_bytes: found.size,
            annotations: serde_json::from_str(&found.annotations).unwrap_or_default(),
        }
    }
}

/// List what refers to a version
#[utoipa::path(get, path = "/repositories/{name}/manifests/{digest}/referrers", tag = "tags",
    params(("name" = String, Path), ("digest" = String, Path), ListParameters),
    security((), ("basic" = []), ("access_token" = [])),
    responses((status = 200, description = "By digest", body = Page<Referrer>), Common, Missing))]
pub(super) async fn list_version_referrers(
    State(state): State<ApiState>,
    Anyone(context): Anyone,
    Segments((name, digest)): Segments<(String, String)>,
    Parameters(list): Parameters<ListParameters>,
) -> Answer<Page<Referrer>> {
    let app = &state.app;
    let listed = app.list_version_referrers(&context, &name, &digest, list.page()?);
    Ok(Json(Page::show(listed.await?, Referrer::from)))
}

/// Which versions are compared.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct CompareParameters {
    /// A tag or a digest.
    a: String,
    /// A tag or a digest.
    b: String,
    /// Of indexes: whose images; the first one that both have when it is left out.
    platform: Option<String>,
}

/// One of two versions.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ComparedVersion {
    /// As it was asked for.
    reference: String,
    digest: String,
    /// The image that was looked into; null where there is none for the platform.
    #[schema(required)]
    image: Option<String>,
    size_bytes: u64,
    /// Platforms that the other one does not have.
    platforms: Vec<String>,
    /// The steps whose layers the other one does not have, oldest first.
    layers: Vec<HistoryStep>,
}

impl From<repositories::ComparedSide> for ComparedVersion {
    fn from(side: repositories::ComparedSide) -> Self {
        Self {
            reference: side.reference,
            digest: side.digest.to_string(),
            image: side.image.map(|digest| digest.to_string()),
            size_bytes: side.size,
            platforms: side.platforms,
            layers: side.layers.into_iter().map(Into::into).collect(),
        }
    }
}

/// A value that differs.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ChangedValue {
    name: String,
    /// Null where the first version has none.
    #[schema(required)]
    a: Option<String>,
    /// Null where the second version has none.
    #[schema(required)]
    b: Option<String>,
}

fn show_changes(changes: Vec<repositories::ChangedValue>) -> Vec<ChangedValue> {
    let changes = changes.into_iter();
    changes
        .map(|change| ChangedValue {
            name: change.name,
            a: change.a,
            b: change.b,
        })
        .collect()
}

/// What differs between two versions.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Comparison {
    a: ComparedVersion,
    b: ComparedVersion,
    /// The platform whose images were compared.
    #[schema(required)]
    platform: Option<String>,
    /// Platforms that both have.
    common_platforms: Vec<String>,
    shared_layers: usize,
    shared_bytes: u64,
    environment: Vec<ChangedValue>,
    labels: Vec<ChangedValue>,
    /// `entrypoint`, `cmd`, `user`, `working_dir`, `exposed_ports`.
    settings: Vec<ChangedValue>,
}

/// Compare two versions
#[utoipa::path(get, path = "/repositories/{name}/compare", tag = "tags",
    params(("name" = String, Path), CompareParameters),
    security((), ("basic" = []), ("access_token" = [])),
    responses((status = 200, description = "What differs", body = Comparison), Common, Missing))]
pub(super) async fn compare_versions(
    State(state): State<ApiState>,
    Anyone(context): Anyone,
    Segments(name): Segments<String>,
    Parameters(wanted): Parameters<CompareParameters>,
) -> Answer<Comparison> {
    let platform = wanted.platform.filter(|platform| !platform.is_empty());
    let pair = (wanted.a.as_str(), wanted.b.as_str());
    let app = &state.app;
    let found = app
        .compare_versions(&context, &name, pair, platform)
        .await?;
    Ok(Json(Comparison {
        a: found.a.into(),
        b: found.b.into(),
        platform: found.platform,
        common_platforms: found.common_platforms,
        shared_layers: found.shared_layers,
        shared_bytes: found.shared_bytes,
        environment: show_changes(found.environment),
        labels: show_changes(found.labels),
        settings: show_changes(found.settings),
    }))
}
