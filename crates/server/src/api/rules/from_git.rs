//! An image made from a repository on a code host in one step, and the heads of a rule built at once.

use super::{
    super::{
        ApiState, Created,
        build_starts::StartedBuild,
        caller::{Facts, SignedIn},
        created,
        describe::{Asking, BadBody, Clashing, Common, Missing},
        repositories::Repository,
        request::{JsonBody, OptionalBody, Segments},
        robots::NoFields,
    },
    NewRule,
    page::Rule,
};
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use wharf_app::repositories;

/// A repository, and the rule that builds it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct NewRepositoryFromGit {
    /// Its name, with the namespace.
    name: String,
    /// Whether anybody may pull from it.
    #[serde(default)]
    public: bool,
    /// At most 100 characters.
    #[serde(default)]
    short_description: String,
    rule: NewRule,
}

/// A repository with its first rule.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct RepositoryFromGit {
    repository: Repository,
    rule: Rule,
}

/// Make a repository from one on a code host: the image and its rule in one step
#[utoipa::path(post, path = "/repositories-from-git", tag = "rules", request_body = NewRepositoryFromGit,
    responses((status = 201, description = "Made", body = RepositoryFromGit), Common, Missing, Clashing, BadBody,
        Asking))]
pub(in crate::api) async fn create_repository_from_git(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Facts(request): Facts,
    JsonBody(body): JsonBody<NewRepositoryFromGit>,
) -> Created<RepositoryFromGit> {
    let new = repositories::NewRepository {
        name: body.name,
        public: body.public,
        short_description: body.short_description,
        description: String::new(),
    };
    let draft = body.rule.read()?;
    let made = state.app.create_repository_from_git(&context, new, draft);
    let (repository, rule) = made.await?;
    let host = state.addresses.registry_host(&request);
    Ok(created(RepositoryFromGit {
        repository: Repository::show(repository, &context, &host),
        rule: Rule::show(rule, &context),
    }))
}

/// Builds that were started.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct StartedBuilds {
    builds: Vec<StartedBuild>,
}

/// Build the present heads that a rule chooses
#[utoipa::path(post, path = "/repositories/{name}/rules/{rule}/heads", tag = "rules",
    params(("name" = String, Path), ("rule" = String, Path)), request_body = NoFields,
    responses((status = 201, description = "Queued", body = StartedBuilds), Common, Missing, Clashing, BadBody,
        Asking))]
pub(in crate::api) async fn build_heads(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Segments((name, rule)): Segments<(String, String)>,
    OptionalBody(NoFields {}): OptionalBody<NoFields>,
) -> Created<StartedBuilds> {
    let builds = state.app.build_heads(&context, &name, &rule).await?;
    Ok(created(StartedBuilds {
        builds: builds.into_iter().map(StartedBuild::from).collect(),
    }))
}
