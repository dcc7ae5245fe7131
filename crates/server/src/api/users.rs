//! Users, for administrators.

use super::{
    Answer, ApiState, Created, Done,
    caller::SignedIn,
    created,
    dependents::Whole,
    describe::{BadBody, Clashing, Common, Missing},
    page::{Page, read_page},
    request::{JsonBody, OptionalBody, Parameters, Segments},
    value::show_time,
};
use axum::{Json, extract::State};
use http::StatusCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use wharf_app::accounts;

/// A user.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct User {
    id: Uuid,
    /// The login name, and the name of the namespace that is theirs from the start.
    username: String,
    /// The name for people to read; may be empty.
    display_name: String,
    /// May be empty.
    email: String,
    /// Whether they administer the installation.
    admin: bool,
    /// Whether they may not sign in.
    disabled: bool,
    /// Whether there is a password; who signs in elsewhere has none, and docker takes their access token.
    has_password: bool,
    /// How many namespaces they may make.
    namespace_limit: u64,
    created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_login_at: Option<Timestamp>,
}

impl From<accounts::User> for User {
    fn from(user: accounts::User) -> Self {
        Self {
            id: user.id.as_uuid(),
            username: user.username.to_string(),
            display_name: user.display_name,
            email: user.email,
            admin: user.admin,
            disabled: user.disabled,
            has_password: user.has_password,
            namespace_limit: user.namespace_limit,
            created_at: show_time(user.created_at),
            last_login_at: user.last_login_at.map(show_time),
        }
    }
}

/// A user to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewUser {
    username: String,
    /// 8 to 256 bytes; one is made when it is left out.
    password: Option<String>,
    #[serde(default)]
    display_name: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    admin: bool,
}

/// A user who was made.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CreatedUser {
    #[serde(flatten)]
    user: User,
    /// The password when it was made by the server; shown this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<String>,
}

/// Changes to a user; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct UserChanges {
    display_name: Option<String>,
    email: Option<String>,
    admin: Option<bool>,
    disabled: Option<bool>,
    #[schema(maximum = 100_000)]
    namespace_limit: Option<u32>,
}

/// Another password for a user.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewPassword {
    /// 8 to 256 bytes; one is made when it is left out.
    new_password: Option<String>,
}

/// The password when it was made by the server.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MadePassword {
    /// Shown this once; not there when the request brought one.
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<String>,
}

/// Which users are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct UserParameters {
    /// Only those whose login name, display name or e-mail address contains this.
    q: Option<String>,
    /// Items of a page, 1 to 1000; 100 when it is left out.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u64>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// List users
#[utoipa::path(get, path = "/users", tag = "users", params(UserParameters),
    responses((status = 200, description = "By name", body = Page<User>), Common))]
pub(super) async fn list_users(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Parameters(wanted): Parameters<UserParameters>,
) -> Answer<Page<User>> {
    let page = read_page(wanted.limit, wanted.after)?;
    let term = wanted.q.unwrap_or_default();
    let listed = state.app.list_users(&context, term, page).await?;
    Ok(Json(Page::show(listed, User::from)))
}

/// Make a user, with the namespace of their name
#[utoipa::path(post, path = "/users", tag = "users", request_body = NewUser,
    responses((status = 201, description = "Made", body = CreatedUser), Common, Clashing, BadBody))]
pub(super) async fn create_user(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    JsonBody(body): JsonBody<NewUser>,
) -> Created<CreatedUser> {
    let new = accounts::NewUser {
        username: body.username,
        password: body.password,
        display_name: body.display_name,
        email: body.email,
        admin: body.admin,
    };
    let (user, password) = state.app.create_user(&context, new).await?;
    let user = user.into();
    Ok(created(CreatedUser { user, password }))
}

/// Show a user
#[utoipa::path(get, path = "/users/{username}", tag = "users", params(("username" = String, Path)),
    responses((status = 200, description = "The user", body = User), Common, Missing))]
pub(super) async fn get_user(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Segments(username): Segments<String>,
) -> Answer<User> {
    let user = state.app.show_user(&context, &username).await?;
    Ok(Json(user.into()))
}

/// Edit a user
#[utoipa::path(patch, path = "/users/{username}", tag = "users", params(("username" = String, Path)),
    request_body = UserChanges,
    responses((status = 200, description = "Edited", body = User), Common, Missing, Clashing, BadBody))]
pub(super) async fn edit_user(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Segments(username): Segments<String>,
    JsonBody(body): JsonBody<UserChanges>,
) -> Answer<User> {
    let edit = accounts::UserEdit {
        display_name: body.display_name,
        email: body.email,
        admin: body.admin,
        disabled: body.disabled,
        namespace_limit: body.namespace_limit.map(u64::from),
    };
    let user = state.app.edit_user(&context, &username, edit).await?;
    Ok(Json(user.into()))
}

/// Delete a user, with their namespace
#[utoipa::path(delete, path = "/users/{username}", tag = "users", params(("username" = String, Path), Whole),
    responses((status = 204, description = "Deleted"), Common, Missing, Clashing))]
pub(super) async fn delete_user(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Segments(username): Segments<String>,
    Parameters(whole): Parameters<Whole>,
) -> Done {
    let whole = whole.with_repositories;
    state.app.delete_user(&context, &username, whole).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Give a user another password
///
/// Not oneself, which `/me/password` is for; nor with a token that carries less than everything or that ends.
#[utoipa::path(post, path = "/users/{username}/password", tag = "users", params(("username" = String, Path)),
    request_body = NewPassword,
    responses((status = 200, description = "Changed", body = MadePassword), Common, Missing, BadBody, Clashing))]
pub(super) async fn reset_password(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Segments(username): Segments<String>,
    OptionalBody(body): OptionalBody<NewPassword>,
) -> Answer<MadePassword> {
    let reset = state
        .app
        .reset_password(&context, &username, body.new_password);
    Ok(Json(MadePassword {
        password: reset.await?,
    }))
}
