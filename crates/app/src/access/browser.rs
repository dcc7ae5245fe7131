//! Sessions of browsers as credentials: recognized like any other, worth nothing but what their person is worth.
//!
//! What begins and ends them is `accounts::sessions`. Where a session's secret is looked at at all is the HTTP layer's
//! part: the management API alone.

use super::{
    AccountKey,
    authenticate::Recognized,
    hash_secret,
    verify::{REMEMBER, is_active},
};
use crate::{App, Error};
use aws_lc_rs::hmac;
use std::time::Duration;
use wharf_db::{Durability, Order, sessions};
use wharf_model::{Actions, Caller, CallerKind, Timestamp, UserId};

/// How long a session may rest. Shorter signs people out over lunch, longer leaves a shared machine signed in over night.
pub(crate) const SESSION_IDLE: Duration = Duration::from_secs(12 * 3600);

/// How long a session lasts at most, however busy. Shorter asks for passwords so often that people write them down;
/// longer gives a stolen one more than a week.
pub const SESSION_LIFETIME: Duration = Duration::from_secs(7 * 24 * 3600);

/// The same for people whose rights a provider's groups give: those are read at a sign-in and at no other time. Shorter
/// sends people there twice a day, longer leaves somebody who left a group with its rights over night.
pub(crate) const GROUP_SESSION_LIFETIME: Duration = Duration::from_secs(12 * 3600);

impl App {
    /// What the secret of a session proves; `used` says that this is to be noted.
    pub(super) async fn verify_session(
        &self,
        secret: &str,
        used: bool,
        now: Timestamp,
    ) -> Result<Option<Recognized>, Error> {
        let hash = hash_secret(secret);
        let kept = hash.clone();
        let found = self
            .db
            .look_up(move |tx| sessions::find_session(tx, &kept))
            .await;
        let Some(session) = found.map_err(Error::from)? else {
            return Ok(None);
        };
        if session.expires_at <= now || session.last_seen_at.plus(SESSION_IDLE) <= now {
            return Ok(None);
        }
        let key = AccountKey::User(session.user);
        let account = self.find_account_since(key, session.version).await?;
        let good = account
            .filter(|found| found.version == session.version && is_active(found, now))
            .is_some();
        if !good {
            return Ok(None);
        }
        if used {
            self.note_seen(hash, now);
        }
        Ok(Some(Recognized {
            account: Some((key, session.version)),
            kind: CallerKind::User,
            actions: Actions::ALL,
            scope: None,
            // A session is its person, as the password is: a token made at a browser outlives it.
            ends_at: None,
            believed_until: session.expires_at.min(now.plus(REMEMBER)),
        }))
    }

    /// The person as a caller, for whoever proved by other means than a credential of ours who they are.
    ///
    /// [`Error::Unauthenticated`] when the account is disabled or gone.
    pub(crate) async fn recognize_person(&self, id: UserId) -> Result<Caller, Error> {
        let (key, now) = (AccountKey::User(id), self.clock.now());
        let account = self.find_account(key).await?;
        let version = account.ok_or(Error::Unauthenticated)?.version;
        let recognized = Recognized {
            account: Some((key, version)),
            kind: CallerKind::User,
            actions: Actions::ALL,
            scope: None,
            ends_at: None,
            believed_until: now,
        };
        let caller = self.caller_of(&recognized, now).await?;
        caller.ok_or(Error::Unauthenticated)
    }

    /// Notes that a session is used without making anybody wait; once in the time for which it is remembered.
    fn note_seen(&self, hash: Vec<u8>, now: Timestamp) {
        let app = self.clone();
        tokio::spawn(async move {
            let noted = app
                .db
                .write_in_order(Durability::Relaxed, Order::Statements, move |tx| {
                    sessions::note_seen(tx, &hash, now)
                })
                .await;
            if let Err(error) = noted {
                tracing::debug!(%error, "the use of a session was not noted");
            }
        });
    }

    /// Forgets what is remembered of a session that ended: the next request with its secret finds nothing.
    pub(crate) fn forget_session(&self, secret_hash: &[u8]) {
        for key in [
            self.session_key(secret_hash),
            self.watched_session_key(secret_hash),
        ] {
            self.memory.credentials.forget(&key);
        }
    }

    /// Under which key a session is remembered; made of what the rows keep, so that it can be forgotten without the secret.
    pub(super) fn session_key(&self, secret_hash: &[u8]) -> [u8; 32] {
        self.key_of_session(b"session", secret_hash)
    }

    /// The same for one that is only watched: what a stream remembers keeps no request from noting that it was used.
    pub(super) fn watched_session_key(&self, secret_hash: &[u8]) -> [u8; 32] {
        self.key_of_session(b"watched session", secret_hash)
    }

    fn key_of_session(&self, word: &[u8], secret_hash: &[u8]) -> [u8; 32] {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.keys.memory);
        let mut context = hmac::Context::with_key(&key);
        context.update(word);
        context.update(secret_hash);
        let mut hash = [0; 32];
        hash.copy_from_slice(context.sign().as_ref());
        hash
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Context, Credential, accounts::Browser, stats::tests::Scene};
    use std::net::{IpAddr, Ipv4Addr};
    use wharf_model::{Identity, RequestId};

    const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    #[tokio::test]
    async fn a_session_that_is_only_watched_idles_out_and_each_use_beside_that_counts() {
        let scene = Scene::make().await;
        let app = &scene.app;
        let credential = Credential::Basic {
            name: "admin",
            secret: "a fine long phrase",
        };
        let context = Context {
            caller: app.authenticate(credential, HERE).await.unwrap(),
            address: HERE,
            request: RequestId::new(),
        };
        let Identity::User(owner) = context.caller.identity else {
            panic!("a user")
        };
        let browser = Browser {
            user_agent: String::new(),
            address: HERE,
            replaces: None,
        };
        let secret = app
            .begin_session(&context, owner, browser, SESSION_LIFETIME)
            .await
            .unwrap();
        let watch = || app.authenticate(Credential::WatchedSession(&secret), HERE);
        let use_it = || app.authenticate(Credential::Session(&secret), HERE);
        let seen = async || {
            let listed = app.list_sessions(&context, None).await.unwrap();
            listed[0].0.last_seen_at
        };
        for _ in 0..11 {
            scene.advance(Duration::from_secs(3600));
            watch().await.unwrap();
        }
        use_it().await.unwrap();
        while seen().await < app.clock.now() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        for _ in 0..11 {
            scene.advance(Duration::from_secs(3600));
            watch().await.unwrap();
        }
        scene.advance(Duration::from_secs(3600));
        assert!(matches!(watch().await, Err(Error::Unauthenticated)));
        assert!(matches!(use_it().await, Err(Error::Unauthenticated)));
    }
}
