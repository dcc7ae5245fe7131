//! Who asks: found out once, before anything else of a request is looked at.

use super::{ApiState, refusal::Refusal};
use crate::{authorization::Authorization, request_info::RequestInfo};
use axum::{
    extract::{FromRequestParts, Request, State},
    middleware::Next,
    response::Response,
};
use http::request::Parts;
use std::sync::Arc;
use wharf_app::{Context, Error};

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
    let context = Context {
        caller: authorization.authenticate(&state.app, info.address).await?,
        address: info.address,
        request: info.id,
    };
    let name = context.caller.name.clone();
    request.extensions_mut().insert(context);
    let mut response = next.run(request).await;
    if !name.is_empty() {
        response.extensions_mut().insert(Principal(name));
    }
    Ok(response)
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
