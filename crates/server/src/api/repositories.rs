//! Repositories. Their names travel percent-encoded as one segment: `acme%2Fweb`.

use super::{
    Answer, ApiState, Created, Done,
    caller::{Anyone, Facts, SignedIn},
    created,
    describe::{BadBody, Clashing, Common, Missing},
    page::{Page, read_page},
    request::{JsonBody, Parameters, Segments},
    value::{CallerRole, ShownVerb, show_time},
};
use axum::{Json, extract::State};
use http::StatusCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use wharf_app::{
    Context,
    repositories::{self, Direction, RepositorySort},
};
use wharf_model::list_repository_verbs;

/// A repository.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Repository {
    id: Uuid,
    name: String,
    namespace: String,
    /// Whether anybody may pull from it.
    public: bool,
    /// The name with the registry's own before it, as clients write it.
    address: String,
    /// At most 100 characters.
    short_description: String,
    /// Markdown; empty in a `brief` list.
    description: String,
    /// Bytes of all blobs in it, each once.
    size_bytes: u64,
    tag_count: u64,
    pull_count: u64,
    /// Whether the caller marked it.
    favorite: bool,
    /// What the caller is to its namespace.
    #[schema(required)]
    role: Option<CallerRole>,
    created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_push_at: Option<Timestamp>,
    /// The tag that was pushed last.
    #[serde(skip_serializing_if = "Option::is_none")]
    latest_tag: Option<String>,
    /// The build that was queued last, where you may see builds.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_build: Option<LastBuild>,
    /// What the caller may do to it.
    may: Vec<ShownVerb>,
}

/// A repository's last build.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LastBuild {
    number: u64,
    /// `queued`, `running`, `succeeded`, `failed`, `canceled`, `superseded`, `skipped`.
    state: &'static str,
}

impl From<repositories::LastBuild> for LastBuild {
    fn from(build: repositories::LastBuild) -> Self {
        Self {
            number: build.number,
            state: build.state.as_str(),
        }
    }
}

impl Repository {
    pub(super) fn show(
        repository: repositories::Repository,
        context: &Context,
        host: &str,
    ) -> Self {
        let facts = repository.facts;
        Self {
            may: ShownVerb::list(list_repository_verbs(&context.caller, &facts)),
            id: facts.repository.as_uuid(),
            name: facts.name.to_string(),
            namespace: facts.name.namespace().to_owned(),
            public: facts.public,
            address: format!("{host}/{}", facts.name),
            short_description: repository.short_description,
            description: repository.description,
            size_bytes: repository.size,
            tag_count: repository.tag_count,
            pull_count: repository.pull_count,
            favorite: repository.favorite,
            role: CallerRole::of(&context.caller, facts.namespace),
            created_at: show_time(repository.created_at),
            last_push_at: repository.last_push_at.map(show_time),
            latest_tag: repository.latest_tag.map(|tag| tag.to_string()),
            last_build: repository.last_build.map(LastBuild::from),
        }
    }
}

/// Who may pull.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Visibility {
    Public,
    Private,
}

/// What a list is sorted by; with `-` the other way round.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
pub(super) enum RepositoryOrder {
    #[serde(rename = "name")]
    Name,
    #[serde(rename = "-name")]
    NameDown,
    #[serde(rename = "pushed")]
    Pushed,
    #[serde(rename = "-pushed")]
    PushedDown,
    #[serde(rename = "created")]
    Created,
    #[serde(rename = "-created")]
    CreatedDown,
    #[serde(rename = "size")]
    Size,
    #[serde(rename = "-size")]
    SizeDown,
    #[serde(rename = "tags")]
    Tags,
    #[serde(rename = "-tags")]
    TagsDown,
    #[serde(rename = "pulls")]
    Pulls,
    #[serde(rename = "-pulls")]
    PullsDown,
}

impl RepositoryOrder {
    fn read(self) -> (RepositorySort, Direction) {
        use Direction::{Down, Up};
        match self {
            Self::Name => (RepositorySort::Name, Up),
            Self::NameDown => (RepositorySort::Name, Down),
            Self::Pushed => (RepositorySort::Pushed, Up),
            Self::PushedDown => (RepositorySort::Pushed, Down),
            Self::Created => (RepositorySort::Created, Up),
            Self::CreatedDown => (RepositorySort::Created, Down),
            Self::Size => (RepositorySort::Size, Up),
            Self::SizeDown => (RepositorySort::Size, Down),
            Self::Tags => (RepositorySort::Tags, Up),
            Self::TagsDown => (RepositorySort::Tags, Down),
            Self::Pulls => (RepositorySort::Pulls, Up),
            Self::PullsDown => (RepositorySort::Pulls, Down),
        }
    }
}

