//! The caller's own sources: accounts on code hosts. Tokens come in here and never go out.

pub(super) mod browse;
pub(super) mod device;
pub(super) mod removals;
pub(super) mod state;
pub(super) mod web_login;
pub(super) mod webhooks;

use super::{
    Answer, ApiState, Created, Done,
    caller::SignedIn,
    created,
    describe::{Asking, BadBody, Clashing, Common, Missing},
    page::{ListParameters, Page},
    problem::Reader,
    request::{JsonBody, OptionalBody, Parameters, Segments},
    value::show_time,
};
use axum::{Json, extract::State};
use http::StatusCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use state::Health;
use std::str::FromStr;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use wharf_app::{Error, sources};
use wharf_messages::{Language, render};
use wharf_model::{SecretText, SourceKind, SourceMethod};

/// What software a code host runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    Github,
    Gitlab,
    /// Gitea and Forgejo.
    Gitea,
    /// A server that speaks git and nothing else, over https, http or ssh.
    Git,
}

impl From<SourceKind> for Kind {
    fn from(kind: SourceKind) -> Self {
        match kind {
            SourceKind::Github => Self::Github,
            SourceKind::Gitlab => Self::Gitlab,
            SourceKind::Gitea => Self::Gitea,
            SourceKind::Git => Self::Git,
        }
    }
}

impl From<Kind> for SourceKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Github => Self::Github,
            Kind::Gitlab => Self::Gitlab,
            Kind::Gitea => Self::Gitea,
            Kind::Git => Self::Git,
        }
    }
}

/// How wharf signs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Method {
    Token,
    /// Through the app that the administrator set: by a code, or in the browser.
    Device,
    Password,
    DeployKey,
    None,
}

impl From<SourceMethod> for Method {
    fn from(method: SourceMethod) -> Self {
        match method {
            SourceMethod::Token => Self::Token,
            SourceMethod::Device => Self::Device,
            SourceMethod::Password => Self::Password,
            SourceMethod::DeployKey => Self::DeployKey,
            SourceMethod::Nothing => Self::None,
        }
    }
}

/// An account on a code host.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Source {
    id: Uuid,
    kind: Kind,
    address: String,
    /// Who the host says it is; for plain git the user name.
    account: String,
    method: Method,
    /// PEM: authorities that are believed for this host beside the system's.
    #[serde(skip_serializing_if = "Option::is_none")]
    ca: Option<String>,
    /// The keys of an ssh server.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    host_keys: Vec<String>,
    /// The same keys as ssh and code hosts show them: `SHA256:…`, in their order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    host_key_fingerprints: Vec<String>,
    /// `given`, or `pinned` when they are those of the first use.
    #[serde(skip_serializing_if = "Option::is_none")]
    host_keys_origin: Option<&'static str>,
    /// The deploy key's public part, to be added to the repositories that are built.
    #[serde(skip_serializing_if = "Option::is_none")]
    public_key: Option<String>,
    health: Health,
    #[serde(skip_serializing_if = "Option::is_none")]
    checked_at: Option<Timestamp>,
    /// When the token ends by itself; it is renewed before.
    #[serde(skip_serializing_if = "Option::is_none")]
    token_expires_at: Option<Timestamp>,
    created_at: Timestamp,
}

impl Source {
    pub(super) fn show(source: sources::Source, language: Language) -> Self {
        let keys = source.host_keys.as_deref().unwrap_or_default();
        Self {
            id: source.id.as_uuid(),
            kind: source.kind.into(),
            health: Health::show(
                source.problem,
                source.problem_detail,
                source.state_since,
                source.address.authority(),
                language,
            ),
            address: source.address.to_string(),
            account: source.account,
            method: source.method.into(),
            ca: source.ca,
            host_keys: keys.lines().map(str::to_owned).collect(),
            host_key_fingerprints: sources::fingerprint_host_keys(keys),
            host_keys_origin: source.host_keys_origin.map(|origin| origin.as_str()),
            public_key: source.public_key,
            checked_at: source.checked_at.map(show_time),
            token_expires_at: source.token_expires_at.map(show_time),
            created_at: show_time(source.created_at),
        }
    }
}

/// A source that was just connected, and what was tried of it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ConnectedSource {
    #[serde(flatten)]
    source: Source,
    tested: Tested,
}

/// What connecting a source showed of it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Tested {
    /// `account`: the host knows the token. `repository`: the repository in the address was read. `address`: the server
    /// answers, the credentials are not tested. `nothing`: the key has to be added at the server first.
    what: &'static str,
    /// The same as a sentence, in the language that `Accept-Language` likes best.
    message: String,
}

/// A code host to be connected.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewSource {
    kind: Kind,
    /// With its scheme; `https://github.com` and `https://gitlab.com` when it is left out. Of plain git it may name a
    /// repository (`https://git.example/team/app.git`), which is read as a test; the source is its server.
    address: Option<String>,
    /// The user name on a server of plain git.
    username: Option<String>,
    /// Token or password. GitHub: fine-grained, with contents (read), webhooks, commit statuses and administration (read)
    /// of the repositories; GitLab: scopes `api` and `read_user`; Gitea: `write:repository`, `read:user`,
    /// `read:organization`. Plain git over ssh takes none: a deploy key is made.
    token: Option<String>,
    /// PEM: authorities that are believed for this host beside the system's.
    ca: Option<String>,
    /// The keys of an ssh server, as `ssh-keyscan` prints them; without any, those of the first use are kept.
    host_keys: Option<String>,
}

