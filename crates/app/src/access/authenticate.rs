//! Credentials become callers; verified ones are remembered for a minute as keyed hashes.

use super::{AccountKey, hash_secret, verify::is_active};
use crate::{App, Error};
use aws_lc_rs::hmac;
use std::{net::IpAddr, sync::Arc};
use wharf_model::{Actions, Caller, CallerKind, Identity, Scope, Timestamp};

/// Longest password or secret looked at; nobody types more, and hashing time would grow with it.
const MAX_SECRET: usize = 512;

/// Longest login name looked at: a namespace's and a robot's of 64 bytes each, and the `+` between them.
const MAX_NAME: usize = 129;

/// How often a credential is verified when its account changes meanwhile.
pub(super) const TRIES: usize = 3;

/// What a client sent to prove who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credential<'a> {
    /// A name with a password, an access token or a robot's secret (RFC 7617).
    Basic {
        /// The login name.
        name: &'a str,
        /// Its proof.
        secret: &'a str,
    },
    /// A registry token (RFC 6750); worth nothing outside `/v2`.
    RegistryToken(&'a str),
    /// A personal access token sent as a bearer token; for the management API.
    AccessToken(&'a str),
    /// The secret of a browser's session; for the management API alone.
    Session(&'a str),
    /// The same, looked at again for something that is still open: that it was seen is not noted, so that what is only left
    /// open does not keep a session from idling out.
    WatchedSession(&'a str),
}

/// A credential that was verified.
#[derive(Debug, Clone)]
pub(crate) struct Recognized {
    /// Nobody for an anonymous registry token.
    pub(super) account: Option<(AccountKey, i64)>,
    pub(super) kind: CallerKind,
    pub(super) actions: Actions,
    pub(super) scope: Option<Arc<Scope>>,
    /// When the credential itself ends; a robot's end is its account's.
    pub(super) ends_at: Option<Timestamp>,
    /// Until when it is believed without another look.
    pub(super) believed_until: Timestamp,
}

impl App {
    /// Who sent `credential`. Costs microseconds when it was verified within the last minute.
    ///
    /// Answers [`Error::Unauthenticated`] whatever is wrong with it, [`Error::TooManyAttempts`] after too many wrong
    /// ones for this account from this address, [`Error::Busy`] when too many are being verified.
    pub async fn authenticate(
        &self,
        credential: Credential<'_>,
        address: IpAddr,
    ) -> Result<Caller, Error> {
        if !is_possible(credential) {
            return Err(Error::Unauthenticated);
        }
        let key = self.hash_credential(credential);
        let now = self.clock.now();
        if let Some(caller) = self.remembered_caller(&key, now).await? {
            return Ok(caller);
        }
        let attempt = match counted_as(credential) {
            None => None,
            Some(counted) => {
                let attempt = self.throttle.admit(&counted, address).await?;
                // It may have waited for one who came with the same credential.
                if let Some(caller) = self.remembered_caller(&key, now).await? {
                    return Ok(caller);
                }
                Some(attempt)
            }
        };
        // An account that changes meanwhile may have ended the credential: then it is verified again, as it is now.
        for _ in 0..TRIES {
            let Some(recognized) = self.verify(credential, now).await? else {
                if let Some(attempt) = attempt {
                    attempt.fail();
                    metrics::counter!("wharf_login_failures_total").increment(1);
                }
                return Err(Error::Unauthenticated);
            };
            let Some(caller) = self.caller_of(&recognized, now).await? else {
                continue;
            };
            // Remembered only for as long as nothing was forgotten since: the version is compared at each use.
            let by_password = recognized.kind == CallerKind::User;
            let remembered = async { Ok::<_, Error>(Some(recognized)) };
            self.memory
                .credentials
                .get_or_load(&key, remembered)
                .await?;
            // A token or a robot that works says nothing about the passwords that were tried beside it.
            if let (Some(attempt), true) = (attempt, by_password) {
                attempt.forgive();
            }
            return Ok(caller);
        }
        Err(Error::Unauthenticated)
    }

    async fn remembered_caller(
        &self,
        key: &[u8; 32],
        now: Timestamp,
    ) -> Result<Option<Caller>, Error> {
        let Some(recognized) = self.memory.credentials.get(key) else {
            return Ok(None);
        };
        if recognized.believed_until > now
            && let Some(caller) = self.caller_of(&recognized, now).await?
        {
            return Ok(Some(caller));
        }
        self.memory.credentials.forget(key);
        Ok(None)
    }

    fn hash_credential(&self, credential: Credential<'_>) -> [u8; 32] {
        match credential {
            Credential::Session(secret) => return self.session_key(&hash_secret(secret)),
            Credential::WatchedSession(secret) => {
                return self.watched_session_key(&hash_secret(secret));
            }
            _ => {}
        }
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.keys.memory);
        let mut context = hmac::Context::with_key(&key);
        match credential {
            Credential::Basic { name, secret } => {
                context.update(b"basic");
                context.update(&(name.len() as u64).to_le_bytes());
                context.update(name.as_bytes());
                context.update(secret.as_bytes());
            }
            Credential::RegistryToken(text) => {
                context.update(b"registry");
                context.update(text.as_bytes());
            }
            Credential::AccessToken(text) => {
                context.update(b"access");
                context.update(text.as_bytes());
            }
            Credential::Session(_) | Credential::WatchedSession(_) => {}
        }
        let mut hash = [0; 32];
        hash.copy_from_slice(context.sign().as_ref());
        hash
    }

    /// The caller as it is now; `None` when the account changed, ended or is disabled.
    pub(super) async fn caller_of(
        &self,
        recognized: &Recognized,
        now: Timestamp,
    ) -> Result<Option<Caller>, Error> {
        let Some((key, version)) = recognized.account else {
            let scope = recognized.scope.clone();
            return Ok(Some(Caller {
                scope,
                ..Caller::anonymous()
            }));
        };
        let Some(account) = self.find_account_since(key, version).await? else {
            return Ok(None);
        };
        if account.version != version || !is_active(&account, now) {
            return Ok(None);
        }
        Ok(Some(Caller {
            identity: match key {
                AccountKey::User(id) => Identity::User(id),
                AccountKey::Robot(id) => Identity::Robot(id),
            },
            kind: recognized.kind,
            name: account.name.clone(),
            version,
            admin: account.admin,
            roles: account.roles.clone(),
            actions: recognized.actions,
            scope: recognized.scope.clone(),
            ends_at: recognized
                .ends_at
                .into_iter()
                .chain(account.expires_at)
                .min(),
            sponsor: account.sponsor,
        }))
    }
}

/// The name under which a wrong one is counted; a signature cannot be guessed.
fn counted_as(credential: Credential<'_>) -> Option<String> {
    match credential {
        Credential::Basic { name, .. } => Some(name.to_owned()),
        // Each dead token has a count of its own, so that it does not lock out its neighbors.
        Credential::AccessToken(secret) => Some(hex::encode(&hash_secret(secret)[..8])),
        // Nor can 256 bits.
        Credential::RegistryToken(_) | Credential::Session(_) | Credential::WatchedSession(_) => {
            None
        }
    }
}

/// Whether a credential is worth looking at.
fn is_possible(credential: Credential<'_>) -> bool {
    match credential {
        Credential::Basic { name, secret } => {
            (1..=MAX_SECRET).contains(&secret.len()) && is_possible_name(name)
        }
        Credential::AccessToken(_) | Credential::RegistryToken(_) => true,
        Credential::Session(secret) | Credential::WatchedSession(secret) => {
            secret.len() <= MAX_SECRET
        }
    }
}

/// Whether a name is worth looking for. PostgreSQL takes no text with NUL, and nobody has a control character in a name.
fn is_possible_name(name: &str) -> bool {
    name.len() <= MAX_NAME && !name.contains(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_nobody_can_have_are_not_looked_for() {
        let longest = format!("{}+{}", "n".repeat(64), "r".repeat(64));
        for name in ["alice", "team+ci", "Alice", "", &longest] {
            assert!(is_possible_name(name), "{name:?}");
        }
        for name in ["vic\0tim", "\0", "a\n", "\u{85}", &format!("{longest}x")] {
            assert!(!is_possible_name(name), "{name:?}");
        }
    }
}