/// Which repositories are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct RepositoryParameters {
    /// Only those of this namespace.
    namespace: Option<String>,
    /// Only those whose name or short description contains this.
    q: Option<String>,
    /// Only those of namespaces that the caller belongs to; all of them for administrators.
    member: Option<bool>,
    /// Only those that the caller marked.
    favourite: Option<bool>,
    /// Only those that anybody may pull from, or only the others.
    #[serde(rename = "type")]
    #[param(inline)]
    kind: Option<Visibility>,
    /// By name when it is left out.
    #[param(inline)]
    sort: Option<RepositoryOrder>,
    /// Leave descriptions empty, so that long ones end no page early.
    brief: Option<bool>,
    /// Items of a page, 1 to 1000; 100 when it is left out.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u64>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// A repository to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewRepository {
    name: String,
    /// Whether anybody may pull from it.
    #[serde(default)]
    public: bool,
    /// At most 100 characters.
    #[serde(default)]
    short_description: String,
    /// Markdown.
    #[serde(default)]
    description: String,
}

/// Changes to a repository; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RepositoryChanges {
    public: Option<bool>,
    /// At most 100 characters.
    short_description: Option<String>,
    /// Markdown.
    description: Option<String>,
}

/// List the repositories that the caller may pull from
#[utoipa::path(get, path = "/repositories", tag = "repositories", params(RepositoryParameters),
    security((), ("basic" = []), ("access_token" = [])),
    responses((status = 200, description = "In the order of `sort`", body = Page<Repository>), Common))]
pub(super) async fn list_repositories(
    State(state): State<ApiState>,
    Anyone(context): Anyone,
    Facts(request): Facts,
    Parameters(wanted): Parameters<RepositoryParameters>,
) -> Answer<Page<Repository>> {
    let (sort, direction) = wanted.sort.unwrap_or(RepositoryOrder::Name).read();
    let query = repositories::RepositoryQuery {
        public: wanted.kind.map(|kind| matches!(kind, Visibility::Public)),
        brief: wanted.brief.unwrap_or(false),
        sort,
        direction,
        namespace: wanted.namespace.filter(|name| !name.is_empty()),
        term: wanted.q,
        only_member: wanted.member.unwrap_or(false),
        only_favorites: wanted.favourite.unwrap_or(false),
    };
    let page = read_page(wanted.limit, wanted.after)?;
    let listed = state.app.list_repositories(&context, query, page).await?;
    let host = state.addresses.registry_host(&request);
    Ok(Json(Page::show(listed, |repository| {
        Repository::show(repository, &context, &host)
    })))
}

/// Make an empty repository; an administrator's also makes its namespace
#[utoipa::path(post, path = "/repositories", tag = "repositories", request_body = NewRepository,
    responses((status = 201, description = "Made", body = Repository), Common, Missing, Clashing, BadBody))]
pub(super) async fn create_repository(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Facts(request): Facts,
    JsonBody(body): JsonBody<NewRepository>,
) -> Created<Repository> {
    let new = repositories::NewRepository {
        name: body.name,
        public: body.public,
        short_description: body.short_description,
        description: body.description,
    };
    let made = state.app.create_repository(&context, new).await?;
    let host = state.addresses.registry_host(&request);
    Ok(created(Repository::show(made, &context, &host)))
}

/// Show a repository
#[utoipa::path(get, path = "/repositories/{name}", tag = "repositories", params(("name" = String, Path)),
    security((), ("basic" = []), ("access_token" = [])),
    responses((status = 200, description = "The repository", body = Repository), Common, Missing))]
pub(super) async fn get_repository(
    State(state): State<ApiState>,
    Anyone(context): Anyone,
    Facts(request): Facts,
    Segments(name): Segments<String>,
) -> Answer<Repository> {
    let repository = state.app.show_repository(&context, &name).await?;
    let host = state.addresses.registry_host(&request);
    Ok(Json(Repository::show(repository, &context, &host)))
}

/// Edit a repository
#[utoipa::path(patch, path = "/repositories/{name}", tag = "repositories", params(("name" = String, Path)),
    request_body = RepositoryChanges,
    responses((status = 200, description = "Edited", body = Repository), Common, Missing, BadBody))]
pub(super) async fn edit_repository(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Facts(request): Facts,
    Segments(name): Segments<String>,
    JsonBody(body): JsonBody<RepositoryChanges>,
) -> Answer<Repository> {
    let edit = repositories::RepositoryEdit {
        public: body.public,
        short_description: body.short_description,
        description: body.description,
    };
    let edited = state.app.edit_repository(&context, &name, edit).await?;
    let host = state.addresses.registry_host(&request);
    Ok(Json(Repository::show(edited, &context, &host)))
}

/// Delete a repository with all its tags and versions
#[utoipa::path(delete, path = "/repositories/{name}", tag = "repositories", params(("name" = String, Path)),
    responses((status = 204, description = "Deleted"), Common, Missing))]
pub(super) async fn delete_repository(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Segments(name): Segments<String>,
) -> Done {
    state.app.delete_repository(&context, &name).await?;
    Ok(StatusCode::NO_CONTENT)
}
