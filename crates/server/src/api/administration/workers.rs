//! Workers and the queue, as administrators look after them.

use super::super::{
    Answer, ApiState, builds::Build, caller::SignedIn, describe::Common, problem::Reader,
    value::show_time,
};
use axum::{Json, extract::State};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// What one build may use up, and has unless its rule asks for less.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct WorkerLimits {
    /// Bytes of memory of a step.
    memory: u64,
    /// Thousandths of a processor.
    cpu_millis: u32,
    /// Bytes on disk.
    disk: u64,
    seconds: u64,
    /// Bytes of log.
    log: u64,
}

/// The builds of a namespace that are not over.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct NamespaceQueue {
    name: String,
    waiting: u64,
    running: u64,
    /// Since when the oldest of the waiting ones does.
    #[schema(required)]
    waits_since: Option<Timestamp>,
}

/// Workers and the queue. Places in it are told by `/builds/queue`.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct Workers {
    /// How many builds run at once.
    concurrency: usize,
    /// How many of one namespace.
    namespace_concurrency: usize,
    /// How many of one namespace may wait.
    namespace_queue: u64,
    limits: WorkerLimits,
    /// Builds with a worker at them, the newest first.
    workers: Vec<Build>,
    /// Namespaces with builds that are not over, those with the most waiting ones first.
    namespaces: Vec<NamespaceQueue>,
    /// Why this server begins none.
    #[schema(required)]
    problem: Option<String>,
    /// What to do about it.
    #[schema(required)]
    hint: Option<String>,
}

/// Show workers and the queue
#[utoipa::path(get, path = "/workers", tag = "administration",
    responses((status = 200, description = "What is built now, and who waits", body = Workers), Common))]
pub(in crate::api) async fn get_workers(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Reader(language): Reader,
) -> Answer<Workers> {
    let page = state.app.show_workers(&context).await?;
    let (hint, problem) = match page.problem {
        Some(why) => (why.hint, Some(why.problem)),
        None => (None, None),
    };
    let workers = page.workers.into_iter();
    let queues = page.queues.into_iter().map(|queue| NamespaceQueue {
        name: queue.name,
        waiting: queue.waiting,
        running: queue.running,
        waits_since: queue.waits_since.map(show_time),
    });
    Ok(Json(Workers {
        concurrency: page.slots.all,
        namespace_concurrency: page.slots.each,
        namespace_queue: page.namespace_queue,
        limits: WorkerLimits {
            memory: page.bounds.memory,
            cpu_millis: page.bounds.cpu_millis,
            disk: page.bounds.disk,
            seconds: page.bounds.timeout.as_secs(),
            log: page.bounds.log,
        },
        workers: workers
            .map(|build| Build::show(build, &context, language))
            .collect(),
        namespaces: queues.collect(),
        problem,
        hint,
    }))
}
