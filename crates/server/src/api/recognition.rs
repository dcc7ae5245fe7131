//! The caller of something that stays open, recognized again before anything more is told: a session that ended, a token that
//! was deleted and an account that was disabled end it. Looking counts as no use of a session, or one that is only left open
//! would never idle out.

use super::{
    ApiState,
    caller::{Facts, SessionSecret},
};
use crate::authorization::Authorization;
use axum::extract::FromRequestParts;
use http::{HeaderMap, request::Parts};
use std::net::IpAddr;
use wharf_app::{Context, Credential, Error};
use wharf_model::Caller;

/// What the caller came with, to be looked at again.
pub(super) struct Recognition {
    state: ApiState,
    headers: HeaderMap,
    session: Option<String>,
    address: IpAddr,
    anonymous: bool,
}

impl FromRequestParts<ApiState> for Recognition {
    type Rejection = super::refusal::Refusal;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &ApiState,
    ) -> Result<Self, Self::Rejection> {
        let Facts(info) = Facts::from_request_parts(parts, state).await?;
        let SessionSecret(session) = SessionSecret::from_request_parts(parts, state).await?;
        let context = parts.extensions.get::<Context>();
        let context = context.ok_or_else(|| Error::internal("nobody looked who asks"))?;
        Ok(Self {
            state: state.clone(),
            session,
            address: info.address,
            anonymous: context.caller.is_anonymous(),
            headers: parts.headers.clone(),
        })
    }
}

impl Recognition {
    /// The caller as of now; [`Error::Unauthenticated`] for one who was signed in and is not any more.
    pub(super) async fn recognize(&self) -> Result<Caller, Error> {
        let app = &self.state.app;
        let caller = match &self.session {
            Some(secret) => {
                let credential = Credential::WatchedSession(secret);
                app.authenticate(credential, self.address).await?
            }
            None => {
                let authorization = Authorization::read(&self.headers);
                authorization.authenticate(app, self.address).await?
            }
        };
        match caller.is_anonymous() && !self.anonymous {
            true => Err(Error::Unauthenticated),
            false => Ok(caller),
        }
    }
}
