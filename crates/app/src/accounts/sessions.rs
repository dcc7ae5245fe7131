//! Sessions: a person signs in at a browser, sees where they are signed in, and ends it.
//!
//! A new secret is made at each sign-in and each change of the password, so that one that was planted or seen before is
//! worth nothing after. Refuses tokens and robots: what opens a session is a person's password. Called by the
//! management API alone.

use super::{require_manager, require_person};
use crate::{
    App, Context, Credential, Error,
    access::{AccountKey, SESSION_IDLE, SESSION_LIFETIME, Secret, hash_secret},
    audit::record_audit,
};
use serde_json::json;
use std::{net::IpAddr, time::Duration};
use wharf_db::{Durability, Tx, sessions};
use wharf_model::{AuditAction, Caller, CallerKind, RequestId, SessionId, UserId};

pub use wharf_db::sessions::Session;

/// Most sessions of one person; the one that rested longest ends for a new one. More than anybody has browsers, few
/// enough for one page.
const MAX_SESSIONS: usize = 50;

/// How much of what a browser calls itself is kept: enough to tell two apart, not a place to store things.
const MAX_USER_AGENT: usize = 300;

/// The browser that a session is for.
#[derive(Debug, Clone)]
pub struct Browser {
    /// What it calls itself.
    pub user_agent: String,
    /// Where it is.
    pub address: IpAddr,
    /// The secret of the session that it brought along, which ends.
    pub replaces: Option<String>,
}

/// A session that began.
pub struct Begun {
    /// What the browser proves it with; shown this once.
    pub secret: String,
    /// Who signed in.
    pub caller: Caller,
    /// How long it lasts at most.
    pub lasts: Duration,
}

/// A session about to be written.
pub(crate) struct Draft {
    session: Session,
    replaces: Option<Vec<u8>>,
}

impl App {
    /// Signs a person in by their password, and ends the session that their browser had before.
    ///
    /// Answers [`Error::Unauthenticated`] whatever is wrong, and [`Error::TooManyAttempts`] after too many wrong passwords,
    /// counted together with those at every other door.
    pub async fn sign_in(
        &self,
        name: &str,
        password: &str,
        browser: Browser,
        request: RequestId,
    ) -> Result<Begun, Error> {
        let credential = Credential::Basic {
            name,
            secret: password,
        };
        let address = browser.address;
        let caller = self.authenticate(credential, address).await?;
        let owner = match caller.kind {
            CallerKind::User => require_person(&caller)?,
            _ => return Err(Error::Unauthenticated),
        };
        let context = Context {
            caller,
            address,
            request,
        };
        let lasts = SESSION_LIFETIME;
        let secret = self.begin_session(&context, owner, browser, lasts).await?;
        Ok(Begun {
            secret,
            caller: context.caller,
            lasts,
        })
    }

    /// Begins a session of `owner`, who was recognized as `context.caller`; answers its secret.
    pub(crate) async fn begin_session(
        &self,
        context: &Context,
        owner: UserId,
        browser: Browser,
        lasts: Duration,
    ) -> Result<String, Error> {
        let (draft, secret) = self.draft_session(browser, lasts);
        let (now, context) = (draft.session.created_at, context.clone());
        let written = self.db.write(Durability::Durable, move |tx| {
            let forget = write_session(tx, owner, &draft)?;
            // What changed the account since the password was verified may have been meant against whoever signs in now.
            let kept = sessions::find_session(tx, &draft.session.secret_hash)?;
            if kept.is_none_or(|kept| kept.version != context.caller.version) {
                return Err(Error::Unauthenticated);
            }
            let target = context.caller.name.to_string();
            record_audit(
                tx,
                &context,
                now,
                AuditAction::SessionBegin,
                &target,
                None,
                &json!({}),
            )?;
            Ok::<_, Error>(forget)
        });
        let ended = written.await?;
        ended.iter().for_each(|hash| self.forget_session(hash));
        Ok(secret)
    }

