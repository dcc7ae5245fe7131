//! Builds started by hand.

use super::{
    ApiState, Created,
    caller::SignedIn,
    created,
    describe::{Asking, BadBody, Clashing, Common, Missing},
    refusal::Refusal,
    request::{JsonBody, Segments},
    rules::read_ref,
    value::show_time,
};
use axum::{
    body::Body,
    extract::{Request, State},
};
use futures_util::TryStreamExt;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, io};
use tokio_util::io::StreamReader;
use utoipa::ToSchema;
use uuid::Uuid;
use wharf_app::{builds::Build, rules};
use wharf_model::builds::CommitError;

/// A build that was queued.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct StartedBuild {
    id: Uuid,
    /// Counted in the repository.
    number: u64,
    state: String,
    /// `rule`, or `loose` for what gets no secrets and sets no tag that a rule owns.
    trust: String,
    #[schema(required)]
    r#ref: Option<String>,
    #[schema(required)]
    commit: Option<String>,
    /// What the image will be called.
    tags: Vec<String>,
    created_at: Timestamp,
}

impl From<Build> for StartedBuild {
    fn from(build: Build) -> Self {
        Self {
            id: build.id.as_uuid(),
            number: build.number,
            state: build.state.to_string(),
            trust: build.trust.to_string(),
            r#ref: build.reference.map(|name| name.to_string()),
            commit: build.commit.map(|commit| commit.to_string()),
            tags: build.tags.iter().map(ToString::to_string).collect(),
            created_at: show_time(build.created_at),
        }
    }
}

/// What to build: a rule's branch, tag or commit; or a Dockerfile.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct NewStart {
    /// The rule; none for a Dockerfile.
    rule: Option<String>,
    /// `refs/heads/main`, `refs/tags/v1`.
    r#ref: Option<String>,
    /// A commit by all its digits, or by the first 7 or more: then it is one that a branch or tag reaches. One that none reaches
    /// builds without secrets.
    commit: Option<String>,
    /// The text of a Dockerfile.
    dockerfile: Option<String>,
    /// An archive from `build-contexts`.
    context: Option<Uuid>,
    /// Where the Dockerfile is in the archive, when its text is not given.
    path: Option<String>,
    /// The image's tag: for a rule instead of its naming, for a Dockerfile always.
    version: Option<String>,
    /// For a Dockerfile.
    build_args: BTreeMap<String, String>,
    /// For a Dockerfile.
    target: Option<String>,
    /// For a Dockerfile.
    platforms: Vec<String>,
    /// Whether every step runs, whatever is cached.
    no_cache: bool,
}

enum Start {
    Rule(rules::RuleStart),
    Dockerfile(rules::DockerfileStart),
}

impl NewStart {
    fn read(self) -> Result<Start, Refusal> {
        let of_dockerfile = self.dockerfile.is_some() || self.context.is_some();
        let Some(rule) = self.rule else {
            if self.r#ref.is_some() || self.commit.is_some() || !of_dockerfile {
                return Err(Refusal::field("rule", "required"));
            }
            let context = self.context.map(|id| id.to_string().parse());
            return Ok(Start::Dockerfile(rules::DockerfileStart {
                dockerfile: self.dockerfile,
                path: self.path,
                context: context
                    .transpose()
                    .map_err(|_| Refusal::field("context", "malformed"))?,
                version: self
                    .version
                    .ok_or_else(|| Refusal::field("version", "required"))?,
                build_args: self.build_args,
                target: self.target,
                platforms: self.platforms,
                no_cache: self.no_cache,
            }));
        };
        let extra = [
            ("dockerfile", of_dockerfile),
            ("path", self.path.is_some()),
            ("build_args", !self.build_args.is_empty()),
            ("target", self.target.is_some()),
            ("platforms", !self.platforms.is_empty()),
        ];
        if let Some((field, _)) = extra.into_iter().find(|(_, given)| *given) {
            return Err(Refusal::field(field, "the_rule_says"));
        }
        let from = match (self.r#ref, self.commit) {
            (Some(name), None) => rules::StartFrom::Ref(read_ref("ref", &name)?),
            (None, Some(commit)) => read_start(&commit)?,
            (None, None) => return Err(Refusal::field("ref", "required")),
            (Some(_), Some(_)) => return Err(Refusal::field("commit", "either_or")),
        };
        Ok(Start::Rule(rules::RuleStart {
            rule,
            from,
            version: self.version,
            no_cache: self.no_cache,
        }))
    }
}

