//! Credentials of namespaces for other registries. Passwords come in here and never go out.

use super::{
    Answer, ApiState, Created, Done,
    caller::SignedIn,
    created,
    describe::{BadBody, Clashing, Common, Missing},
    page::{ListParameters, Page},
    problem::Reader,
    request::{JsonBody, OptionalBody, Parameters, Segments},
    sources::{NoFields, read_id, state::say_problem},
    value::show_time,
};
use axum::{Json, extract::State};
use http::StatusCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use wharf_app::credentials;
use wharf_messages::Language;
use wharf_model::SecretText;

/// A credential for another registry.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Credential {
    id: Uuid,
    /// `docker.io`, `registry.example:5000`.
    host: String,
    username: String,
    /// Whether a password is stored; without one it is of no use.
    has_password: bool,
    /// What the registry said when it was last asked; null when nobody asked since the last change.
    #[schema(required)]
    last_test: Option<CredentialTest>,
    created_by: String,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// What a registry said about a credential.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CredentialTest {
    /// Whether it accepted it.
    ok: bool,
    /// What is wrong, a word for programs.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
    /// What is wrong, in the language that `Accept-Language` likes best.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    /// The cause as it was heard.
    #[serde(skip_serializing_if = "String::is_empty")]
    detail: String,
    at: Timestamp,
}

impl Credential {
    fn show(credential: credentials::RegistryCredential, language: Language) -> Self {
        let last_test = credential.checked_at.map(|at| CredentialTest {
            ok: credential.problem.is_none(),
            message: credential
                .problem
                .as_deref()
                .map(|problem| say_problem(problem, &credential.host, language)),
            problem: credential.problem,
            detail: credential.problem_detail,
            at: show_time(at),
        });
        Self {
            id: credential.id.as_uuid(),
            host: credential.host,
            username: credential.username,
            has_password: credential.has_secret,
            last_test,
            created_by: credential.created_by,
            created_at: show_time(credential.created_at),
            updated_at: show_time(credential.updated_at),
        }
    }
}

/// A credential to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewCredential {
    /// `docker.io`, `registry.example:5000`.
    host: String,
    username: String,
    /// Password or token.
    password: String,
}

/// Changes to a credential; what is left out stays. Another host clears the password unless a new one comes along.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CredentialChanges {
    host: Option<String>,
    username: Option<String>,
    password: Option<String>,
}

/// List a namespace's credentials for other registries
#[utoipa::path(get, path = "/namespaces/{namespace}/credentials", tag = "credentials",
    params(("namespace" = String, Path), ListParameters),
    responses((status = 200, description = "By registry", body = Page<Credential>), Common, Missing))]
pub(super) async fn list_credentials(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Reader(language): Reader,
    Segments(namespace): Segments<String>,
    Parameters(list): Parameters<ListParameters>,
) -> Answer<Page<Credential>> {
    let listed = state
        .app
        .list_credentials(&context, &namespace, list.page()?)
        .await?;
    Ok(Json(Page::show(listed, |credential| {
        Credential::show(credential, language)
    })))
}

/// Store a credential for another registry
///
/// Builds of the namespace pull base images with it, and "also push to" pushes with it. RUN never sees it.
#[utoipa::path(post, path = "/namespaces/{namespace}/credentials", tag = "credentials",
    params(("namespace" = String, Path)), request_body = NewCredential,
    responses((status = 201, description = "Stored", body = Credential), Common, Missing, Clashing, BadBody))]
pub(super) async fn create_credential(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Reader(language): Reader,
    Segments(namespace): Segments<String>,
    JsonBody(body): JsonBody<NewCredential>,
) -> Created<Credential> {
    let new = credentials::NewCredential {
        host: body.host,
        username: body.username,
        password: SecretText::new(body.password),
    };
    let made = state
        .app
        .create_credential(&context, &namespace, new)
        .await?;
    Ok(created(Credential::show(made, language)))
}

/// Show a credential
#[utoipa::path(get, path = "/namespaces/{namespace}/credentials/{credential}", tag = "credentials",
    params(("namespace" = String, Path), ("credential" = Uuid, Path)),
    responses((status = 200, description = "The credential", body = Credential), Common, Missing))]
pub(super) async fn get_credential(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Reader(language): Reader,
    Segments((namespace, id)): Segments<(String, String)>,
) -> Answer<Credential> {
    // A namespace that may not be seen is not there, whatever the id is.
    let id = read_id(&id);
    let found = state.app.show_credential(&context, &namespace, id?).await?;
    Ok(Json(Credential::show(found, language)))
}

/// Change a credential
#[utoipa::path(patch, path = "/namespaces/{namespace}/credentials/{credential}", tag = "credentials",
    params(("namespace" = String, Path), ("credential" = Uuid, Path)), request_body = CredentialChanges,
    responses((status = 200, description = "Changed", body = Credential), Common, Missing, Clashing, BadBody))]
pub(super) async fn edit_credential(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Reader(language): Reader,
    Segments((namespace, id)): Segments<(String, String)>,
    JsonBody(body): JsonBody<CredentialChanges>,
) -> Answer<Credential> {
    let edit = credentials::CredentialEdit {
        host: body.host,
        username: body.username,
        password: body.password.map(SecretText::new),
    };
    let edited = state
        .app
        .edit_credential(&context, &namespace, read_id(&id)?, edit)
        .await?;
    Ok(Json(Credential::show(edited, language)))
}

/// Remove a credential with its password
#[utoipa::path(delete, path = "/namespaces/{namespace}/credentials/{credential}", tag = "credentials",
    params(("namespace" = String, Path), ("credential" = Uuid, Path)),
    responses((status = 204, description = "Removed"), Common, Missing))]
pub(super) async fn delete_credential(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Segments((namespace, id)): Segments<(String, String)>,
) -> Done {
    state
        .app
        .delete_credential(&context, &namespace, read_id(&id)?)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ask the registry whether it accepts a credential
///
/// The answer's `last_test` says what came out of it.
#[utoipa::path(post, path = "/namespaces/{namespace}/credentials/{credential}/test", tag = "credentials",
    params(("namespace" = String, Path), ("credential" = Uuid, Path)), request_body = NoFields,
    responses((status = 200, description = "Asked", body = Credential), Common, Missing, BadBody))]
pub(super) async fn test_credential(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Reader(language): Reader,
    Segments((namespace, id)): Segments<(String, String)>,
    OptionalBody(NoFields {}): OptionalBody<NoFields>,
) -> Answer<Credential> {
    let tested = state
        .app
        .test_credential(&context, &namespace, read_id(&id)?)
        .await?;
    Ok(Json(Credential::show(tested, language)))
}
