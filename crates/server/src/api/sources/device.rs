//! Connecting a code host by a code that the person types there.

use super::{Kind, NoFields, Source, read_id};
use crate::api::{
    Answer, ApiState, Created, Done,
    caller::SignedIn,
    created,
    describe::{Asking, BadBody, Clashing, Common, Missing},
    problem::Reader,
    request::{JsonBody, OptionalBody, Segments},
    value::show_time,
};
use axum::{Json, extract::State};
use http::StatusCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use wharf_app::sources::{self, DeviceAnswer};

/// A sign-in under way.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct DeviceLogin {
    id: Uuid,
    kind: Kind,
    address: String,
    /// What the person types.
    user_code: String,
    /// Where the person types it.
    verification_url: String,
    /// How long to wait between two polls.
    poll_seconds: u64,
    expires_at: Timestamp,
}

impl From<sources::DeviceLogin> for DeviceLogin {
    fn from(login: sources::DeviceLogin) -> Self {
        Self {
            id: login.id.as_uuid(),
            kind: login.kind.into(),
            address: login.address.to_string(),
            user_code: login.user_code,
            verification_url: login.verification_url,
            poll_seconds: login.poll_seconds,
            expires_at: show_time(login.expires_at),
        }
    }
}

/// A sign-in to be begun.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct NewDeviceLogin {
    /// `github`.
    kind: Kind,
    /// `https://github.com` when it is left out; the administrator must have set an app for it.
    address: Option<String>,
    /// PEM: authorities that are believed for this host beside the system's once the account is connected. Signing in believes
    /// the operator's alone (`[egress] ca_file`).
    ca: Option<String>,
}

/// How far a sign-in has come.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::api) enum DeviceState {
    /// The code was not typed yet.
    Pending,
    /// The account is connected.
    Connected,
}

/// The answer to a poll.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct DevicePoll {
    state: DeviceState,
    /// When it is pending.
    #[serde(skip_serializing_if = "Option::is_none")]
    login: Option<DeviceLogin>,
    /// When it is connected.
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<Source>,
}

/// Begin to connect a code host by a code
///
/// Show `user_code` and `verification_url` to the person, then poll. Needs the app that the administrator sets in
/// `[code_hosts."HOST"]`. Who has an account there already signs in with the same one, and its source gets the new token.
#[utoipa::path(post, path = "/device-logins", tag = "sources", request_body = NewDeviceLogin,
    responses((status = 201, description = "Begun", body = DeviceLogin), Common, Clashing, BadBody, Asking))]
pub(in crate::api) async fn start_device_login(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    JsonBody(body): JsonBody<NewDeviceLogin>,
) -> Created<DeviceLogin> {
    let new = sources::NewDeviceLogin {
        kind: body.kind.into(),
        address: body.address,
        ca: body.ca,
    };
    let login = state.app.start_device_login(&context, new).await?;
    Ok(created(login.into()))
}

/// Ask whether the code was typed
///
/// The host is asked no more often than it allows, however often this is called. When the code ended or the person
/// refused, the answer is `upstream` with `sign_in_failed`, and the sign-in is gone.
#[utoipa::path(post, path = "/device-logins/{login}/poll", tag = "sources", params(("login" = Uuid, Path)),
    request_body = NoFields,
    responses((status = 200, description = "How far it has come", body = DevicePoll),
        Common, Missing, Clashing, BadBody, Asking))]
pub(in crate::api) async fn poll_device_login(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Reader(language): Reader,
    Segments(id): Segments<String>,
    OptionalBody(NoFields {}): OptionalBody<NoFields>,
) -> Answer<DevicePoll> {
    let answer = state.app.poll_device_login(&context, read_id(&id)?).await?;
    Ok(Json(match answer {
        DeviceAnswer::Pending(login) => DevicePoll {
            state: DeviceState::Pending,
            login: Some(login.into()),
            source: None,
        },
        DeviceAnswer::Connected(source) => DevicePoll {
            state: DeviceState::Connected,
            login: None,
            source: Some(Source::show(*source, language)),
        },
    }))
}

/// Give up a sign-in
#[utoipa::path(delete, path = "/device-logins/{login}", tag = "sources", params(("login" = Uuid, Path)),
    responses((status = 204, description = "Given up"), Common, Missing))]
pub(in crate::api) async fn cancel_device_login(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Segments(id): Segments<String>,
) -> Done {
    state
        .app
        .cancel_device_login(&context, read_id(&id)?)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
