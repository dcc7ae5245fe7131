//! The whole way of an image, from the commit to what runs.

use super::{
    Answer, ApiState,
    caller::Anyone,
    describe::{Common, Missing},
    problem::Reader,
    request::Segments,
    trigger_deliveries::TriggerDelivery,
    value::show_time,
};
use axum::{Json, extract::State};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use wharf_app::triggers;

/// The build that made an image.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TracedBuild {
    number: u64,
    #[schema(required)]
    rule: Option<String>,
    /// `refs/heads/main`.
    #[schema(required)]
    r#ref: Option<String>,
    #[schema(required)]
    commit: Option<String>,
    author: String,
    message: String,
    started_by: String,
    state: String,
    #[schema(required)]
    ended_at: Option<Timestamp>,
}

/// A change of a tag that came to the image or left it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TracedChange {
    tag: String,
    /// `created`, `changed`, `deleted`.
    change: &'static str,
    /// What the tag named before.
    #[schema(required)]
    from: Option<String>,
    /// What it names since.
    #[schema(required)]
    digest: Option<String>,
    /// Left out for who has no role in the namespace.
    #[serde(skip_serializing_if = "Option::is_none")]
    actor: Option<String>,
    at: Timestamp,
}

/// Containers that run an image of the repository now.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RunningContainers {
    cluster: String,
    cluster_namespace: String,
    /// `Deployment`, `StatefulSet`, `DaemonSet`, `CronJob`, `Job`, `Pod`, or whatever else made the pods.
    kind: String,
    workload: String,
    container: String,
    /// What it was told to run.
    image: String,
    /// What runs; null while it is being pulled.
    #[schema(required)]
    digest: Option<String>,
    /// Whether it is the image that was asked for.
    this: bool,
    pods: u32,
    ready: u32,
    /// When the first of them started.
    #[schema(required)]
    since: Option<String>,
}

/// A cluster that did not say what runs.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SilentCluster {
    cluster: String,
    /// Why, as it was heard.
    message: String,
}

/// The way of an image.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Trace {
    repository: String,
    /// The tag that was asked for; null when a digest was.
    #[schema(required)]
    tag: Option<String>,
    digest: String,
    /// Whether the repository still has it.
    present: bool,
    /// Tags that name it now.
    tags: Vec<String>,
    /// How tags came to it and left it, newest first.
    history: Vec<TracedChange>,
    /// Null when no build made it, or the caller may not see builds.
    #[schema(required)]
    build: Option<TracedBuild>,
    /// What triggers did with it, newest first; null when the caller may not see triggers.
    #[schema(required)]
    deliveries: Option<Vec<TriggerDelivery>>,
    /// What runs of the repository, first what runs this image; null when the caller may not see triggers.
    #[schema(required)]
    running: Option<Vec<RunningContainers>>,
    /// Clusters that could not be asked.
    silent_clusters: Vec<SilentCluster>,
}

impl From<triggers::RunningNow> for RunningContainers {
    fn from(running: triggers::RunningNow) -> Self {
        let image = running.image;
        Self {
            cluster: running.cluster,
            cluster_namespace: image.namespace.to_string(),
            kind: image.kind,
            workload: image.name,
            container: image.container,
            image: image.image,
            digest: image.digest.map(|digest| digest.to_string()),
            this: running.is_this,
            pods: image.pods,
            ready: image.ready,
            since: image.since,
        }
    }
}

/// Follow an image: commit, build, digest, tags, triggers, rollouts, and what runs where now
///
/// What runs is asked of the clusters at this moment; those that do not answer in time are named.
#[utoipa::path(get, path = "/repositories/{name}/trace/{reference}", tag = "triggers",
    params(("name" = String, Path), ("reference" = String, Path, description = "A tag or a digest")),
    security((), ("basic" = []), ("access_token" = [])),
    responses((status = 200, description = "Its way", body = Trace), Common, Missing))]
pub(super) async fn trace_image(
    State(state): State<ApiState>,
    Anyone(context): Anyone,
    Reader(language): Reader,
    Segments((name, reference)): Segments<(String, String)>,
) -> Answer<Trace> {
    let trace = state.app.trace_image(&context, &name, &reference).await?;
    let history = trace.changes.into_iter().map(|change| TracedChange {
        change: match (&change.from, &change.to) {
            (_, None) => "deleted",
            (None, Some(_)) => "created",
            (Some(_), Some(_)) => "changed",
        },
        tag: change.tag.to_string(),
        from: change.from.map(|digest| digest.to_string()),
        digest: change.to.map(|digest| digest.to_string()),
        actor: change.actor,
        at: show_time(change.at),
    });
    let build = trace.build.map(|build| TracedBuild {
        number: build.number,
        rule: build.rule.map(|rule| rule.name),
        r#ref: build.reference.map(|name| name.to_string()),
        commit: build.commit.map(|commit| commit.to_string()),
        author: build.author,
        message: build.message,
        started_by: build.started_by,
        state: build.state.as_str().to_owned(),
        ended_at: build.ended_at.map(show_time),
    });
    let deliveries = trace.deliveries.map(|all| {
        let all = all.into_iter();
        all.map(|delivery| TriggerDelivery::show(delivery, language))
            .collect()
    });
    let running = trace.running.map(|all| {
        let all = all.into_iter();
        all.map(RunningContainers::from).collect()
    });
    let silent = trace.silent.into_iter().map(|cluster| SilentCluster {
        cluster: cluster.cluster,
        message: cluster.detail,
    });
    Ok(Json(Trace {
        repository: trace.repository.to_string(),
        tag: trace.tag.map(|tag| tag.to_string()),
        digest: trace.digest.to_string(),
        present: trace.is_there,
        tags: trace.tags.iter().map(ToString::to_string).collect(),
        history: history.collect(),
        build,
        deliveries,
        running,
        silent_clusters: silent.collect(),
    }))
}
