//! Builds as JSON has them.

use super::super::{
    reason::{About, say_reason},
    value::{ShownVerb, show_time},
};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;
use wharf_app::{Context, builds};
use wharf_messages::Language;
use wharf_model::builds::{BuildNetwork, BuildSource, CommitId, RefName};
use wharf_model::{Caller, Facts, Verb, list_build_verbs};
use wharf_oci::Tag;

/// Why a build failed, or what it waits for.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct BuildFailure {
    /// `command`, `dockerfile`, `source`, `image`, `timed_out`, `worker_lost`, `interrupted`, `cannot_build` …
    reason: String,
    /// The same as a sentence, in the language that `Accept-Language` likes best.
    message: String,
    /// The step that failed, as the log names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<String>,
    /// What its command answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    exit_code: Option<i64>,
    /// The last lines that it wrote.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_lines: Option<String>,
    /// What went wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
}

impl BuildFailure {
    fn show(failure: builds::Failure, language: Language) -> Self {
        Self {
            message: say_reason(About::Build, &failure.reason, language),
            reason: failure.reason,
            step: failure.step,
            exit_code: failure.exit_code,
            last_lines: failure.last_lines,
            detail: failure.detail,
            hint: failure.hint,
        }
    }
}

/// A build.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct Build {
    /// Counted in the repository.
    number: u64,
    repository: String,
    /// `queued`, `running`, `succeeded`, `failed`, `canceled`, `superseded`, `skipped`.
    state: &'static str,
    /// Where it is, or was when it ended: `queued`, `starting`, `cloning`, `building`, `exporting`, `pushing`.
    phase: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<BuildFailure>,
    /// The rule that it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<String>,
    /// `rule`, or `loose` for what nobody vouches for: it gets no secrets and sets no tag of a rule.
    trust: &'static str,
    /// `push`, `poll`, `manual`, `trigger_url`, `link`, `retry`.
    cause: &'static str,
    /// `code` or `dockerfile`.
    source: &'static str,
    /// `refs/heads/…` or `refs/tags/…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    r#ref: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    commit: Option<String>,
    author: String,
    message: String,
    /// The tags that it sets.
    tags: Vec<String>,
    /// Those that it was to set and that a newer build of another branch or tag had set.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    overtaken_tags: Vec<String>,
    /// The images of its FROM lines.
    bases: Vec<String>,
    /// How often a worker began it.
    attempt: u32,
    steps: u64,
    /// Those whose result was there already.
    cached_steps: u64,
    /// What its tags name.
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    size_bytes: Option<u64>,
    started_by: String,
    created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    started_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<Timestamp>,
    /// From its start to its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_ms: Option<u64>,
    /// What shall become of it, while it still runs: `canceled` or `superseded`.
    #[serde(skip_serializing_if = "Option::is_none")]
    stopping: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stopped_by: Option<String>,
    /// Whether its log can be read: `none`, `open`, `kept`, `expired`.
    log: &'static str,
    /// What you may do to it, whatever its state.
    may: Vec<ShownVerb>,
}

impl Build {
    pub(in super::super) fn show(
        build: builds::Build,
        context: &Context,
        language: Language,
    ) -> Self {
        let may = list_verbs(&build, &context.caller);
        let took = build.started_at.zip(build.ended_at);
        Self {
            number: build.number,
            repository: build.repository_name.to_string(),
            state: build.state.as_str(),
            phase: build.phase.as_str(),
            failure: build
                .failure
                .map(|failure| BuildFailure::show(failure, language)),
            rule: build.rule.map(|rule| rule.name),
            trust: build.trust.as_str(),
            cause: build.cause.as_str(),
            source: build.origin.as_str(),
            r#ref: build.reference.as_ref().map(RefName::to_string),
            commit: build.commit.as_ref().map(CommitId::to_string),
            author: build.author,
            message: build.message,
            tags: build.tags.iter().map(Tag::to_string).collect(),
            overtaken_tags: build.overtaken.iter().map(Tag::to_string).collect(),
            bases: build.bases,
            attempt: build.attempt,
            steps: build.steps,
            cached_steps: build.cached_steps,
            digest: build.digest.map(|digest| digest.to_string()),
            size_bytes: build.size,
            started_by: build.started_by,
            created_at: show_time(build.created_at),
            started_at: build.started_at.map(show_time),
            ended_at: build.ended_at.map(show_time),
            duration_ms: took.map(|(from, to)| from.until(to).as_millis() as u64),
            stopping: match build.state.is_over() {
                true => None,
                false => build.stop.map(|stop| stop.as_str()),
            },
            stopped_by: build.stopped_by,
            log: build.log.as_str(),
            may: ShownVerb::list(may),
        }
    }
}

fn list_verbs(build: &builds::Build, caller: &Caller) -> Vec<Verb> {
    let facts = Facts {
        repository: build.repository,
        namespace: build.namespace,
        name: build.repository_name.clone(),
        // Nobody but members has to do with builds, so nothing hangs on it.
        public: false,
    };
    let is_own = build.starter.as_ref() == Some(&caller.principal());
    list_build_verbs(caller, &facts, is_own, build.is_push())
}

