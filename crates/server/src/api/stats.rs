//! Numbers over time: lines for pictures of storage and traffic.

use super::{
    Answer, ApiState,
    caller::SignedIn,
    describe::{Common, Missing},
    request::{Parameters, Segments},
    value::show_time,
};
use axum::{Json, extract::State};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use wharf_app::{Context, stats::StatsSubject};
use wharf_model::stats::{Grain, Point, StatsRange, Stored, Traffic};

/// How far back a picture goes.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, ToSchema)]
pub(super) enum Range {
    /// 14 days, by the hour.
    #[default]
    #[serde(rename = "14d")]
    Days14,
    /// 90 days, by the day.
    #[serde(rename = "90d")]
    Days90,
    /// 400 days, by the day.
    #[serde(rename = "400d")]
    Days400,
}

/// What one point of a line stands for.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Step {
    Hour,
    /// A day of UTC.
    Day,
}

/// Lines of one range. Each has every point from the first record on; where nothing was recorded, because the server was
/// off, its numbers are null.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Stats {
    range: Range,
    step: Step,
    /// The beginning of the range, whether or not anything was recorded then.
    from: Timestamp,
    /// Now: the last point is not over yet.
    until: Timestamp,
    /// What was stored when it was looked, once an hour; a day shows its last look.
    storage: Vec<StoragePoint>,
    /// What went in and out within each hour or day; the last seconds may be missing.
    traffic: Vec<TrafficPoint>,
}

/// What was stored.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct StoragePoint {
    at: Timestamp,
    /// Bytes of layers and configurations; what several repositories share counts once.
    #[schema(required)]
    bytes: Option<u64>,
    /// Layers and configurations, each once.
    #[schema(required)]
    blobs: Option<u64>,
    #[schema(required)]
    tags: Option<u64>,
}

/// What went in and out.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TrafficPoint {
    at: Timestamp,
    /// Manifests that were fetched.
    #[schema(required)]
    pulls: Option<u64>,
    /// Manifests that were pushed, by clients and by builds.
    #[schema(required)]
    pushes: Option<u64>,
    /// Bytes that clients were answered with; a download that was broken off counts whole.
    #[schema(required)]
    bytes_out: Option<u64>,
    /// Bytes that clients brought.
    #[schema(required)]
    bytes_in: Option<u64>,
}

/// Which picture is wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct StatsParameters {
    /// How far back; 14 days when it is left out.
    #[serde(default)]
    range: Range,
}

impl Range {
    fn of_model(self) -> StatsRange {
        match self {
            Self::Days14 => StatsRange::Days14,
            Self::Days90 => StatsRange::Days90,
            Self::Days400 => StatsRange::Days400,
        }
    }
}

impl From<Point<Stored>> for StoragePoint {
    fn from(point: Point<Stored>) -> Self {
        let value = point.value;
        Self {
            at: show_time(point.at),
            bytes: value.map(|it| it.bytes),
            blobs: value.map(|it| it.blobs),
            tags: value.map(|it| it.tags),
        }
    }
}

impl From<Point<Traffic>> for TrafficPoint {
    fn from(point: Point<Traffic>) -> Self {
        let value = point.value;
        Self {
            at: show_time(point.at),
            pulls: value.map(|it| it.pulls),
            pushes: value.map(|it| it.pushes),
            bytes_out: value.map(|it| it.bytes_out),
            bytes_in: value.map(|it| it.bytes_in),
        }
    }
}

async fn show(
    state: &ApiState,
    context: &Context,
    subject: StatsSubject,
    wanted: StatsParameters,
) -> Answer<Stats> {
    let range = wanted.range;
    let stats = state.app.show_stats(context, subject, range.of_model());
    let stats = stats.await?;
    Ok(Json(Stats {
        range,
        step: match stats.grain {
            Grain::Hour => Step::Hour,
            Grain::Day => Step::Day,
        },
        from: show_time(stats.from),
        until: show_time(stats.until),
        storage: stats.storage.into_iter().map(StoragePoint::from).collect(),
        traffic: stats.traffic.into_iter().map(TrafficPoint::from).collect(),
    }))
}

/// Show what the server stores and moves, over time
#[utoipa::path(get, path = "/stats", tag = "stats", params(StatsParameters),
    responses((status = 200, description = "Lines, oldest first", body = Stats), Common))]
pub(super) async fn get_stats(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Parameters(wanted): Parameters<StatsParameters>,
) -> Answer<Stats> {
    show(&state, &context, StatsSubject::Server, wanted).await
}

/// Show what a namespace stores and moves, over time
#[utoipa::path(get, path = "/namespaces/{name}/stats", tag = "stats",
    params(("name" = String, Path), StatsParameters),
    responses((status = 200, description = "Lines, oldest first", body = Stats), Common, Missing))]
pub(super) async fn get_namespace_stats(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Segments(name): Segments<String>,
    Parameters(wanted): Parameters<StatsParameters>,
) -> Answer<Stats> {
    show(&state, &context, StatsSubject::Namespace(name), wanted).await
}

/// Show what a repository stores and moves, over time
#[utoipa::path(get, path = "/repositories/{name}/stats", tag = "stats",
    params(("name" = String, Path), StatsParameters),
    responses((status = 200, description = "Lines, oldest first", body = Stats), Common, Missing))]
pub(super) async fn get_repository_stats(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Segments(name): Segments<String>,
    Parameters(wanted): Parameters<StatsParameters>,
) -> Answer<Stats> {
    show(&state, &context, StatsSubject::Repository(name), wanted).await
}
