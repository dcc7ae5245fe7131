//! Sessions: signing in at a browser, who is signed in here, and where else.

use super::{
    Answer, ApiState, Done,
    caller::{Anyone, Facts, SessionSecret, SignedIn},
    cookie::Cookie,
    describe::{BadBody, Common, Missing},
    me::Me,
    refusal::Refusal,
    request::{JsonBody, Segments},
    same_site::FromConsole,
    value::{ChosenLanguage, show_time},
};
use crate::request_info::RequestInfo;
use axum::{
    Json,
    extract::State,
    response::{AppendHeaders, IntoResponse, Response},
};
use http::{
    HeaderMap, StatusCode,
    header::{SET_COOKIE, USER_AGENT},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use wharf_app::{Context, Error, accounts};

/// A name with its password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SignIn {
    username: String,
    password: String,
}

/// Who is signed in at this browser, and what a page must know before anybody is.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Session {
    /// `null` when nobody is.
    user: Option<Me>,
    /// What the person chose; `null` when they did not.
    language: Option<ChosenLanguage>,
    /// The server made the present password, so somebody else has seen it: the person should set their own.
    must_change_password: bool,
    /// Whether a browser can sign in on this line. Not over plain http from another machine, unless the operator allows it.
    login_possible: bool,
    /// Whether what is sent here can be read on the way, and the operator allows that.
    insecure: bool,
    /// The identity provider that people may sign in through, at `/auth/oidc/start?next=/…`; `null` when there is none.
    oidc: Option<IdentityProvider>,
    /// Whether the page of public images is open to whoever is not signed in.
    public_images: bool,
    /// What stands before the slash in an image's name.
    address: String,
    /// The program's version.
    version: &'static str,
}

/// An identity provider.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct IdentityProvider {
    /// What people call it.
    name: String,
}

/// A session of the caller's.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OwnSession {
    id: Uuid,
    /// What the browser calls itself.
    user_agent: String,
    /// Where it began.
    address: String,
    created_at: Timestamp,
    /// To a minute.
    last_seen_at: Timestamp,
    expires_at: Timestamp,
    /// Whether this request belongs to it.
    current: bool,
}

/// The caller's sessions.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OwnSessions {
    items: Vec<OwnSession>,
}

/// The browser that asks; what it has now is replaced by what it gets.
pub(crate) fn describe_browser(
    headers: &HeaderMap,
    info: &RequestInfo,
    replaces: Option<String>,
) -> accounts::Browser {
    let agent = headers.get(USER_AGENT);
    accounts::Browser {
        user_agent: agent
            .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
            .unwrap_or_default(),
        address: info.address,
        replaces,
    }
}

/// Sign in at a browser
///
/// Sets the cookie that the console goes on with; it is worth something under `/api/v1` alone. Wrong names and wrong
/// passwords are one answer. The request must bring `X-Wharf-Console: 1` and come from a page of this server.
#[utoipa::path(post, path = "/session", tag = "session", request_body = SignIn, security(()),
    responses((status = 200, description = "Signed in", body = Session), Common, BadBody))]
pub(super) async fn start_session(
    State(state): State<ApiState>,
    _: FromConsole,
    Facts(info): Facts,
    SessionSecret(present): SessionSecret,
    headers: HeaderMap,
    JsonBody(body): JsonBody<SignIn>,
) -> Result<Response, Refusal> {
    if !info.is_private() && !state.insecure_login {
        return Err(Refusal::InsecureLogin);
    }
    let browser = describe_browser(&headers, &info, present);
    let begun = state
        .app
        .sign_in(&body.username, &body.password, browser, info.id);
    let begun = begun.await?;
    let context = Context {
        caller: begun.caller,
        address: info.address,
        request: info.id,
    };
    let session = describe_session(&state, &info, &context).await?;
    let cookie = Cookie::Session.set(&begun.secret, begun.lasts, &info, state.insecure_login)?;
    Ok((AppendHeaders([(SET_COOKIE, cookie)]), Json(session)).into_response())
}

