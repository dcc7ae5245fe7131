//! Who asks: found out once, before anything else of a request is looked at.

use super::{ApiState, cookie::Cookie, refusal::Refusal, same_site::check_site};
use crate::{authorization::Authorization, request_info::RequestInfo};
use axum::{
    extract::{FromRequestParts, Request, State},
    middleware::Next,
    response::Response,
};
use http::request::Parts;
use std::sync::Arc;
use wharf_app::{Context, Credential, Error};
use wharf_model::Caller;

/// Where sessions begin and end.
const SESSION: &str = "/api/v1/session";

/// Who was found to ask, left on the answer for the log.
#[derive(Debug, Clone)]
pub(crate) struct Principal(pub(crate) Arc<str>);

/// Finds out who asks, before anything else is looked at. A credential that proves nothing is refused even where none
/// is needed; a registry token is worth nothing here.
pub(super) async fn identify(
    State(state): State<ApiState>,
    mut request: Request,
    next: Next,
) -> Result<Response, Refusal> {
    let info = request.extensions().get::<RequestInfo>().cloned();
    let info = info.ok_or_else(|| Error::internal("a request came without its facts"))?;
    let authorization = Authorization::read(request.headers());
    if matches!(authorization, Authorization::RegistryToken(_)) {
        return Err(Error::Unauthenticated.into());
    }
    if authorization.brings_secret() && !info.is_private() && !state.insecure_login {
        return Err(Refusal::InsecureLogin);
    }
    // A header is meant; a cookie merely comes along.
    let secret = matches!(authorization, Authorization::Nothing)
        .then(|| Cookie::Session.read(request.headers(), &info, state.insecure_login))
        .flatten();
    let caller = match &secret {
        None => authorization.authenticate(&state.app, info.address).await?,
        Some(secret) => {
            check_site(request.method(), request.headers(), &info, &state.addresses)?;
            recognize_session(&state, secret, &info, request.uri().path()).await?
        }
    };
    let context = Context {
        caller,
        address: info.address,
        request: info.id,
    };
    let place = state.app.begin_request(&context).await?;
    request.extensions_mut().insert(SessionSecret(secret));
    let name = context.caller.name.clone();
    request.extensions_mut().insert(context);
    let mut response = next.run(request).await;
    drop(place);
    if !name.is_empty() {
        response.extensions_mut().insert(Principal(name));
    }
    Ok(response)
}

/// Whose session it is. One that ended is nobody's where sessions begin and end, and refused everywhere else, so that the
/// console notices.
async fn recognize_session(
    state: &ApiState,
    secret: &str,
    info: &RequestInfo,
    path: &str,
) -> Result<Caller, Refusal> {
    let credential = Credential::Session(secret);
    match state.app.authenticate(credential, info.address).await {
        Err(Error::Unauthenticated) if path == SESSION => Ok(Caller::anonymous()),
        recognized => Ok(recognized?),
    }
}

/// The secret of the session that a request brings; it need not be worth anything.
#[derive(Clone)]
pub(super) struct SessionSecret(pub(super) Option<String>);

impl<S: Send + Sync> FromRequestParts<S> for SessionSecret {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let secret = parts.extensions.get::<Self>().cloned();
        Ok(secret.ok_or_else(|| Error::internal("nobody looked who asks"))?)
    }
}

/// Whoever asks, signed in or not.
pub(super) struct Anyone(pub(super) Context);

impl<S: Send + Sync> FromRequestParts<S> for Anyone {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let context = parts.extensions.get::<Context>().cloned();
        let context = context.ok_or_else(|| Error::internal("nobody looked who asks"))?;
        Ok(Self(context))
    }
}

/// Whoever asks, signed in; nobody else gets further.
pub(super) struct SignedIn(pub(super) Context);

impl<S: Send + Sync> FromRequestParts<S> for SignedIn {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let Anyone(context) = Anyone::from_request_parts(parts, state).await?;
        if context.caller.is_anonymous() {
            return Err(Error::Unauthenticated.into());
        }
        Ok(Self(context))
    }
}

/// The facts about the request.
pub(super) struct Facts(pub(super) RequestInfo);

impl<S: Send + Sync> FromRequestParts<S> for Facts {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let info = parts.extensions.get::<RequestInfo>().cloned();
        let info = info.ok_or_else(|| Error::internal("a request came without its facts"))?;
        Ok(Self(info))
    }
}
