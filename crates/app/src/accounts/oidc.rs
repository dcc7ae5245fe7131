//! Signing in through an OIDC provider: there and back, whose account it is, and what the provider's groups give.
//!
//! A browser carries one random secret there and back in a cookie; state, nonce and the PKCE verifier are made of it, so
//! that a return that this browser did not begin, or that was here before, proves nothing. A person is issuer and subject.
//! Names and addresses of mail are what they are called, never who they are: an account that is here already is nobody's
//! for having the same ones. Called by the HTTP layer alone.

mod account;
mod desk;
mod settings;

pub(crate) use desk::OidcDesk;
pub use settings::{GroupRole, OidcSettings};

use super::sessions::{Begun, Browser};
use crate::{
    App, Context, Error,
    access::{GROUP_SESSION_LIFETIME, SESSION_LIFETIME},
};
use aws_lc_rs::{digest, hmac};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use wharf_integrations::oidc::{AuthorizationRequest, OidcError};
use wharf_model::RequestId;

/// What a browser came back with.
#[derive(Debug, Clone)]
pub struct OidcReturn {
    /// The secret that it went with.
    pub secret: String,
    /// What the provider gave it.
    pub code: String,
    /// What it says it went with.
    pub state: String,
    /// Who says so (RFC 9207); providers need not.
    pub issuer: Option<String>,
    /// Where it was sent back to, exactly as it was asked for.
    pub redirect_uri: String,
}

/// What is made of a browser's secret: each for one purpose, none of which tells another.
struct Derived {
    state: String,
    nonce: String,
    verifier: String,
}

impl Derived {
    fn of(secret: &str) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        let derive = |purpose: &str| {
            let tag = hmac::sign(&key, purpose.as_bytes());
            URL_SAFE_NO_PAD.encode(tag.as_ref())
        };
        Self {
            state: derive("state"),
            nonce: derive("nonce"),
            verifier: derive("verifier"),
        }
    }
}

/// What wrong returns are counted as, with their state behind it; no login name has such a letter. A name for each, so that
/// some odd returns do not shut the others of a network out: what bounds those is the count of the network.
const COUNTED: &str = "oidc:";

impl App {
    /// What people call the provider, where the operator named one.
    pub fn oidc_name(&self) -> Option<&str> {
        self.settings.oidc.as_ref().map(|oidc| oidc.name.as_str())
    }

    /// Where a browser with this secret is sent to sign in, and back to `redirect_uri`.
    ///
    /// [`Error::NotFound`] without a provider, [`Error::Busy`] when it cannot be asked.
    pub async fn begin_oidc(&self, secret: &str, redirect_uri: &str) -> Result<String, Error> {
        let desk = self.oidc.as_ref().ok_or(Error::NotFound)?;
        let derived = Derived::of(secret);
        let digest = digest::digest(&digest::SHA256, derived.verifier.as_bytes());
        let request = AuthorizationRequest {
            redirect_uri,
            state: &derived.state,
            nonce: &derived.nonce,
            challenge: &URL_SAFE_NO_PAD.encode(digest.as_ref()),
        };
        let url = desk.provider.authorization_url(&request).await;
        Ok(url.map_err(explain)?.into())
    }

    /// Signs in whoever came back, in a session of their own. Their account is made at the first time.
    ///
    /// [`Error::Unauthenticated`] whatever is wrong with the return, also when the account is disabled.
    pub async fn finish_oidc(
        &self,
        back: OidcReturn,
        browser: Browser,
        request: RequestId,
    ) -> Result<Begun, Error> {
        let desk = self.oidc.as_ref().ok_or(Error::NotFound)?;
        let derived = Derived::of(&back.secret);
        let issuer = desk.provider.issuer();
        let own = subtle::ConstantTimeEq::ct_eq(derived.state.as_bytes(), back.state.as_bytes());
        let misled = back.issuer.as_deref().is_some_and(|told| told != issuer);
        if !bool::from(own) || misled || !desk.take(&derived.state) {
            return Err(Error::Unauthenticated);
        }
        let asked = (back.redirect_uri.as_str(), derived.nonce.as_str());
        let now = self.clock.now().as_seconds();
        let address = browser.address;
        // Each return is a request to the provider with our credentials: few wrong ones from anywhere.
        let counted = format!("{COUNTED}{}", derived.state);
        let attempt = self.throttle.admit(&counted, address).await?;
        let identity = desk
            .provider
            .identify(&back.code, &derived.verifier, asked, now)
            .await;
        let identity = match identity {
            Ok(identity) => identity,
            Err(error) => {
                // A provider that is away says nothing about who came back.
                if !error.is_of_provider() {
                    attempt.fail();
                }
                return Err(explain(error));
            }
        };
        let found = async {
            let user = self
                .find_or_make_person(issuer, identity, address, request)
                .await?;
            Ok((user, self.recognize_person(user).await?))
        };
        let found = found.await;
        match &found {
            Ok(_) => attempt.forgive(),
            // Whoever may not come in asks the provider and looks for their account as often as they like else.
            Err(Error::Unauthenticated) => attempt.fail(),
            Err(_) => {}
        }
        let (user, caller) = found?;
        let context = Context {
            caller,
            address,
            request,
        };
        let by_groups = self
            .settings
            .oidc
            .as_ref()
            .is_some_and(OidcSettings::reads_groups);
        let lasts = if by_groups {
            GROUP_SESSION_LIFETIME
        } else {
            SESSION_LIFETIME
        };
        let secret = self.begin_session(&context, user, browser, lasts).await?;
        Ok(Begun {
            secret,
            caller: context.caller,
            lasts,
        })
    }
}

/// The cause is for the operator: whoever came back hears that it did not work.
fn explain(error: OidcError) -> Error {
    let cause = &error as &dyn std::error::Error;
    tracing::warn!(error = cause, "a sign-in through the provider failed");
    match error.is_of_provider() {
        true => Error::Busy("the identity provider cannot be asked".into()),
        false => Error::Unauthenticated,
    }
}
