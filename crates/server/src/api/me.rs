//! The caller's own account.

use super::{
    Answer, ApiState,
    caller::{Facts, SessionSecret, SignedIn},
    cookie::Cookie,
    describe::{BadBody, Common},
    refusal::Refusal,
    request::JsonBody,
    sessions::describe_browser,
    users::User,
    value::{ChosenLanguage, ShownVerb},
};
use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header::SET_COOKIE};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use wharf_app::{Context, accounts};
use wharf_model::list_system_verbs;

/// The caller.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Me {
    #[serde(flatten)]
    user: User,
    /// What the caller may do that belongs to no namespace.
    may: Vec<ShownVerb>,
}

impl Me {
    /// The account of whoever asks.
    pub(super) fn show(user: accounts::User, context: &Context) -> Self {
        Self {
            user: user.into(),
            may: ShownVerb::list(list_system_verbs(&context.caller)),
        }
    }
}

/// Another password for oneself.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PasswordChange {
    current_password: String,
    /// 8 to 256 bytes.
    new_password: String,
}

/// Show oneself
#[utoipa::path(get, path = "/me", tag = "me",
    responses((status = 200, description = "The caller; robots are no users", body = Me), Common))]
pub(super) async fn get_me(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
) -> Answer<Me> {
    let user = state.app.show_own_user(&context).await?;
    Ok(Json(Me::show(user, &context)))
}

/// What people change of their own account; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OwnChanges {
    display_name: Option<String>,
    email: Option<String>,
    language: Option<ChosenLanguage>,
}

/// Edit oneself
#[utoipa::path(patch, path = "/me", tag = "me", request_body = OwnChanges,
    responses((status = 200, description = "Edited", body = Me), Common, BadBody))]
pub(super) async fn edit_me(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    JsonBody(body): JsonBody<OwnChanges>,
) -> Answer<Me> {
    let edit = accounts::OwnEdit {
        display_name: body.display_name,
        email: body.email,
        language: body.language.map(|chosen| chosen.as_tag().to_owned()),
    };
    let user = state.app.edit_own_user(&context, edit).await?;
    Ok(Json(Me::show(user, &context)))
}

/// Change one's own password
///
/// Everything that the old one proved ends at once, every session included; a browser that asks goes on in a new one. A
/// wrong current password is `wrong_password` and counts as a failed sign-in.
#[utoipa::path(post, path = "/me/password", tag = "me", request_body = PasswordChange,
    responses((status = 204, description = "Changed"), Common, BadBody))]
pub(super) async fn change_password(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Facts(info): Facts,
    SessionSecret(present): SessionSecret,
    headers: HeaderMap,
    JsonBody(body): JsonBody<PasswordChange>,
) -> Result<Response, Refusal> {
    let (current, new) = (body.current_password, body.new_password);
    let browser = present.map(|secret| describe_browser(&headers, &info, Some(secret)));
    let changed = state
        .app
        .change_own_password(&context, current, new, browser);
    let mut response = StatusCode::NO_CONTENT.into_response();
    if let Some(secret) = changed.await? {
        let cookie = Cookie::Session.set(
            &secret,
            accounts::SESSION_LIFETIME,
            &info,
            state.insecure_login,
        )?;
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    Ok(response)
}