fn read_start(commit: &str) -> Result<rules::StartFrom, Refusal> {
    if let Ok(commit) = commit.parse() {
        return Ok(rules::StartFrom::Commit(commit));
    }
    let prefix = commit.parse().map(rules::StartFrom::Beginning);
    prefix.map_err(|error: CommitError| {
        wharf_app::Error::told("commit", "refused_text", &error).into()
    })
}

/// Start a build by hand: of a rule's branch, tag or commit, or of a Dockerfile
///
/// A Dockerfile, a commit that no branch or tag reaches, and a version that you choose need the right to push as well.
/// When as many builds of the namespace wait as may, the answer is `limit_reached`.
#[utoipa::path(post, path = "/repositories/{name}/builds", tag = "builds",
    params(("name" = String, Path)), request_body = NewStart,
    responses((status = 201, description = "Queued", body = StartedBuild), Common, Missing, Clashing, BadBody,
        Asking))]
pub(super) async fn start_build(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Segments(name): Segments<String>,
    JsonBody(body): JsonBody<NewStart>,
) -> Created<StartedBuild> {
    let build = match body.read()? {
        Start::Rule(start) => state.app.start_rule_build(&context, &name, start).await?,
        Start::Dockerfile(start) => {
            let started = state.app.start_dockerfile_build(&context, &name, start);
            started.await?
        }
    };
    Ok(created(build.into()))
}

/// An archive that waits for its build.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct BuildContext {
    id: Uuid,
    size_bytes: u64,
}

/// Upload a context archive for a build that is started within an hour
#[utoipa::path(post, path = "/repositories/{name}/build-contexts", tag = "builds",
    params(("name" = String, Path)),
    request_body(content = Vec<u8>, content_type = "application/x-tar",
        description = "A tar archive, also compressed, of at most 1 GiB"),
    responses((status = 201, description = "Kept", body = BuildContext), Common, Missing, Clashing, BadBody))]
pub(super) async fn upload_context(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Segments(name): Segments<String>,
    request: Request<Body>,
) -> Created<BuildContext> {
    check_archive(&request)?;
    let announced = read_length(&request);
    let stream = request.into_body().into_data_stream();
    let archive = StreamReader::new(stream.map_err(io::Error::other));
    let kept = state
        .app
        .upload_context(&context, &name, announced, archive);
    let (id, size_bytes) = kept.await?;
    Ok(created(BuildContext {
        id: id.as_uuid(),
        size_bytes,
    }))
}

/// How long the client says that the body is.
fn read_length(request: &Request<Body>) -> Option<u64> {
    let value = request.headers().get(http::header::CONTENT_LENGTH)?;
    value.to_str().ok()?.parse().ok()
}

/// Any of the names that people give to an archive; a form from another site's page is none of them.
fn check_archive(request: &Request<Body>) -> Result<(), Refusal> {
    let value = request.headers().get(http::header::CONTENT_TYPE);
    let value = value.and_then(|value| value.to_str().ok());
    let essence = value.and_then(|value| value.split(';').next());
    match essence.unwrap_or_default().trim() {
        "application/x-tar"
        | "application/tar"
        | "application/gzip"
        | "application/x-gzip"
        | "application/zstd"
        | "application/octet-stream" => Ok(()),
        _ => Err(Refusal::MediaType),
    }
}