    /// A session for `browser` that begins now and is over after `lasts`, and its secret.
    pub(crate) fn draft_session(&self, browser: Browser, lasts: Duration) -> (Draft, String) {
        let now = self.clock.now();
        let secret = Secret::of_session();
        let readable = |character: &char| !character.is_control();
        let agent = browser.user_agent.chars().filter(readable);
        let draft = Draft {
            session: Session {
                id: SessionId::new(),
                secret_hash: secret.hash(),
                user_agent: agent.take(MAX_USER_AGENT).collect(),
                address: browser.address.to_string(),
                created_at: now,
                last_seen_at: now,
                expires_at: now.plus(lasts),
            },
            replaces: browser.replaces.map(|secret| hash_secret(&secret)),
        };
        (draft, secret.into_text())
    }

    /// Ends the session with this secret, if there is one: nothing more is proved by it from the next request on.
    pub async fn end_session(&self, secret: &str) -> Result<(), Error> {
        let hash = hash_secret(secret);
        let gone = hash.clone();
        let ended = self.db.write(Durability::Durable, move |tx| {
            sessions::delete_by_secret(tx, &gone)
        });
        ended.await.map_err(Error::from)?;
        self.forget_session(&hash);
        Ok(())
    }

    /// Where the caller is signed in, used last first. The second value tells which one `current` is the secret of.
    pub async fn list_sessions(
        &self,
        context: &Context,
        current: Option<&str>,
    ) -> Result<Vec<(Session, bool)>, Error> {
        let owner = require_manager(&context.caller)?;
        let now = self.clock.now();
        let since = now.minus(SESSION_IDLE);
        let found = self
            .db
            .read(move |tx| sessions::list_sessions(tx, owner, since, now));
        let current = current.map(hash_secret);
        let found = found.await.map_err(Error::from)?;
        let mark = |session: Session| {
            let is_current = Some(&session.secret_hash) == current.as_ref();
            (session, is_current)
        };
        Ok(found.into_iter().map(mark).collect())
    }

    /// Ends one of the caller's sessions, at once.
    pub async fn end_own_session(&self, context: &Context, id: SessionId) -> Result<(), Error> {
        let owner = require_manager(&context.caller)?;
        let (context, now) = (context.clone(), self.clock.now());
        let ended = self.db.write(Durability::Durable, move |tx| {
            let hash = sessions::delete_session(tx, owner, id)?.ok_or(Error::NotFound)?;
            let target = context.caller.name.to_string();
            record_audit(
                tx,
                &context,
                now,
                AuditAction::SessionEnd,
                &target,
                None,
                &json!({}),
            )?;
            Ok::<_, Error>(hash)
        });
        self.forget_session(&ended.await?);
        Ok(())
    }

    /// Removes sessions that nobody can use anymore.
    pub(crate) async fn sweep_sessions(&self) -> Result<(), Error> {
        let now = self.clock.now();
        let since = now.minus(SESSION_IDLE);
        let swept = self.db.write(Durability::Relaxed, move |tx| {
            sessions::delete_ended(tx, since, now)
        });
        swept.await.map_err(Error::from)
    }

    /// Forgets a person and the sessions that ended with a change of theirs.
    pub(crate) fn forget_person(&self, id: UserId, sessions: &[Vec<u8>]) {
        self.memory.accounts.forget(&AccountKey::User(id));
        sessions.iter().for_each(|hash| self.forget_session(hash));
    }
}

/// Writes a session at the account's present version and ends what it replaces; answers what is to be forgotten.
pub(crate) fn write_session(
    tx: &mut Tx<'_>,
    owner: UserId,
    draft: &Draft,
) -> Result<Vec<Vec<u8>>, Error> {
    let mut forget = Vec::new();
    if let Some(hash) = &draft.replaces {
        sessions::delete_by_secret(tx, hash)?;
        forget.push(hash.clone());
    }
    if !sessions::insert_session(tx, owner, &draft.session)? {
        return Err(Error::Unauthenticated);
    }
    forget.extend(sessions::delete_beyond(tx, owner, MAX_SESSIONS)?);
    Ok(forget)
}
