//! Connecting a code host through the browser: it goes there, and comes back to a page of the console with a code.

use super::{Kind, Source};
use crate::api::{
    ApiState, Created,
    caller::{Facts, SessionSecret, SignedIn},
    created,
    describe::{Asking, BadBody, Clashing, Common},
    problem::Reader,
    request::JsonBody,
    value::show_time,
};
use crate::request_info::RequestInfo;
use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use wharf_app::sources;

/// The page of the console that the host sends browsers back to; registered there as the app's callback URL.
const CALLBACK: &str = "/sources/-/authorized";

/// A sign-in to be begun.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct NewWebLogin {
    /// `github`.
    kind: Kind,
    /// `https://github.com` when it is left out; the administrator must have set an app for it.
    address: Option<String>,
}

/// A sign-in under way.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct WebLogin {
    /// Where the browser goes now.
    authorization_url: String,
    /// Until when it may come back.
    expires_at: Timestamp,
}

/// What a browser came back with.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct WebLoginReturn {
    /// As it is in the address.
    state: String,
    code: String,
}

/// Begin to connect a code host through this browser
///
/// Needs a session, to which the sign-in is bound, and the app that the administrator sets in `[code_hosts."HOST"]`, with a
/// secret. The host sends the browser to `/sources/-/authorized` of this server. Who has an account there already signs in with
/// the same one, and its source gets the new token.
#[utoipa::path(post, path = "/web-logins", tag = "sources", request_body = NewWebLogin,
    responses((status = 201, description = "Begun", body = WebLogin), Common, Clashing, BadBody))]
pub(in crate::api) async fn start_web_login(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    SessionSecret(session): SessionSecret,
    Facts(info): Facts,
    JsonBody(body): JsonBody<NewWebLogin>,
) -> Created<WebLogin> {
    let new = sources::NewWebLogin {
        kind: body.kind.into(),
        address: body.address,
    };
    let back = redirect_uri(&state, &info);
    let begun = state
        .app
        .start_web_login(&context, session.as_deref(), new, &back);
    let begun = begun.await?;
    Ok(created(WebLogin {
        authorization_url: begun.authorization_url,
        expires_at: show_time(begun.expires_at),
    }))
}

/// Connect the account of whoever came back
///
/// In the session that it was begun in, and no other.
#[utoipa::path(post, path = "/web-logins/finish", tag = "sources", request_body = WebLoginReturn,
    responses((status = 201, description = "Connected", body = Source), Common, Clashing, BadBody, Asking))]
pub(in crate::api) async fn finish_web_login(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    SessionSecret(session): SessionSecret,
    Facts(info): Facts,
    Reader(language): Reader,
    JsonBody(body): JsonBody<WebLoginReturn>,
) -> Created<Source> {
    let back = redirect_uri(&state, &info);
    let told = (body.state.as_str(), body.code.as_str());
    let connected = state
        .app
        .finish_web_login(&context, session.as_deref(), told, &back);
    Ok(created(Source::show(connected.await?, language)))
}

fn redirect_uri(state: &ApiState, info: &RequestInfo) -> String {
    format!("{}{CALLBACK}", state.addresses.base_url(info))
}
