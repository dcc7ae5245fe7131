//! Passwords are hashed with argon2id, off the async threads and never many at a time.

use crate::Error;
use argon2::{Argon2, PasswordHasher, PasswordVerifier, password_hash::phc::PasswordHash};
use std::sync::{Arc, LazyLock};
use tokio::sync::Semaphore;

/// One hash takes 19 MiB and about 20 ms of a core (OWASP's second choice, argon2's default): two at a time leave a
/// small machine responsive.
const AT_ONCE: usize = 2;

/// How many may wait. With these the last one waits less than a client's patience; more are turned away.
const WAITING: usize = 64;

/// Hashes and verifies passwords.
#[derive(Clone)]
pub(crate) struct Passwords {
    working: Arc<Semaphore>,
    admitted: Arc<Semaphore>,
}

/// What an unknown account is verified against, so that its answer takes as long as a known one's.
static NOBODY: LazyLock<String> = LazyLock::new(|| hash("nobody").unwrap_or_default());

fn hash(password: &str) -> Result<String, Error> {
    Argon2::default()
        .hash_password(password.as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|error| Error::internal(error.to_string()))
}

fn verify(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| {
        Argon2::default()
            .verify_password(password.as_bytes(), &hash)
            .is_ok()
    })
}

impl Passwords {
    pub(crate) fn new() -> Self {
        Self {
            working: Arc::new(Semaphore::new(AT_ONCE)),
            admitted: Arc::new(Semaphore::new(AT_ONCE + WAITING)),
        }
    }

    /// The hash to keep for `password`.
    pub(crate) async fn hash(&self, password: String) -> Result<String, Error> {
        self.work(move || hash(&password)).await?
    }

    /// Whether `password` belongs to `hash`; without a hash the answer is no, after the same work.
    pub(crate) async fn verify(
        &self,
        password: String,
        hash: Option<String>,
    ) -> Result<bool, Error> {
        // Who signs in elsewhere has none here; that takes as long to find out as anything else.
        let hash = hash.filter(|hash| !hash.is_empty());
        self.work(move || match hash {
            Some(hash) => verify(&password, &hash),
            None => {
                // The work is what matters: its result is kept from being optimized away, not used.
                std::hint::black_box(verify(&password, &NOBODY));
                false
            }
        })
        .await
    }

    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Error> {
        let busy = || Error::Busy("too many sign-ins at once".into());
        let admitted = self
            .admitted
            .clone()
            .try_acquire_owned()
            .map_err(|_| busy())?;
        let permit = self
            .working
            .clone()
            .acquire_owned()
            .await
            .map_err(|_| busy())?;
        let work = move || {
            // Both go with the work, which goes on when its client leaves.
            let _held = (admitted, permit);
            work()
        };
        tokio::task::spawn_blocking(work)
            .await
            .map_err(Error::internal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_verifies_against_its_own_hash_only() {
        let passwords = Passwords::new();
        let hash = passwords.hash("correct horse".into()).await.unwrap();
        assert!(hash.starts_with("$argon2id$"));
        let verify = |password: &str, hash| passwords.verify(password.into(), hash);
        assert!(verify("correct horse", Some(hash.clone())).await.unwrap());
        assert!(!verify("battery", Some(hash)).await.unwrap());
        assert!(!verify("nobody", None).await.unwrap());
    }
}