/// Changes to a source; what is left out stays. With another address the token is cleared unless a new one comes along.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SourceChanges {
    address: Option<String>,
    username: Option<String>,
    /// An empty text takes the token away.
    token: Option<String>,
    /// An empty text takes the authorities away.
    ca: Option<String>,
    /// An empty text takes the keys away; those of the next use are kept.
    host_keys: Option<String>,
}

/// Whether rules that use a source may stop.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct DisconnectParameters {
    /// Disconnect although rules use it; they stop.
    force: Option<bool>,
}

/// A rule that uses a source.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SourceUse {
    repository: String,
    rule: String,
    /// The repository on the code host.
    remote: String,
}

/// The rules that use a source.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SourceUses {
    items: Vec<SourceUse>,
}

/// Nothing.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NoFields {}

/// An id out of the path; what is none names nothing.
pub(super) fn read_id<T: FromStr>(text: &str) -> Result<T, Error> {
    text.parse().map_err(|_| Error::NotFound)
}

/// List one's sources
#[utoipa::path(get, path = "/sources", tag = "sources", params(ListParameters),
    responses((status = 200, description = "In the order in which they were connected", body = Page<Source>), Common))]
pub(super) async fn list_sources(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Reader(language): Reader,
    Parameters(list): Parameters<ListParameters>,
) -> Answer<Page<Source>> {
    let listed = state.app.list_sources(&context, list.page()?).await?;
    Ok(Json(Page::show(listed, |source| {
        Source::show(source, language)
    })))
}

/// Connect a code host
///
/// The token is tried there first and kept only when the host accepts it. One account for each kind and address.
#[utoipa::path(post, path = "/sources", tag = "sources", request_body = NewSource,
    responses((status = 201, description = "Connected", body = ConnectedSource), Common, Clashing, BadBody, Asking))]
pub(super) async fn connect_source(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Reader(language): Reader,
    JsonBody(body): JsonBody<NewSource>,
) -> Created<ConnectedSource> {
    let new = sources::NewSource {
        kind: body.kind.into(),
        address: body.address,
        username: body.username,
        token: body.token.map(SecretText::new),
        ca: body.ca,
        host_keys: body.host_keys,
    };
    let (source, tested) = state.app.connect_source(&context, new).await?;
    let word = tested.as_str();
    let message = render(language, &format!("tested.{word}"), &[]).into_owned();
    Ok(created(ConnectedSource {
        source: Source::show(source, language),
        tested: Tested {
            what: word,
            message,
        },
    }))
}

/// Show a source
#[utoipa::path(get, path = "/sources/{source}", tag = "sources", params(("source" = Uuid, Path)),
    responses((status = 200, description = "The source", body = Source), Common, Missing))]
pub(super) async fn get_source(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Reader(language): Reader,
    Segments(id): Segments<String>,
) -> Answer<Source> {
    let source = state.app.show_source(&context, read_id(&id)?).await?;
    Ok(Json(Source::show(source, language)))
}

/// Change a source
#[utoipa::path(patch, path = "/sources/{source}", tag = "sources", params(("source" = Uuid, Path)),
    request_body = SourceChanges,
    responses((status = 200, description = "Changed", body = Source), Common, Missing, Clashing, BadBody, Asking))]
pub(super) async fn edit_source(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Reader(language): Reader,
    Segments(id): Segments<String>,
    JsonBody(body): JsonBody<SourceChanges>,
) -> Answer<Source> {
    let edit = sources::SourceEdit {
        address: body.address,
        username: body.username,
        token: body.token.map(SecretText::new),
        ca: body.ca,
        host_keys: body.host_keys,
    };
    let source = state.app.edit_source(&context, read_id(&id)?, edit).await?;
    Ok(Json(Source::show(source, language)))
}

/// Disconnect a code host
///
/// Refused with `source_in_use` while rules use it, unless `force` is set; `GET /sources/{source}/rules` lists them. The
/// token goes at once, webhooks at the host soon: `GET /removals` lists what is still to be removed there.
#[utoipa::path(delete, path = "/sources/{source}", tag = "sources",
    params(("source" = Uuid, Path), DisconnectParameters),
    responses((status = 204, description = "Disconnected"), Common, Missing, Clashing))]
pub(super) async fn disconnect_source(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Segments(id): Segments<String>,
    Parameters(wanted): Parameters<DisconnectParameters>,
) -> Done {
    let force = wanted.force.unwrap_or(false);
    state
        .app
        .disconnect_source(&context, read_id(&id)?, force)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// List the rules that use a source; they stop when it is disconnected
#[utoipa::path(get, path = "/sources/{source}/rules", tag = "sources", params(("source" = Uuid, Path)),
    responses((status = 200, description = "By repository and name", body = SourceUses), Common, Missing))]
pub(super) async fn list_source_rules(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Segments(id): Segments<String>,
) -> Answer<SourceUses> {
    let found = state.app.list_source_uses(&context, read_id(&id)?).await?;
    let items = found.into_iter().map(|one| SourceUse {
        repository: one.repository,
        rule: one.rule,
        remote: one.remote,
    });
    Ok(Json(SourceUses {
        items: items.collect(),
    }))
}

/// Ask the host again whether a source works
///
/// The answer's `health` says what came out of it.
#[utoipa::path(post, path = "/sources/{source}/check", tag = "sources", params(("source" = Uuid, Path)),
    request_body = NoFields,
    responses((status = 200, description = "Checked", body = Source), Common, Missing, BadBody))]
pub(super) async fn check_source(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Reader(language): Reader,
    Segments(id): Segments<String>,
    OptionalBody(NoFields {}): OptionalBody<NoFields>,
) -> Answer<Source> {
    let source = state.app.check_source(&context, read_id(&id)?).await?;
    Ok(Json(Source::show(source, language)))
}
