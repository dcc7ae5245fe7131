//! Signing in to a code host through the person's browser: it goes there and comes back with a code.
//!
//! The state that goes there is bound to the session that it went from: it is signed by a key that is made of the session's
//! secret, and so is the PKCE verifier. A return that another browser began, one that somebody else was given, and one whose
//! session ended prove nothing, and nothing waits on the server meanwhile. Called by the management API.

use super::{HostFailure, Source, device::find_app, form::read_address, granted::Authorized};
use crate::{App, Context, Error, accounts::require_manager};
use aws_lc_rs::{digest, hmac, rand};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use std::time::Duration;
use wharf_integrations::{
    Secret,
    forge::web_login::{WebLogin, redeem_code, write_authorization_url},
};
use wharf_model::{SourceAddress, SourceKind, Timestamp};

/// For how long a browser may be away. Shorter breaks sign-ins with a second factor that is at home, longer keeps returns
/// good that somebody forgot on a screen. GitHub's codes last as long.
const AWAY: Duration = Duration::from_secs(600);

/// Longest state and longest code that are looked at: ours has an address in it, GitHub's codes have twenty letters.
const MAX_LENGTH: usize = 2048;

/// A sign-in to be begun.
#[derive(Debug, Clone)]
pub struct NewWebLogin {
    /// What software the host runs; GitHub is what has the flow here.
    pub kind: SourceKind,
    /// Where it is; none for the one that everybody means.
    pub address: Option<String>,
}

/// Where the browser goes.
#[derive(Debug, Clone)]
pub struct BegunWebLogin {
    /// A page of the host.
    pub authorization_url: String,
    /// Until when it may come back.
    pub expires_at: Timestamp,
}

impl App {
    /// Begins a sign-in in the browser whose session has the secret `session`; [`Error::Conflict`] `no_session` without one.
    ///
    /// [`Error::Conflict`] `no_oauth_app` when the administrator set no app for the host, `no_oauth_secret` when it has no
    /// secret, without which the host gives no token for a code.
    pub async fn start_web_login(
        &self,
        context: &Context,
        session: Option<&str>,
        new: NewWebLogin,
        redirect_uri: &str,
    ) -> Result<BegunWebLogin, Error> {
        let owner = require_manager(&context.caller)?;
        let session = require_session(session)?;
        if new.kind != SourceKind::Github {
            return Err(Error::invalid("kind", "no_web_flow"));
        }
        let address = read_address(new.kind, new.address.as_deref())?;
        let app = find_app(&self.configuration.live().oauth_apps, &address)?;
        if app.client_secret.is_none() {
            return Err(Error::Conflict {
                what: "no_oauth_secret",
            });
        }
        let known = self.check_sign_in(owner, new.kind, &address).await?;
        let expires_at = self.clock.now().plus(AWAY);
        let mut nonce = [0; 16];
        rand::fill(&mut nonce).map_err(|_| Error::internal("no randomness"))?;
        let ends = expires_at.as_seconds();
        let away = Away::begin(session, &URL_SAFE_NO_PAD.encode(nonce), ends, &address);
        let challenge = digest::digest(&digest::SHA256, away.verifier.as_bytes());
        let login = WebLogin {
            redirect_uri,
            state: &away.state,
            challenge: &URL_SAFE_NO_PAD.encode(challenge.as_ref()),
            account: known.as_deref(),
        };
        Ok(BegunWebLogin {
            authorization_url: write_authorization_url(&app, &login).into(),
            expires_at,
        })
    }

