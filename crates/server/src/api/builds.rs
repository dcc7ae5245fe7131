//! Builds: lists, one build, the queue, and what people do to builds. Logs are in `log`.

mod lines;
mod log;
mod show;

pub(super) use lines::{
    LogIndex, LogLine, index_build_log, read_build_log_lines, search_build_log,
};
pub(super) use log::{follow_build_log, get_build_log};
// The document is made of what lies beside the handlers.
pub(super) use lines::{
    __path_index_build_log, __path_read_build_log_lines, __path_search_build_log,
};
pub(super) use log::{__path_follow_build_log, __path_get_build_log};

use super::{
    Answer, ApiState, Created, Done,
    caller::SignedIn,
    created,
    describe::{Clashing, Common, Missing},
    page::{Page, read_page},
    problem::Reader,
    request::{Parameters, Segments},
};
use axum::{Json, extract::State};
use http::StatusCode;
use serde::Deserialize;
pub(super) use show::Build;
use show::{BuildDetail, Queue};
use utoipa::IntoParams;
use wharf_app::builds::BuildQuery;

/// Which builds are wanted; each condition is met exactly.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct BuildParameters {
    /// In this state.
    state: Option<String>,
    /// Of this ref: in full (`refs/heads/main`), or a branch or tag of this name.
    r#ref: Option<String>,
    /// Of the rule of this name.
    rule: Option<String>,
    /// Items of a page, 1 to 1000; 100 when it is left out.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u64>,
    /// The `next` of the page before.
    after: Option<String>,
}

impl BuildParameters {
    fn query(&self) -> BuildQuery {
        let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        BuildQuery {
            state: given(&self.state),
            reference: given(&self.r#ref),
            rule: given(&self.rule),
        }
    }
}

/// List the builds of all repositories whose builds you may see
#[utoipa::path(get, path = "/builds", tag = "builds", params(BuildParameters),
    responses((status = 200, description = "Newest first", body = Page<Build>), Common))]
pub(super) async fn list_builds(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Reader(language): Reader,
    Parameters(wanted): Parameters<BuildParameters>,
) -> Answer<Page<Build>> {
    let query = wanted.query();
    let page = read_page(wanted.limit, wanted.after)?;
    let listed = state.app.list_builds(&context, query, page).await?;
    Ok(Json(Page::show(listed, |build| {
        Build::show(build, &context, language)
    })))
}

/// Show the queue
///
/// Everybody's places are there; which builds they are is told of those that you may see.
#[utoipa::path(get, path = "/builds/queue", tag = "builds",
    responses((status = 200, description = "In the order in which builds will be begun", body = Queue), Common))]
pub(super) async fn get_build_queue(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Reader(language): Reader,
) -> Answer<Queue> {
    let page = state.app.show_queue(&context).await?;
    Ok(Json(Queue::show(page, &context, language)))
}

/// List the builds of a repository
#[utoipa::path(get, path = "/repositories/{name}/builds", tag = "builds",
    params(("name" = String, Path), BuildParameters),
    responses((status = 200, description = "Newest first", body = Page<Build>), Common, Missing))]
pub(super) async fn list_repository_builds(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Reader(language): Reader,
    Segments(name): Segments<String>,
    Parameters(wanted): Parameters<BuildParameters>,
) -> Answer<Page<Build>> {
    let query = wanted.query();
    let page = read_page(wanted.limit, wanted.after)?;
    let listed = state
        .app
        .list_repository_builds(&context, &name, query, page)
        .await?;
    Ok(Json(Page::show(listed, |build| {
        Build::show(build, &context, language)
    })))
}

/// Show a build with its steps, their times, and its place in the queue
#[utoipa::path(get, path = "/repositories/{name}/builds/{number}", tag = "builds",
    params(("name" = String, Path), ("number" = u64, Path)),
    responses((status = 200, description = "The build", body = BuildDetail), Common, Missing))]
pub(super) async fn get_build(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Reader(language): Reader,
    Segments((name, number)): Segments<(String, u64)>,
) -> Answer<BuildDetail> {
    let detail = state.app.show_build(&context, &name, number).await?;
    Ok(Json(BuildDetail::show(detail, &context, language)))
}

/// Stop a build
///
/// One that waits ends at once; one that runs ends within moments and sets no tag. Developers stop what they started
/// themselves, maintainers everything.
#[utoipa::path(post, path = "/repositories/{name}/builds/{number}/cancel", tag = "builds",
    params(("name" = String, Path), ("number" = u64, Path)),
    responses((status = 200, description = "Stopped, or asked to stop", body = Build), Common, Missing, Clashing))]
pub(super) async fn cancel_build(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Reader(language): Reader,
    Segments((name, number)): Segments<(String, u64)>,
) -> Answer<Build> {
    let build = state.app.cancel_build(&context, &name, number).await?;
    Ok(Json(Build::show(build, &context, language)))
}

/// Build the same once more
///
/// Developers retry what they started themselves, maintainers everything. What no rule vouches for (`trust` is `loose`)
/// needs the right to push as well.
#[utoipa::path(post, path = "/repositories/{name}/builds/{number}/retry", tag = "builds",
    params(("name" = String, Path), ("number" = u64, Path)),
    responses((status = 201, description = "The new build", body = Build), Common, Missing, Clashing))]
pub(super) async fn retry_build(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Reader(language): Reader,
    Segments((name, number)): Segments<(String, u64)>,
) -> Created<Build> {
    let build = state.app.retry_build(&context, &name, number).await?;
    Ok(created(Build::show(build, &context, language)))
}

/// Push the image to a further registry again
#[utoipa::path(post, path = "/repositories/{name}/builds/{number}/pushes/{push}/retry", tag = "builds",
    params(("name" = String, Path), ("number" = u64, Path), ("push" = String, Path)),
    responses((status = 204, description = "It will be tried"), Common, Missing, Clashing))]
pub(super) async fn retry_build_push(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Segments((name, number, push)): Segments<(String, u64, String)>,
) -> Done {
    state
        .app
        .retry_build_push(&context, &name, number, &push)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
