//! Passwords, tokens and secrets are compared with what the rows keep of them.
//!
//! What is believed is tied to the account's version in the same row, so that a change of the account ends it. Refuses
//! to count: `authenticate` does, which alone calls this.

use super::authenticate::{Credential, Recognized, TRIES};
use super::{Account, AccountKey, ROBOT_PREFIX, TOKEN_PREFIX, hash_secret, registry_token};
use crate::{App, Error};
use std::{sync::Arc, time::Duration};
use subtle::ConstantTimeEq;
use wharf_db::{Durability, Order, accounts};
use wharf_model::{Actions, CallerKind, Timestamp};

/// How long a verified password, token or secret is believed without verifying it again. What its owner changes is
/// noticed at once, by the owner's version.
pub(super) const REMEMBER: Duration = Duration::from_secs(60);

impl App {
    /// What `credential` proves; nothing when it is wrong, whatever is wrong with it.
    pub(super) async fn verify(
        &self,
        credential: Credential<'_>,
        now: Timestamp,
    ) -> Result<Option<Recognized>, Error> {
        match credential {
            Credential::Basic { name, secret } if secret.starts_with(TOKEN_PREFIX) => {
                self.verify_access_token(Some(name), secret, now).await
            }
            Credential::Basic { name, secret }
                if secret.starts_with(ROBOT_PREFIX) || name.contains('+') =>
            {
                self.verify_robot(name, secret, now).await
            }
            Credential::Basic { name, secret } => self.verify_password(name, secret, now).await,
            Credential::RegistryToken(text) => Ok(self.verify_registry_token(text, now)),
            Credential::AccessToken(secret) => self.verify_access_token(None, secret, now).await,
            Credential::Session(secret) => self.verify_session(secret, true, now).await,
            Credential::WatchedSession(secret) => self.verify_session(secret, false, now).await,
        }
    }

    fn verify_registry_token(&self, text: &str, now: Timestamp) -> Option<Recognized> {
        let service = &self.settings.service;
        let token = registry_token::verify(text, service, now, &self.keys)?;
        Some(Recognized {
            account: token.account,
            kind: token.kind,
            actions: token.actions,
            scope: Some(Arc::new(token.scope)),
            ends_at: Some(token.expires_at),
            believed_until: token.expires_at,
        })
    }

    async fn verify_password(
        &self,
        name: &str,
        password: &str,
        now: Timestamp,
    ) -> Result<Option<Recognized>, Error> {
        let mut found = self.find_password(name).await?;
        for _ in 0..TRIES {
            let hash = found.map(|found| found.hash);
            if !self
                .passwords
                .verify(password.to_owned(), hash.clone())
                .await?
            {
                return Ok(None);
            }
            // Hashing takes long: the version that counts is one under which the password is still this one.
            found = self.find_password(name).await?;
            if let Some(same) = found
                .as_ref()
                .filter(|still| hash.as_ref() == Some(&still.hash))
            {
                let account = (AccountKey::User(same.user), same.version);
                return self
                    .recognize(account, CallerKind::User, Actions::ALL, None, now)
                    .await;
            }
        }
        Ok(None)
    }

    async fn find_password(
        &self,
        name: &str,
    ) -> Result<Option<accounts::PasswordCredential>, Error> {
        let username = name.to_owned();
        let found = self
            .db
            .look_up(move |tx| accounts::find_password(tx, &username));
        found.await.map_err(Error::from)
    }

    async fn verify_access_token(
        &self,
        name: Option<&str>,
        secret: &str,
        now: Timestamp,
    ) -> Result<Option<Recognized>, Error> {
        let hash = hash_secret(secret);
        let found = self
            .db
            .look_up(move |tx| accounts::find_token(tx, &hash))
            .await;
        let Some(token) = found.map_err(Error::from)? else {
            return Ok(None);
        };
        if token.expires_at.is_some_and(|end| end <= now) {
            return Ok(None);
        }
        if name.is_some_and(|name| name != token.username) {
            return Ok(None);
        }
        let account = (AccountKey::User(token.user), token.version);
        let kind = CallerKind::Token(token.id);
        self.recognize(account, kind, token.actions, token.expires_at, now)
            .await
    }

    async fn verify_robot(
        &self,
        login: &str,
        secret: &str,
        now: Timestamp,
    ) -> Result<Option<Recognized>, Error> {
        let (namespace, name) = login.split_once('+').unwrap_or((login, ""));
        let (namespace, name) = (namespace.to_owned(), name.to_owned());
        let found = self
            .db
            .look_up(move |tx| accounts::find_robot_secret(tx, &namespace, &name))
            .await
            .map_err(Error::from)?;
        // An unknown robot is compared as well, so that its answer takes as long.
        let kept = found
            .as_ref()
            .map_or_else(|| vec![0; 32], |found| found.hash.clone());
        if !bool::from(hash_secret(secret).ct_eq(&kept)) {
            return Ok(None);
        }
        let Some(found) = found else { return Ok(None) };
        let account = (AccountKey::Robot(found.robot), found.version);
        self.recognize(account, CallerKind::Robot, found.actions, None, now)
            .await
    }

    /// What is believed of `account`, whose version was read together with what was verified: a change since then ends
    /// it.
    async fn recognize(
        &self,
        account: (AccountKey, i64),
        kind: CallerKind,
        actions: Actions,
        ends_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Option<Recognized>, Error> {
        let found = self.find_account(account.0).await?;
        if found.is_none_or(|found| !is_active(&found, now)) {
            return Ok(None);
        }
        self.note_use(account.0, kind, now);
        let end = now.plus(REMEMBER);
        Ok(Some(Recognized {
            account: Some(account),
            kind,
            actions,
            scope: None,
            ends_at,
            believed_until: ends_at.map_or(end, |own| own.min(end)),
        }))
    }

    /// Notes the use without making the caller wait; a lost note is no loss.
    fn note_use(&self, key: AccountKey, kind: CallerKind, now: Timestamp) {
        let app = self.clone();
        tokio::spawn(async move {
            let (user, robot) = match key {
                AccountKey::User(id) => (Some(id), None),
                AccountKey::Robot(id) => (None, Some(id)),
            };
            let token = match kind {
                CallerKind::Token(id) => Some(id),
                _ => None,
            };
            let noted = app
                .db
                .write_in_order(Durability::Relaxed, Order::Statements, move |tx| {
                    accounts::note_use(tx, user, token, robot, now)
                })
                .await;
            if let Err(error) = noted {
                tracing::debug!(%error, "the use of a credential was not noted");
            }
        });
    }
}

/// Whether the account may sign in at the moment.
pub(super) fn is_active(account: &Account, now: Timestamp) -> bool {
    !account.disabled && account.expires_at.is_none_or(|end| end > now)
}