    /// Connects the account of whoever came back to the session with the secret `session`.
    ///
    /// [`Error::Conflict`] `other_sign_in` when `state` is not what this session went with, or too old;
    /// [`Error::Upstream`] `sign_in_failed` when the host does not take the code.
    pub async fn finish_web_login(
        &self,
        context: &Context,
        session: Option<&str>,
        (state, code): (&str, &str),
        redirect_uri: &str,
    ) -> Result<Source, Error> {
        let owner = require_manager(&context.caller)?;
        let session = require_session(session)?;
        let stale = || Error::Conflict {
            what: "other_sign_in",
        };
        let now = self.clock.now();
        let (away, address) = Away::resume(session, state, now.as_seconds()).ok_or_else(stale)?;
        if code.is_empty() || code.len() > MAX_LENGTH {
            return Err(Error::invalid("code", "malformed"));
        }
        let app = find_app(&self.configuration.live().oauth_apps, &address)?;
        let verifier = Secret::new(away.verifier);
        let redeemed = redeem_code(&self.egress, &app, code, &verifier, redirect_uri).await;
        let grant = redeemed.map_err(HostFailure::from)?;
        let authorized = Authorized {
            owner,
            kind: SourceKind::Github,
            address,
            ca: None,
        };
        self.connect_granted(context, authorized, grant).await
    }
}

fn require_session(session: Option<&str>) -> Result<&str, Error> {
    session.ok_or(Error::Conflict { what: "no_session" })
}

/// What a browser goes with, and what is kept of it nowhere: all of it comes from the session's secret and the state.
struct Away {
    state: String,
    verifier: String,
}

impl Away {
    fn begin(session: &str, nonce: &str, ends: i64, address: &SourceAddress) -> Self {
        let address = URL_SAFE_NO_PAD.encode(address.as_str());
        let facts = format!("{nonce}.{ends}.{address}");
        Self {
            state: format!("{facts}.{}", derive(session, "state", &facts)),
            verifier: derive(session, "verifier", &facts),
        }
    }

    /// The same again of a state that came back, and the host that it went to.
    fn resume(session: &str, state: &str, now: i64) -> Option<(Self, SourceAddress)> {
        if state.len() > MAX_LENGTH {
            return None;
        }
        let (facts, signed) = state.rsplit_once('.')?;
        let own = derive(session, "state", facts);
        if !bool::from(subtle::ConstantTimeEq::ct_eq(
            own.as_bytes(),
            signed.as_bytes(),
        )) {
            return None;
        }
        let mut parts = facts.split('.').skip(1);
        let ends: i64 = parts.next()?.parse().ok()?;
        let address = URL_SAFE_NO_PAD.decode(parts.next()?).ok()?;
        let address = String::from_utf8(address).ok()?.parse().ok()?;
        let away = Self {
            state: state.to_owned(),
            verifier: derive(session, "verifier", facts),
        };
        (now < ends).then_some((away, address))
    }
}

/// One value for one purpose; none tells another, or the secret.
fn derive(session: &str, purpose: &str, facts: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, session.as_bytes());
    let tag = hmac::sign(&key, format!("web login {purpose} {facts}").as_bytes());
    URL_SAFE_NO_PAD.encode(tag.as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_good_in_its_own_session_until_its_end() {
        let address: SourceAddress = "https://github.example".parse().unwrap();
        let away = Away::begin("session", "nonce", 1000, &address);
        let resume = |session, state: &str, now| Away::resume(session, state, now);
        let (again, found) = resume("session", &away.state, 999).unwrap();
        assert_eq!(
            (again.verifier, found.as_str()),
            (away.verifier, address.as_str())
        );
        assert!(resume("session", &away.state, 1000).is_none());
        assert!(resume("another", &away.state, 999).is_none());
        let longer = away.state.replace(".1000.", ".9999.");
        let elsewhere = URL_SAFE_NO_PAD.encode("https://evil.example");
        let own = URL_SAFE_NO_PAD.encode(address.as_str());
        let misled = away.state.replace(&own, &elsewhere);
        for state in [
            longer,
            misled,
            String::new(),
            "a.b".into(),
            "x".repeat(3000),
        ] {
            assert_ne!(state, away.state);
            assert!(resume("session", &state, 999).is_none(), "{state}");
        }
        let other = Away::begin("session", "another", 1000, &address);
        assert!(other.state != away.state && other.verifier.len() == 43);
    }
}