/// A phase or a step with its times.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct BuildPhase {
    /// Of which attempt.
    attempt: u32,
    /// `starting`, `cloning`, `building`, `exporting`, `pushing`, or `step`.
    kind: String,
    /// The step as the log names it.
    #[serde(skip_serializing_if = "String::is_empty")]
    name: String,
    started_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_ms: Option<u64>,
    /// Whether its result was there already.
    cached: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

impl From<builds::PhaseRow> for BuildPhase {
    fn from(row: builds::PhaseRow) -> Self {
        let took = row.ended_at.map(|end| row.started_at.until(end));
        Self {
            attempt: row.attempt,
            kind: row.kind,
            name: row.name,
            started_at: show_time(row.started_at),
            ended_at: row.ended_at.map(show_time),
            duration_ms: took.map(|took| took.as_millis() as u64),
            cached: row.cached,
            error: row.error,
        }
    }
}

/// A further registry that gets the image.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct BuildPush {
    id: Uuid,
    /// Registry and path.
    image: String,
    /// Its tags there; empty means the build's own.
    tags: Vec<String>,
    /// Those that a newer build brought there, or will.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    overtaken_tags: Vec<String>,
    /// `waiting`, `running`, `succeeded`, `failed`, `overtaken`.
    state: &'static str,
    attempts: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    /// When it is tried next.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<Timestamp>,
}

impl From<builds::PushRow> for BuildPush {
    fn from(row: builds::PushRow) -> Self {
        Self {
            id: row.id.as_uuid(),
            image: row.image,
            tags: row.tags,
            overtaken_tags: row.overtaken.iter().map(Tag::to_string).collect(),
            state: row.state.as_str(),
            attempts: row.attempts,
            error: row.error,
            next_at: row.next_at.map(show_time),
            ended_at: row.ended_at.map(show_time),
        }
    }
}

/// A build with everything that there is to know about it.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct BuildDetail {
    #[serde(flatten)]
    build: Build,
    /// What is cloned.
    #[serde(skip_serializing_if = "Option::is_none")]
    remote: Option<String>,
    /// Path of the Dockerfile from the root.
    dockerfile: String,
    /// The build directory from the same root; `.` is the root.
    directory: String,
    build_args: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<String>,
    platforms: Vec<String>,
    /// `none` or `isolated`.
    network: &'static str,
    no_cache: bool,
    /// In the order in which they began.
    phases: Vec<BuildPhase>,
    pushes: Vec<BuildPush>,
    /// Its place in the queue, 1 is next.
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<usize>,
    /// When it begins if builds take as long as they used to.
    #[serde(skip_serializing_if = "Option::is_none")]
    expected_start: Option<Timestamp>,
}

impl BuildDetail {
    pub(in super::super) fn show(
        detail: builds::BuildDetail,
        context: &Context,
        language: Language,
    ) -> Self {
        let spec = detail.spec;
        Self {
            build: Build::show(detail.build, context, language),
            remote: match spec.source {
                BuildSource::Git { url, .. } => Some(url),
                BuildSource::Dockerfile { .. } => None,
            },
            dockerfile: spec.dockerfile,
            directory: spec.directory,
            build_args: spec.build_args,
            target: spec.target,
            platforms: spec.platforms,
            network: match spec.network {
                BuildNetwork::None => "none",
                BuildNetwork::Isolated => "isolated",
            },
            no_cache: spec.no_cache,
            phases: detail.phases.into_iter().map(Into::into).collect(),
            pushes: detail.pushes.into_iter().map(Into::into).collect(),
            position: detail.place.map(|place| place.position),
            expected_start: detail
                .place
                .and_then(|place| place.starts_at)
                .map(show_time),
        }
    }
}

/// A place in the queue.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct QueuePlace {
    /// 1 is next.
    position: usize,
    /// When it begins if builds take as long as they used to.
    #[serde(skip_serializing_if = "Option::is_none")]
    expected_start: Option<Timestamp>,
    /// Which build, when you may see it.
    #[serde(skip_serializing_if = "Option::is_none")]
    build: Option<Build>,
}

/// The queue.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct Queue {
    /// In the order in which builds will be begun.
    waiting: Vec<QueuePlace>,
    /// Builds that run now.
    running: usize,
    /// How many may run at once.
    concurrency: usize,
    /// How many of one namespace.
    namespace_concurrency: usize,
    /// Why this server begins none.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
}

impl Queue {
    pub(in super::super) fn show(
        page: builds::QueuePage,
        context: &Context,
        language: Language,
    ) -> Self {
        let show = |place: builds::QueuePlace| QueuePlace {
            position: place.position,
            expected_start: place.starts_at.map(show_time),
            build: place
                .build
                .map(|build| Build::show(build, context, language)),
        };
        Self {
            waiting: page.waiting.into_iter().map(show).collect(),
            running: page.running,
            concurrency: page.slots.all,
            namespace_concurrency: page.slots.each,
            problem: page.problem,
        }
    }
}
