//! The caller's own account.

use super::{
    Answer, ApiState, Done,
    caller::SignedIn,
    describe::{BadBody, Common},
    request::JsonBody,
    users::User,
    value::ShownVerb,
};
use axum::{Json, extract::State};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use wharf_model::list_system_verbs;

/// The caller.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Me {
    #[serde(flatten)]
    user: User,
    /// What the caller may do that belongs to no namespace.
    may: Vec<ShownVerb>,
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
    Ok(Json(Me {
        user: state.app.show_own_user(&context).await?.into(),
        may: ShownVerb::list(list_system_verbs(&context.caller)),
    }))
}

/// Change one's own password
///
/// Everything that the old one proved ends at once. A wrong current password is `wrong_password` and counts as a failed
/// sign-in.
#[utoipa::path(post, path = "/me/password", tag = "me", request_body = PasswordChange,
    responses((status = 204, description = "Changed"), Common, BadBody))]
pub(super) async fn change_password(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    JsonBody(body): JsonBody<PasswordChange>,
) -> Done {
    let (current, new) = (body.current_password, body.new_password);
    state
        .app
        .change_own_password(&context, current, new)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