/// Show who is signed in at this browser
///
/// Answers whoever asks. A cookie that is worth nothing anymore is taken back.
#[utoipa::path(get, path = "/session", tag = "session", security(()),
    responses((status = 200, description = "Who is signed in, if anybody", body = Session), Common))]
pub(super) async fn get_session(
    State(state): State<ApiState>,
    Anyone(context): Anyone,
    Facts(info): Facts,
    SessionSecret(present): SessionSecret,
) -> Result<Response, Refusal> {
    let session = describe_session(&state, &info, &context).await?;
    let mut response = Json(session).into_response();
    if present.is_some() && context.caller.is_anonymous() {
        let cookie = Cookie::Session.clear(&info, state.insecure_login)?;
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    Ok(response)
}

/// Sign out at this browser
///
/// The session ends on the server. Whoever is not signed in is signed out already.
#[utoipa::path(delete, path = "/session", tag = "session", security(()),
    responses((status = 204, description = "Signed out"), Common))]
pub(super) async fn end_session(
    State(state): State<ApiState>,
    _: FromConsole,
    Facts(info): Facts,
    SessionSecret(present): SessionSecret,
) -> Result<Response, Refusal> {
    if let Some(secret) = present {
        state.app.end_session(&secret).await?;
    }
    let cookie = Cookie::Session.clear(&info, state.insecure_login)?;
    Ok((
        StatusCode::NO_CONTENT,
        AppendHeaders([(SET_COOKIE, cookie)]),
    )
        .into_response())
}

/// List where one is signed in
#[utoipa::path(get, path = "/me/sessions", tag = "me",
    responses((status = 200, description = "Used last first", body = OwnSessions), Common))]
pub(super) async fn list_sessions(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    SessionSecret(present): SessionSecret,
) -> Answer<OwnSessions> {
    let found = state
        .app
        .list_sessions(&context, present.as_deref())
        .await?;
    let show = |(session, current): (accounts::Session, bool)| OwnSession {
        id: session.id.as_uuid(),
        user_agent: session.user_agent,
        address: session.address,
        created_at: show_time(session.created_at),
        last_seen_at: show_time(session.last_seen_at),
        expires_at: show_time(session.expires_at),
        current,
    };
    let items = found.into_iter().map(show).collect();
    Ok(Json(OwnSessions { items }))
}

/// End one of one's sessions; it is worth nothing from the next request on
#[utoipa::path(delete, path = "/me/sessions/{session}", tag = "me", params(("session" = Uuid, Path)),
    responses((status = 204, description = "Ended"), Common, Missing))]
pub(super) async fn end_other_session(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Segments(id): Segments<String>,
) -> Done {
    let id = id.parse().map_err(|_| Error::NotFound)?;
    state.app.end_own_session(&context, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn describe_session(
    state: &ApiState,
    info: &RequestInfo,
    context: &Context,
) -> Result<Session, Refusal> {
    // A robot is no person, whatever it brings along.
    let user = match state.app.show_own_user(context).await {
        Ok(user) => Some(user),
        Err(Error::Unauthenticated | Error::Denied(_)) => None,
        Err(error) => return Err(error.into()),
    };
    let plain = !info.is_private();
    Ok(Session {
        language: user
            .as_ref()
            .and_then(|user| ChosenLanguage::from_tag(&user.language)),
        must_change_password: user.as_ref().is_some_and(|user| user.password_made),
        user: user.map(|user| Me::show(user, context)),
        login_possible: !plain || state.insecure_login,
        insecure: plain && state.insecure_login,
        oidc: state.app.oidc_name().map(|name| IdentityProvider {
            name: name.to_owned(),
        }),
        public_images: state.public_images,
        address: state.addresses.registry_host(info),
        version: env!("CARGO_PKG_VERSION"),
    })
}
